#include "cli/claim_wait.hpp"

#include <gtest/gtest.h>

#include "api_answers.hpp"

namespace bddlock::cli::testing {
namespace {

class Wait : public ::testing::Test {
 protected:
  Waited wait(seconds most, ShouldStop should_stop = {}, bool is_new_id = true) {
    Remote remote(env_, env_.connect({}), Target{"http://h:1", "", "", seconds(30)});
    core::Wish wish;
    wish.lease = seconds(900);
    const WaitPlan plan{"pay", core::RequestId("id-1"), wish, most, is_new_id};
    return wait_for_claims(
        env_, remote, plan,
        {.should_stop = std::move(should_stop),
         .on_place = [this](const Place& place) { places_.push_back(place.position); }});
  }
  [[nodiscard]] std::vector<std::string> bodies() const {
    std::vector<std::string> all;
    for (const auto& request : world_.requests)
      if (request.method == "POST") all.push_back(request.body);
    return all;
  }

  FakeWorld world_;
  Environment env_ = world_.environment();
  std::vector<std::int64_t> places_;
};

TEST_F(Wait, IsOverWithTheGrant) {
  world_.answer(claims_call, {waits(2), waits(1), granted()});
  const auto waited = wait(seconds(600));
  ASSERT_TRUE(waited);
  EXPECT_EQ(waited->claims.front().claim_id, granted_claim_id);
  EXPECT_EQ(places_, (std::vector<std::int64_t>{2, 1}));
}

TEST_F(Wait, AsksShortlyAtFirstAndThenInLongPollsUnderOneId) {
  world_.answer(claims_call, {waits(2), waits(1), granted()});
  ASSERT_TRUE(wait(seconds(600)));
  expect_in(R"("waitSeconds":1)", bodies()[0]);
  expect_in(R"("waitSeconds":10)", bodies()[1]);
  for (const std::string& body : bodies()) expect_in(R"("requestId":"id-1")", body);
}

// A Lambda function waits a second at most, however long it is asked to.
TEST_F(Wait, KeepsThePaceOfAServerThatAnswersSooner) {
  world_.a_call_takes = seconds(1);
  world_.answer(claims_call, {waits(2), waits(1), granted()});
  ASSERT_TRUE(wait(seconds(600)));
  EXPECT_EQ(world_.slept(), seconds(3)) << "retryAfterSeconds, behind the second call only";
}

TEST_F(Wait, MakesNoPauseBehindACallThatWaitedAsLongAsItWasAsked) {
  world_.a_call_takes = seconds(10);
  world_.answer(claims_call, {waits(2), waits(1), granted()});
  ASSERT_TRUE(wait(seconds(600)));
  EXPECT_EQ(world_.slept(), seconds(0));
}

TEST_F(Wait, EndsAPauseWhenItIsStopped) {
  world_.a_call_takes = seconds(1);
  world_.answer(claims_call, {waits(2), waits(1)});
  world_.answer(request_call, {withdrawn()});
  ASSERT_FALSE(wait(seconds(600), [this] { return world_.slept() > seconds(1); }));
  EXPECT_LT(world_.slept(), seconds(2));
}

TEST_F(Wait, KnowsWhenTheAnsweredTryWasSent) {
  world_.a_call_takes = milliseconds(700);
  world_.answer(claims_call, {not_sent(), waits(1), granted()});
  const auto waited = wait(seconds(600));
  ASSERT_TRUE(waited);
  EXPECT_EQ(waited->sent_at, world_.now - milliseconds(700));
}

TEST_F(Wait, WithdrawsTheRequestWhenItsTimeIsOver) {
  world_.a_call_takes = seconds(1);
  world_.answer(claims_call, {waits(1)});
  world_.answer("GET /v1/stacks?limit=1000&repoName=pay", {page({claimed_json("a")})});
  world_.answer(request_call, {withdrawn()});
  const auto waited = wait(seconds(3));
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().trouble.exit, ExitCode::not_in_time);
  expect_in("was free in 3s", waited.error().trouble.message);
  expect_in("a: it is claimed by", waited.error().trouble.message);
  EXPECT_EQ(world_.calls().back(), request_call);
}

TEST_F(Wait, TakesWhatWasGrantedAtTheLastMoment) {
  world_.a_call_takes = seconds(1);
  world_.answer(claims_call, {waits(1)});
  world_.answer("GET /v1/stacks?limit=1000&repoName=pay", {page({})});
  world_.answer(request_call, {granted_meanwhile()});
  const auto waited = wait(seconds(2));
  ASSERT_TRUE(waited);
  EXPECT_EQ(waited->claims.size(), 1u);
}

TEST_F(Wait, WithdrawsTheRequestWhenItIsStopped) {
  world_.answer(claims_call, {waits(1)});
  world_.answer(request_call, {withdrawn()});
  const auto waited = wait(seconds(600), [this] { return !places_.empty(); });
  ASSERT_FALSE(waited);
  EXPECT_TRUE(waited.error().trouble.stopped);
  EXPECT_EQ(world_.calls(), (std::vector<std::string>{claims_call, request_call}));
}

TEST_F(Wait, GivesBackWhatWasGrantedWhileItWasStopped) {
  world_.answer(claims_call, {cut_off()});
  world_.answer(request_call, {granted_meanwhile()});
  world_.answer(claim_path("release"), {given_back()});
  const auto waited = wait(seconds(600), [] { return true; });
  ASSERT_FALSE(waited);
  EXPECT_TRUE(waited.error().trouble.stopped);
  EXPECT_EQ(world_.calls(),
            (std::vector<std::string>{claims_call, request_call, claim_path("release")}));
  expect_in(R"("outcome":"cancelled")", world_.requests.back().body);
}

TEST_F(Wait, SaysWhenNeitherCouldBeDone) {
  world_.answer(claims_call, {cut_off()});
  world_.answer(request_call, {not_sent()});
  const auto waited = wait(seconds(600), [] { return true; });
  ASSERT_FALSE(waited);
  expect_in("could not be withdrawn", waited.error().trouble.message);
}

TEST_F(Wait, GoesOnWhileTheServerIsAwayAsLongAsItMayWait) {
  std::vector<Answer> answers(40, not_sent());
  answers.push_back(granted());
  world_.answer(claims_call, std::move(answers));
  EXPECT_TRUE(wait(seconds(600)));
  EXPECT_GT(world_.slept(), seconds(60));
}

TEST_F(Wait, SaysThatAClaimMayHaveBeenMadeWhenNoAnswerCame) {
  world_.answer(claims_call, {cut_off()});
  const auto waited = wait(seconds(0));
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().trouble.exit, ExitCode::unavailable);
  expect_in("free again when its lease of 15m is over", waited.error().trouble.message);
}

TEST_F(Wait, PassesOnThatARequestHasEndedBefore) {
  world_.answer(claims_call, {problem(410, "request_ended")});
  const auto waited = wait(seconds(600));
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, "request_ended");
}

TEST_F(Wait, KnowsWhetherTheLeaseBeganWithItsLastCall) {
  world_.answer(claims_call, {granted()});
  EXPECT_TRUE(wait(seconds(600))->is_new);
  EXPECT_FALSE(wait(seconds(600), {}, false)->is_new);
  world_.answer(claims_call, {waits(1), granted()});
  EXPECT_TRUE(wait(seconds(600), {}, false)->is_new);
  world_.answer(claims_call, {cut_off(), granted()});
  EXPECT_FALSE(wait(seconds(600))->is_new);
  world_.answer(claims_call, {waits(1), cut_off(), granted()});
  EXPECT_FALSE(wait(seconds(600))->is_new);
}

}  // namespace
}  // namespace bddlock::cli::testing
