#include <gtest/gtest.h>

#include "unit/api/api_fixture.hpp"

namespace bddlock::api {
namespace {

using ReposApi = ApiTest;

TEST_F(ReposApi, CountsStacksByState) {
  for (const char* name : {"a", "b", "c"}) add(name);
  static_cast<void>(claim());
  static_cast<void>(
      call(Method::patch, "/v1/stacks/c", R"({"disabled":{"reason":"x","when":"now"}})"));
  const auto repo = object_in(call(Method::get, "/v1/repos/r"));
  EXPECT_EQ(repo.at("stacks"), 3);
  EXPECT_EQ(repo.at("disabled"), 1);
  EXPECT_EQ(repo.at("claimed").as_int64() + repo.at("available").as_int64(), 2);
  EXPECT_EQ(repo.at("waiting"), 0);
  EXPECT_TRUE(repo.at("typicalClaimSeconds").is_null());
}

TEST_F(ReposApi, TellsHowLongClaimsLast) {
  add("a");
  const auto mine = claim();
  clock.advance(core::seconds{61});
  static_cast<void>(call(Method::post, claim_path(mine, "/release")));
  EXPECT_EQ(object_in(call(Method::get, "/v1/repos/r")).at("typicalClaimSeconds"), 61);
}

TEST_F(ReposApi, ListsInPages) {
  add("1", "alpha");
  add("2", "beta");
  add("3", "gamma");
  std::string names;
  std::string cursor;
  for (int pages = 0; pages < 9; ++pages) {
    const auto page = object_in(call(Method::get, "/v1/repos?limit=2" + cursor));
    for (const auto& item : page.at("items").as_array())
      names += std::string(item.at("repoName").as_string()) + " ";
    if (page.at("nextCursor").is_null()) break;
    cursor = "&cursor=" + std::string(page.at("nextCursor").as_string());
  }
  EXPECT_EQ(names, "alpha beta gamma ");
}

TEST_F(ReposApi, DoesNotKnowWhatNobodyAdded) {
  expect_problem(call(Method::get, "/v1/repos/nope"), 404, "repo_unknown", R"("nope")");
  expect_problem(call(Method::get, "/v1/repos?limit=0"), 400, "invalid_request");
  expect_problem(call(Method::get, "/v1/repos?cursor=!"), 400, "invalid_request");
  EXPECT_EQ(call(Method::get, "/v1/repos").body, R"({"items":[],"nextCursor":null})");
}

}  // namespace
}  // namespace bddlock::api
