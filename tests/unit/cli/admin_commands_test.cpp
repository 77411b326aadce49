// disable, enable, history and explain.
#include <gtest/gtest.h>

#include "fake_world.hpp"

namespace bddlock::cli::testing {
namespace {

TEST(Disable, SaysWhyAndWhen) {
  FakeWorld world;
  world.answer("PATCH /v1/stacks/a", {stack("a", "disabled")});
  EXPECT_EQ(world.run({"disable", "a", "--reason", "upgrade"}), 0) << world.said();
  EXPECT_EQ(world.requests.back().body, R"({"disabled":{"reason":"upgrade","when":"afterClaim"}})");
  EXPECT_EQ(world.out.str() + world.said(), "");
  EXPECT_EQ(world.run({"disable", "a", "--reason", "fire", "--now"}), 0) << world.said();
  EXPECT_EQ(world.requests.back().body, R"({"disabled":{"reason":"fire","when":"now"}})");
}

TEST(Disable, PrintsTheStackAsJsonWhereThatIsWanted) {
  FakeWorld world;
  world.answer("PATCH /v1/stacks/a", {stack("a", "disabled")});
  EXPECT_EQ(world.run({"disable", "a", "--reason", "upgrade", "--output", "json"}), 0);
  expect_in(R"({"stackName":"a",)", world.out.str());
  expect_in(R"("state":"disabled")", world.out.str());
  EXPECT_EQ(world.run({"disable", "a", "--reason", "upgrade", "--output", "env"}), 64);
}

TEST(Enable, PrintsTheStackAsJsonWhereThatIsWanted) {
  FakeWorld world;
  world.answer("PATCH /v1/stacks/a", {stack("a", "available")});
  EXPECT_EQ(world.run({"enable", "a", "--output", "json"}), 0);
  expect_in(R"("state":"available")", world.out.str());
  EXPECT_EQ(world.out.str().back(), '\n');
}

TEST(Disable, SaysThatItWaitsForTheClaim) {
  FakeWorld world;
  world.answer("PATCH /v1/stacks/a", {json(200, claimed_json("a"))});
  EXPECT_EQ(world.run({"disable", "a", "--reason", "upgrade"}), 0);
  expect_in("is disabled when that is over: it is claimed by 4711 until", world.said());
}

TEST(Disable, NeedsAReason) {
  FakeWorld world;
  EXPECT_EQ(world.run({"disable", "a"}), 64);
  expect_in("disable needs --reason", world.said());
  EXPECT_EQ(world.run({"disable", "a", "--reason", ""}), 64);
  EXPECT_EQ(world.run({"disable", "a", "--reason", std::string(1025, 'x')}), 64);
  EXPECT_TRUE(world.requests.empty());
}

TEST(Enable, TakesItBack) {
  FakeWorld world;
  world.answer("PATCH /v1/stacks/a", {stack("a", "available")});
  EXPECT_EQ(world.run({"enable", "a"}), 0) << world.said();
  EXPECT_EQ(world.requests.back().body, R"({"disabled":null})");
  world.answer("PATCH /v1/stacks/a", {problem(404, "stack_unknown")});
  EXPECT_EQ(world.run({"enable", "a"}), 1);
  expect_in("the detail of stack_unknown", world.said());
}

std::string event_json(int id, const std::string& kind) {
  return R"({"id":)" + std::to_string(id) + R"(,"at":"2026-01-02T03:04:05.678Z","kind":")" + kind +
         R"(","by":"owner","stackName":"a","repoName":"pay","requestId":"build-1",)"
         R"("from":"available",)"
         R"("to":"claimed","holder":{"job":"4711"},"fencingToken":7,"outcome":null,"note":"x",)"
         R"("lastedSeconds":null,"heldUntil":null})";
}

TEST(History, IsOneStacksOrARepos) {
  FakeWorld world;
  world.variables["REPO_NAME"] = "pay";
  world.answer("GET /v1/stacks/a%20b/history?limit=50", {page({event_json(2, "claimed")})});
  EXPECT_EQ(world.run({"history", "a b"}), 0) << world.said();
  EXPECT_EQ(world.out.str(),
            "2026-01-02T03:04:05.678Z\tclaimed\ta\tavailable>claimed\t7\towner\t4711\tx\n");
  world.answer("GET /v1/history?repoName=pay&limit=50", {page({})});
  EXPECT_EQ(world.run({"history"}), 0) << world.said();
  world.answer("GET /v1/history?limit=50", {page({})});
  EXPECT_EQ(world.run({"history", "--repo", ""}), 0) << world.said();
}

