#include <gtest/gtest.h>

#include "unit/api/api_fixture.hpp"

namespace bddlock::api {
namespace {

constexpr const char* requests_of_r = "/v1/repos/r/requests";

class RequestsApi : public ApiTest {
 protected:
  // A request that waits; its call stays open.
  std::future<Response> wait_for(const std::string& id, const std::string& more = "") {
    auto answer = begin({Method::post, "/v1/repos/r/claims", "secret",
                         R"({"requestId":")" + id + R"(","waitSeconds":50)" + more + "}", nullptr});
    static_cast<void>(call(Method::patch, "/v1/stacks/a", R"({"note":")" + id + "\"}"));
    return answer;
  }
  std::string ids(const std::string& query = "") {
    std::string out;
    for (const auto& item : items_in(call(Method::get, requests_of_r + query)))
      out += std::string(item.at("requestId").as_string()) + ":" +
             std::string(item.at("status").as_string()) + " ";
    return out;
  }
};

TEST_F(RequestsApi, ListsThoseThatWaitAndThenTheOthers) {
  add("a");
  static_cast<void>(claim(R"({"requestId":"has-it"})"));
  const auto first = wait_for("first");
  const auto second = wait_for("second", R"(,"priority":5)");
  EXPECT_EQ(ids(), "second:waiting first:waiting has-it:granted ");
  std::string all;
  std::string cursor;
  for (int pages = 0; pages < 9; ++pages) {
    const auto page = object_in(call(Method::get, requests_of_r + ("?limit=1" + cursor)));
    for (const auto& item : page.at("items").as_array())
      all += std::string(item.at("requestId").as_string()) + " ";
    if (page.at("nextCursor").is_null()) break;
    cursor = "&cursor=" + std::string(page.at("nextCursor").as_string());
  }
  EXPECT_EQ(all, "second first has-it ");
  service.stop_waiting();
}

TEST_F(RequestsApi, KnowsReposThatHaveNothingButStacks) {
  expect_problem(call(Method::get, "/v1/repos/nope/requests"), 404, "repo_unknown");
  add("a");
  EXPECT_EQ(call(Method::get, requests_of_r).body, R"({"items":[],"nextCursor":null})");
  expect_problem(call(Method::get, "/v1/repos/r/requests?cursor=x"), 400, "invalid_request",
                 "cursor is none");
}

TEST_F(RequestsApi, ExplainsWhatARequestWaitsFor) {
  add("a");
  static_cast<void>(claim(R"({"holder":{"job":"4711"}})"));
  const auto waiting = wait_for("first", R"(,"holder":{"job":"4712"})");
  const Response shown = call(Method::get, "/v1/repos/r/requests/first");
  ASSERT_EQ(shown.status, 200u) << shown.body;
  const auto document = object_in(shown);
  EXPECT_EQ(document.at("status"), "waiting");
  EXPECT_EQ(document.at("position"), 1);
  EXPECT_EQ(document.at("holder").at("job"), "4712");
  const auto& explain = document.at("explain").as_object();
  EXPECT_EQ(explain.at("open"), true);
  EXPECT_EQ(explain.at("suitable").at(0).at("stackName"), "a");
  EXPECT_EQ(explain.at("suitable").at(0).at("why"), "claimed");
  EXPECT_EQ(explain.at("suitable").at(0).at("holder").at("job"), "4711");
  EXPECT_FALSE(explain.at("first").as_array().empty());
  service.stop_waiting();
}

TEST_F(RequestsApi, ShowsWhatAGrantedOneHas) {
  add("a");
  static_cast<void>(claim(R"({"requestId":"build-1"})"));
  const auto document = object_in(call(Method::get, "/v1/repos/r/requests/build-1"));
  EXPECT_EQ(document.at("status"), "granted");
  EXPECT_EQ(document.at("claims").at(0).at("stackName"), "a");
  EXPECT_TRUE(document.at("explain").is_null());
}

TEST_F(RequestsApi, DoesNotKnowThoseOfOtherRepos) {
  add("a");
  add("b", "other");
  static_cast<void>(claim(R"({"requestId":"build-1"})"));
  const std::string path = "/v1/repos/other/requests/build-1";
  expect_problem(call(Method::get, path), 404, "request_unknown");
  expect_problem(call(Method::patch, path, R"({"priority":1})"), 404, "request_unknown");
  expect_problem(call(Method::del, path), 404, "request_unknown");
  expect_problem(call(Method::get, "/v1/repos/r/requests/a%2Fb"), 404, "request_unknown");
}

TEST_F(RequestsApi, ChangesThePriorityOfOneThatWaits) {
  add("a");
  static_cast<void>(claim());
  const auto first = wait_for("first");
  const auto second = wait_for("second");
  const Response changed = call(Method::patch, "/v1/repos/r/requests/second", R"({"priority":1})");
  EXPECT_EQ(changed.status, 200u) << changed.body;
  EXPECT_EQ(object_in(changed).at("position"), 1);
  EXPECT_EQ(ids("?limit=2"), "second:waiting first:waiting ");
  expect_problem(call(Method::patch, "/v1/repos/r/requests/second", R"({"priority":101})"), 400,
                 "invalid_request");
  service.stop_waiting();
}

TEST_F(RequestsApi, WithdrawsOneThatWaits) {
  add("a");
  static_cast<void>(claim());
  auto waiting = wait_for("first");
  const Response withdrawn = call(Method::del, "/v1/repos/r/requests/first");
  EXPECT_EQ(withdrawn.status, 204u) << withdrawn.body;
  expect_problem(waiting.get(), 410, "request_ended", "withdrawn");
  expect_problem(call(Method::del, "/v1/repos/r/requests/first"), 404, "request_unknown");
}

TEST_F(RequestsApi, GivesTheClaimsOfOneThatWasGrantedMeanwhile) {
  add("a");
  const auto mine = claim(R"({"requestId":"build-1"})");
  for (const Response& late :
       {call(Method::del, "/v1/repos/r/requests/build-1"),
        call(Method::patch, "/v1/repos/r/requests/build-1", R"({"priority":1})")}) {
    expect_problem(late, 409, "request_granted");
    EXPECT_EQ(object_in(late).at("claims").at(0).as_object(), mine);
  }
  static_cast<void>(call(Method::post, claim_path(mine, "/release")));
  expect_problem(call(Method::del, "/v1/repos/r/requests/build-1"), 410, "request_ended");
}

}  // namespace
}  // namespace bddlock::api
