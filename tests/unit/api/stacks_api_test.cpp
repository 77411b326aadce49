#include <gtest/gtest.h>

#include "unit/api/api_fixture.hpp"

namespace bddlock::api {
namespace {

using StacksApi = ApiTest;

std::vector<std::string> names_in(const boost::json::object& page) {
  std::vector<std::string> out;
  for (const auto& item : page.at("items").as_array())
    out.emplace_back(item.at("stackName").as_string());
  return out;
}

TEST_F(StacksApi, AddsAStackAndShowsIt) {
  const std::string document =
      R"({"stackName":"a","repoName":"r","state":"available",)"
      R"("usedAt":"2020-09-13T12:26:40.000Z","fencingToken":0,"labels":{},)"
      R"("attributes":{},"note":"","claim":null,"heldUntil":null,)"
      R"("disabled":null,"deployed":null,"lastEnd":null})";
  const Response added = call(Method::post, "/v1/stacks", R"({"stackName":"a","repoName":"r"})");
  EXPECT_EQ(added.status, 201u);
  EXPECT_EQ(added.body, document);
  EXPECT_EQ(call(Method::get, "/v1/stacks/a").body, document);
}

TEST_F(StacksApi, ShowsAnAddedStackEvenWhereItCannotBeReadBack) {
  reader.calls_to_fail = 1;
  const Response added = call(Method::post, "/v1/stacks", R"({"stackName":"a","repoName":"r"})");
  EXPECT_EQ(added.status, 201u);
  EXPECT_EQ(object_in(added).at("state"), "available");
}

TEST_F(StacksApi, RefusesANameThatExistsWithTheStackAsItIs) {
  create("a", false, "theirs");
  const Response refused =
      call(Method::post, "/v1/stacks", R"({"stackName":"a","repoName":"mine"})");
  expect_problem(refused, 409, "stack_exists", R"(in the repo "theirs")");
  EXPECT_EQ(object_in(refused).at("repoName"), "theirs");
  EXPECT_EQ(object_in(refused).at("state"), "claimed");
}

TEST_F(StacksApi, RefusesABadBody) {
  expect_problem(call(Method::post, "/v1/stacks", "{"), 400, "invalid_request",
                 "the body is no JSON");
  expect_problem(call(Method::post, "/v1/stacks", R"({"stackname":"a","repoName":"r"})"), 400,
                 "invalid_request", "did you mean stackName?");
  expect_problem(call(Method::post, "/v1/stacks", R"({"stackName":"a/b","repoName":"r"})"), 400,
                 "invalid_request", "stackName ");
}

TEST_F(StacksApi, DoesNotKnowWhatIsNotThere) {
  expect_problem(call(Method::get, "/v1/stacks/nope"), 404, "stack_unknown", R"("nope")");
  expect_problem(call(Method::del, "/v1/stacks/nope"), 404, "stack_unknown", R"("nope")");
  expect_problem(call(Method::get, "/v1/stacks/a%2Fb"), 404, "stack_unknown", R"("a/b")");
}

TEST_F(StacksApi, RemovesAStackThatIsNotInUse) {
  create("free");
  create("used", false);
  const Response removed = call(Method::del, "/v1/stacks/free");
  EXPECT_EQ(removed.status, 204u);
  EXPECT_EQ(removed.body, "");
  expect_problem(call(Method::del, "/v1/stacks/used"), 409, "stack_in_use", "it is claimed");
  EXPECT_EQ(stored("used").state, core::State::claimed);
}

TEST_F(StacksApi, ListsInPages) {
  for (const char* name : {"a", "b", "c", "d", "e"}) create(name);
  std::vector<std::string> names;
  std::string cursor;
  for (int page_count = 0; page_count < 10; ++page_count) {
    const auto page = object_in(call(Method::get, "/v1/stacks?limit=2" + cursor));
    for (auto& name : names_in(page)) names.push_back(std::move(name));
    if (page.at("nextCursor").is_null()) break;
    cursor = "&cursor=" + std::string(page.at("nextCursor").as_string());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "c", "d", "e"}));
}

TEST_F(StacksApi, ListsByRepoAndState) {
  create("a", true, "one repo");
  create("b", false, "one repo");
  create("c");
  EXPECT_EQ(names_in(object_in(call(Method::get, "/v1/stacks?repoName=one+repo"))),
            (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(names_in(object_in(call(Method::get, "/v1/stacks?state=claimed"))),
            (std::vector<std::string>{"b"}));
  EXPECT_EQ(call(Method::get, "/v1/stacks?repoName=none").body,
            R"({"items":[],"nextCursor":null})");
}

class StacksApiBadQuery
    : public ApiTest,
      public testing::WithParamInterface<std::pair<std::string_view, std::string_view>> {};

TEST_P(StacksApiBadQuery, IsRefused) {
  const auto [query, part] = GetParam();
  expect_problem(call(Method::get, "/v1/stacks?" + std::string(query)), 400, "invalid_request",
                 part);
}

INSTANTIATE_TEST_SUITE_P(
    Queries, StacksApiBadQuery,
    testing::Values(std::pair{"limit=0", "limit must be a whole number from 1 to 1000"},
                    std::pair{"limit=1001", "limit must be"},
                    std::pair{"limit=ten", "limit must be"},
                    std::pair{"state=free", "state must be available, claimed, held or disabled"},
                    std::pair{"state=", "state must be"},
                    std::pair{"repoName=", "repoName is empty"},
                    std::pair{"cursor=!!", "cursor is none that this server gave"},
                    std::pair{"cursor=", "cursor is none"},
                    std::pair{"limit=1&limit=1", "limit is given twice"}));

TEST_F(StacksApi, SweepsAndSaysHowMany) {
  create("old", false);
  clock.advance(core::seconds{7200});
  EXPECT_EQ(call(Method::post, "/v1/sweep").body,
            R"({"released":0,"expired":0,"holdsEnded":0,"removed":0})");
  clock.advance(core::microseconds{1});
  EXPECT_EQ(call(Method::post, "/v1/sweep").body,
            R"({"released":1,"expired":0,"holdsEnded":0,"removed":0})");
  EXPECT_EQ(stored("old").state, core::State::available);
}

TEST_F(StacksApi, TellsItsVersionAndHealth) {
  EXPECT_EQ(call(Method::get, "/healthz").body,
            R"({"status":"ok","version":")" + std::string(BDDLOCK_VERSION) + "\"}");
  EXPECT_EQ(call(Method::get, "/readyz").body, R"({"status":"ok"})");
  EXPECT_EQ(object_in(call(Method::head, "/openapi.json")).at("openapi"), "3.1.0");
}

}  // namespace
}  // namespace bddlock::api
