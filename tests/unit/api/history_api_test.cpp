#include <gtest/gtest.h>

#include "unit/api/api_fixture.hpp"

namespace bddlock::api {
namespace {

class HistoryApi : public ApiTest {
 protected:
  std::string kinds(const std::string& path) {
    std::string out;
    std::string cursor;
    for (int pages = 0; pages < 99; ++pages) {
      const bool has_query = path.find('?') != std::string::npos;
      const auto page = object_in(
          call(Method::get, path + (cursor.empty() ? "" : (has_query ? "&" : "?") + cursor)));
      for (const auto& item : page.at("items").as_array())
        out += std::string(item.at("kind").as_string()) + " ";
      if (page.at("nextCursor").is_null()) break;
      cursor = "cursor=" + std::string(page.at("nextCursor").as_string());
    }
    return out;
  }
};

TEST_F(HistoryApi, TellsAStacksLifeNewestFirst) {
  add("a");
  const auto mine = claim(R"({"requestId":"build-1","holder":{"job":"4711"}})");
  clock.advance(core::seconds{61});
  static_cast<void>(
      call(Method::post, claim_path(mine, "/release"), R"({"outcome":"failed","note":"red"})"));
  EXPECT_EQ(kinds("/v1/stacks/a/history"), "released claimed created ");
  const auto released =
      object_in(call(Method::get, "/v1/stacks/a/history")).at("items").at(0).as_object();
  EXPECT_EQ(released.at("by"), "owner");
  EXPECT_EQ(released.at("requestId"), "build-1");
  EXPECT_EQ(released.at("from"), "claimed");
  EXPECT_EQ(released.at("to"), "available");
  EXPECT_EQ(released.at("holder").at("job"), "4711");
  EXPECT_EQ(released.at("outcome"), "failed");
  EXPECT_EQ(released.at("note"), "red");
  EXPECT_EQ(released.at("lastedSeconds"), 61);
  EXPECT_EQ(released.at("fencingToken"), 1);
}

TEST_F(HistoryApi, IsPaged) {
  add("a");
  for (int i = 0; i < 3; ++i)
    static_cast<void>(call(Method::post, claim_path(claim(), "/release")));
  EXPECT_EQ(kinds("/v1/stacks/a/history?limit=2"),
            "released claimed released claimed released claimed created ");
}

TEST_F(HistoryApi, IsOfARepoAndOfATime) {
  add("a");
  clock.advance(core::seconds{1});
  add("b", "other");
  EXPECT_EQ(kinds("/v1/history"), "created created ");
  EXPECT_EQ(kinds("/v1/history?repoName=other"), "created ");
  EXPECT_EQ(kinds("/v1/history?repoName=nope"), "");
  EXPECT_EQ(kinds("/v1/history?since=2020-09-13T12:26:41Z"), "created ");
  EXPECT_EQ(kinds("/v1/history?until=2020-09-13T12:26:41Z"), "created ");
  EXPECT_EQ(kinds("/v1/history?since=2020-09-13T12:26:40Z&until=2020-09-13T12:26:41.001Z"),
            "created created ");
}

TEST_F(HistoryApi, OutlivesTheStack) {
  add("a");
  EXPECT_EQ(call(Method::del, "/v1/stacks/a").status, 204u);
  EXPECT_EQ(kinds("/v1/stacks/a/history"), "removed created ");
  expect_problem(call(Method::get, "/v1/stacks/never/history"), 404, "stack_unknown");
}

TEST_F(HistoryApi, RefusesABadQuery) {
  for (const auto& [query, part] : std::initializer_list<std::pair<std::string, std::string_view>>{
           {"since=yesterday", "since must be a UTC time"},
           {"until=", "until must be a UTC time"},
           {"since=2020-01-02T00:00:00Z&until=2020-01-02T00:00:00Z", "since must be before until"},
           {"cursor=YQ", "cursor is none"},
           {"limit=1001", "limit must be"},
           {"repoName=", "repoName is empty"},
           {"stackName=a", R"("stackName" is unknown)"}})
    expect_problem(call(Method::get, "/v1/history?" + query), 400, "invalid_request", part);
}

}  // namespace
}  // namespace bddlock::api