TEST(History, FollowsPagesUpToItsLimit) {
  FakeWorld world;
  world.answer("GET /v1/history?limit=3",
               {page({event_json(5, "claimed"), event_json(4, "claimed")}, "\"x\"")});
  world.answer("GET /v1/history?limit=1&cursor=x", {page({event_json(3, "released")}, "\"y\"")});
  EXPECT_EQ(world.run({"history", "--limit", "3", "--output", "json"}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "[" + event_json(5, "claimed") + ",\n " + event_json(4, "claimed") +
                                 ",\n " + event_json(3, "released") + "]\n");
}

TEST(History, PrintsAsJsonWhatTheServerSays) {
  FakeWorld world;
  std::string event = event_json(2, "released");
  event.replace(event.find(R"("lastedSeconds":null)"), 20, R"("lastedSeconds":0,"new":[1])");
  world.answer("GET /v1/history?limit=50", {page({event})});
  EXPECT_EQ(world.run({"history", "--output", "json"}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "[" + event + "]\n");
}

TEST(History, TakesTimesAndHowLongAgo) {
  FakeWorld world;  // whose clock says 2027-01-15T08:00:00Z
  world.answer(
      "GET /v1/history?since=2027-01-15T06%3A00%3A00.000Z&until=2027-01-15T07%3A30%3A00Z&limit=50",
      {page({})});
  EXPECT_EQ(world.run({"history", "--since", "2h", "--until", "2027-01-15T07:30:00Z"}), 0)
      << world.said();
}

TEST(History, PassesOnWhatTheServerSaysOfATime) {
  FakeWorld world;
  world.answer("GET /v1/history?since=yesterday&limit=50", {problem(400, "invalid_request")});
  EXPECT_EQ(world.run({"history", "--since", "yesterday"}), 1);
  expect_in("cannot read the history: the detail of invalid_request", world.said());
}

std::string request_json(const std::string& rest) {
  return R"({"requestId":"build-1","repoName":"pay","status":"waiting","position":2,"ready":true,)"
         R"("arrivedAt":"2026-01-02T03:04:05.678Z","endedAt":null,"priority":0,"count":1,)"
         R"("stackName":null,)"
         R"("labels":{},"prefer":{},"createIfNone":false,"leaseSeconds":900,)"
         R"("holder":{"job":"4711"},"claims":[])" +
         rest + "}";
}

TEST(Explain, SaysWhatMustHappenFirst) {
  FakeWorld world;
  world.answer(
      "GET /v1/repos/pay/requests/build-1",
      {json(200, request_json(R"(,"estimatedWaitSeconds":120,"explain":{"open":true,"never":null,)"
                              R"("suitableInAll":1,"suitable":[],"first":["a is released"]})"))});
  EXPECT_EQ(world.run({"explain", "build-1", "--repo", "pay"}), 0) << world.said();
  EXPECT_EQ(
      world.out.str(),
      "the request build-1 is waiting, at place 2, perhaps for 2m more\nfirst: a is released\n");
}

TEST(Explain, ListsTheRequestsOfARepo) {
  FakeWorld world;
  world.variables["REPO_NAME"] = "pay";
  world.answer("GET /v1/repos/pay/requests?limit=1000", {page({request_json("")}, "\"x\"")});
  world.answer("GET /v1/repos/pay/requests?limit=1000&cursor=x", {page({})});
  EXPECT_EQ(world.run({"explain"}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "build-1\twaiting\t2\t0\t1\t2026-01-02T03:04:05.678Z\t4711\n");
  world.out.str("");
  EXPECT_EQ(world.run({"explain", "--output", "json"}), 0);
  EXPECT_EQ(world.out.str(), "[" + request_json("") + "]\n");
}

TEST(Explain, NeedsARepoAndSaysWhatIsUnknown) {
  FakeWorld world;
  EXPECT_EQ(world.run({"explain", "x"}), 64);
  expect_in("which repo's requests?", world.said());
  world.answer("GET /v1/repos/pay/requests/x", {problem(404, "request_unknown")});
  EXPECT_EQ(world.run({"explain", "x", "--repo", "pay"}), 1);
  expect_in("the detail of request_unknown", world.said());
}

}  // namespace
}  // namespace bddlock::cli::testing
