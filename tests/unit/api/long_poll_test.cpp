// Requests that wait: answered when a stack comes free, when their time is over, or not at all.
#include <gtest/gtest.h>

#include "unit/api/api_fixture.hpp"

namespace bddlock::api {
namespace {

using core::seconds;
using namespace std::chrono_literals;

class LongPoll : public ApiTest {
 protected:
  std::shared_ptr<Client> client = std::make_shared<Client>();

  std::future<Response> wait_for(const std::string& id, const std::string& more = "") {
    auto answer = begin({Method::post, "/v1/repos/r/claims", "secret",
                         R"({"requestId":")" + id + R"(","waitSeconds":50)" + more + "}", client});
    // The write lane has taken it once a later change is through.
    static_cast<void>(call(Method::patch, "/v1/stacks/a", R"({"note":")" + id + "\"}"));
    return answer;
  }

  static bool is_open(const std::future<Response>& answer) {
    return answer.wait_for(0s) == std::future_status::timeout;
  }

  // Ticks until there is an answer.
  Response tick_until(std::future<Response>& answer) {
    while (answer.wait_for(1ms) == std::future_status::timeout) service.tick();
    return answer.get();
  }
};

TEST_F(LongPoll, IsAnsweredWhenAStackComesFree) {
  add("a");
  const auto mine = claim();
  auto first = wait_for("first");
  auto second = wait_for("second");
  EXPECT_TRUE(is_open(first));
  EXPECT_EQ(service.parked(), 2u);
  EXPECT_EQ(call(Method::post, claim_path(mine, "/release")).status, 200u);
  const Response granted = first.get();
  EXPECT_EQ(granted.status, 200u) << granted.body;
  EXPECT_EQ(object_in(granted).at("claims").at(0).at("stackName"), "a");
  EXPECT_EQ(object_in(granted).at("claims").at(0).at("fencingToken"), 2);
  EXPECT_TRUE(is_open(second));
}

TEST_F(LongPoll, IsAnsweredWithItsPlaceWhenItsTimeIsOver) {
  add("a");
  static_cast<void>(claim());
  auto first = wait_for("first");
  auto second = wait_for("second", R"(,"priority":1)");
  clock.advance(seconds{50} - core::microseconds{1});
  service.tick();
  EXPECT_TRUE(is_open(first));
  clock.advance(core::microseconds{1});
  const Response waits = tick_until(first);
  EXPECT_EQ(waits.status, 202u);
  EXPECT_EQ(
      waits.body,
      R"({"requestId":"first","position":2,"estimatedWaitSeconds":null,"retryAfterSeconds":3})");
  EXPECT_EQ(object_in(tick_until(second)).at("position"), 1);
}

TEST_F(LongPoll, KeepsItsPlaceForACallThatDoesNotWait) {
  add("a");
  static_cast<void>(claim());
  auto first = wait_for("first");
  const Response again =
      call(Method::post, "/v1/repos/r/claims", R"({"requestId":"first","waitSeconds":0})");
  EXPECT_EQ(again.status, 202u) << again.body;
}

TEST_F(LongPoll, IsOverWhenItsClientGoes) {
  add("a");
  const auto mine = claim();
  auto first = wait_for("first");
  client->note_gone();
  expect_problem(first.get(), 408, "request_timeout", "keeps its place");
  EXPECT_EQ(service.parked(), 0u);
  EXPECT_TRUE(trouble.empty());
  // It is offered the stack all the same: its client may only have lost the connection.
  static_cast<void>(call(Method::post, claim_path(mine, "/release")));
  EXPECT_TRUE(stored("a").claim->offered);
  const Response collected =
      call(Method::post, "/v1/repos/r/claims", R"({"requestId":"first","waitSeconds":0})");
  EXPECT_EQ(collected.status, 200u) << collected.body;
}

TEST_F(LongPoll, IsNotParkedForAClientThatHasGoneAlready) {
  add("a");
  static_cast<void>(claim());
  client->note_gone();
  auto first = wait_for("first");
  expect_problem(first.get(), 408, "request_timeout");
  EXPECT_EQ(service.parked(), 0u);
}

TEST_F(LongPoll, WaitsWithoutAWordOfItsClientToo) {
  add("a");
  const auto mine = claim();
  client = nullptr;
  auto first = wait_for("first");
  static_cast<void>(call(Method::post, claim_path(mine, "/release")));
  EXPECT_EQ(first.get().status, 200u);
}

TEST_F(LongPoll, IsAnsweredWhenTheServerStops) {
  add("a");
  static_cast<void>(claim());
  auto first = wait_for("first");
  service.stop_waiting();
  EXPECT_EQ(first.get().status, 202u);
}

}  // namespace
}  // namespace bddlock::api
