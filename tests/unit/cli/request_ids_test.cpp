#include "cli/request_ids.hpp"

#include <gtest/gtest.h>

#include <string>

#include "fake_world.hpp"
#include "wire/rules.hpp"

namespace bddlock::cli::testing {
namespace {

std::string own_id(const Environment& env) {
  auto ids = RequestIds::open(env, "", ci::CiJob{});
  EXPECT_TRUE(ids);
  EXPECT_TRUE(ids->is_new());
  EXPECT_FALSE(ids->has_more());
  return ids->next().text();
}

TEST(OwnRequestId, IsOneThatTheServerTakes) {
  FakeWorld world;
  const Environment env = world.environment();
  EXPECT_EQ(own_id(env).substr(0, 4), "run-");
  for (const core::Instant now : {core::Instant::min(), world.wall, core::Instant::max()}) {
    for (const std::uint64_t number : {std::uint64_t{0}, UINT64_MAX - 1}) {
      world.wall = now;
      world.next_random = number;
      const std::string id = own_id(env);
      EXPECT_EQ(wire::fault_in_request_id(id), std::nullopt) << id;
    }
  }
}

TEST(OwnRequestId, StandsBehindThoseOfEarlierInvocations) {
  FakeWorld world;
  const Environment env = world.environment();
  world.next_random = UINT64_MAX - 1;
  std::string before = own_id(env);
  for (int i = 0; i < 100; ++i) {
    world.wall += milliseconds(i + 1);
    const std::string id = own_id(env);
    EXPECT_GT(id, before);
    before = id;
  }
}

TEST(OwnRequestId, IsNobodyElsesInTheSameMillisecond) {
  FakeWorld one;
  FakeWorld other;
  other.next_random = 2;
  EXPECT_NE(own_id(one.environment()), own_id(other.environment()));
  EXPECT_NE(own_id(one.environment()), own_id(one.environment()));
}

TEST(OwnRequestId, IsThatOfTheMomentInWhichTheClaimIsAskedFor) {
  FakeWorld world;
  world.answer("POST /v1/repos/pay/claims", {problem(404, "repo_unknown")});
  EXPECT_NE(world.run({"run", "--repo", "pay", "--wait", "0s", "--no-create", "--", "true"}), 0);
  ASSERT_EQ(world.requests.size(), 1u) << world.said();
  FakeWorld again;
  expect_in(R"("requestId":")" + own_id(again.environment()) + '"', world.requests[0].body);
}

}  // namespace
}  // namespace bddlock::cli::testing
