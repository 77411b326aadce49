// The life of a claim and of a hold (DESIGN section 6, "Claims").
#include "unit/service/lender_fixture.hpp"

namespace bddlock::service {
namespace {

class ClaimsTest : public LenderTest {
 protected:
  std::string look(const Stack& stack) {
    return to_words(look_up(*table_.reader, ref(stack), now_));
  }
};

TEST_F(ClaimsTest, AnExtensionMovesTheEnd) {
  add("a");
  const Stack stack = granted("r1", {.lease = 60s});
  now_ += 40s;
  EXPECT_EQ(extend(stack), "claimed");
  EXPECT_EQ(found("a")->claim->expires_at, now_ + 60s);
  EXPECT_EQ(extend(stack, 600s), "claimed");
  EXPECT_EQ(found("a")->claim->expires_at, now_ + 600s);
  EXPECT_EQ(history("a"), "created claimed");  // heartbeats are no history
}

TEST_F(ClaimsTest, AnExtensionIsInTimeUntilTheLeaseEnds) {
  add_all({"a", "b"});
  const Stack early = granted("r1", {.lease = 60s});
  const Stack late = granted("r2", {.lease = 60s});
  now_ = early.claim->expires_at - 1us;
  EXPECT_EQ(extend(early), "claimed");
  now_ += 1us;
  EXPECT_EQ(extend(late), "lost expired");  // swept or not
}

TEST_F(ClaimsTest, NoClaimOutlivesMaxClaimSeconds) {
  rules_.claim_longest = 100s;
  restart();
  add("a");
  const Stack stack = granted("r1", {.lease = 60s});
  now_ += 50s;
  EXPECT_EQ(extend(stack, 900s), "claimed");
  EXPECT_EQ(found("a")->claim->expires_at, noon + 100s);
  now_ = noon + 100s - 1us;
  EXPECT_EQ(extend(stack), "claimed");
  now_ = noon + 100s;
  EXPECT_EQ(extend(stack), "lost expired");
}

TEST_F(ClaimsTest, AnAdminExtendsNoFurtherEither) {
  rules_.claim_longest = 100s;
  restart();
  add("a");
  granted("r1", {.lease = 60s});
  EXPECT_EQ(apply("a", core::AdminExtend{1, 900s, rules_.claim_longest}), "done 1");
  EXPECT_EQ(found("a")->claim->expires_at, noon + 100s);
}

TEST_F(ClaimsTest, ALostOneIsToldHowItEndedAndWhoHasTheStackNow) {
  add("a");
  const Stack mine = granted("r1", {.lease = 60s});
  now_ += 60s;
  const Stack theirs = granted("r2", {.holder = core::Holder{.job = "other"}});
  const auto answer = what_became_of(*table_.reader, ref(mine), now_);
  ASSERT_TRUE(answer);
  const auto& lost = std::get<ClaimLost>(*answer);
  EXPECT_EQ(lost.reason, core::EndReason::expired);
  EXPECT_EQ(lost.at, now_);
  EXPECT_EQ(lost.stack->claim->holder->job, "other");
  EXPECT_EQ(release(mine), "lost expired");
  EXPECT_EQ(found("a"), theirs);  // nothing is changed
}

TEST_F(ClaimsTest, EachEndIsToldAsWhatItWas) {
  rules_.seed_release_ends_claims = true;
  restart();
  const auto lost_by = [&](const std::string& name, const core::Command& command) {
    add(name);
    const Stack stack = granted("r-" + name, {.stack_name = StackName{name}});
    EXPECT_EQ(apply(name, command), "done 1");
    EXPECT_EQ(extend(stack), look(stack));
    EXPECT_EQ(release(stack), look(stack));
    return look(stack);
  };
  EXPECT_EQ(lost_by("a", core::AdminRelease{1}), "lost admin_released");
  EXPECT_EQ(lost_by("b", core::AdminHold{1, 60s}), "lost admin_released");
  EXPECT_EQ(lost_by("c", core::Disable{"broken", true}), "lost stack_disabled");
  EXPECT_EQ(lost_by("d", core::SeedRelease{}), "lost seed_released");
}

TEST_F(ClaimsTest, OfAStackThatIsGoneIsToldHowItEnded) {
  add("a");
  const Stack stack = granted("r1");
  EXPECT_EQ(apply("a", core::AdminRelease{1}), "done 1");
  EXPECT_EQ(apply("a", core::Remove{}), "done 1");
  EXPECT_EQ(extend(stack), "lost admin_released");
  EXPECT_EQ(std::get<ClaimLost>(what_became_of(*table_.reader, ref(stack), now_).value()).stack,
            std::nullopt);
}

TEST_F(ClaimsTest, OneThatNeverWasIsUnknown) {
  add("a");
  Stack stranger = granted("r1");
  stranger.claim->key = core::ClaimKey{{77}};
  EXPECT_EQ(extend(stranger), "unknown");
  EXPECT_EQ(release(stranger), "unknown");
  EXPECT_EQ(look(stranger), "unknown");
  stranger.claim->key = core::ClaimKey{};
  EXPECT_EQ(look(stranger), "unknown");
  stranger.stack_name = StackName{"none"};
  EXPECT_EQ(look(stranger), "unknown");
}

TEST_F(ClaimsTest, IsLookedUpWithoutChangingAnything) {
  add("a");
  const Stack stack = granted("r1", {.lease = 60s});
  EXPECT_EQ(look(stack), "claimed");
  now_ = stack.claim->expires_at - 1us;
  EXPECT_EQ(look(stack), "claimed");
  now_ += 1us;
  EXPECT_EQ(look(stack), "lost expired");
  EXPECT_EQ(state("a"), State::claimed);
}

// --- releasing

TEST_F(ClaimsTest, ReleasingAgainGetsTheFirstAnswerForSevenDays) {
  add("a");
  const Stack stack = granted("r1");
  EXPECT_EQ(release(stack), "released");
  granted("r2");
  EXPECT_EQ(release(stack), "released");
  EXPECT_EQ(state("a"), State::claimed);  // r2's, and it stays so
  now_ = noon + 7 * 24h;
  EXPECT_EQ(release(stack), "released");
  now_ += 1us;
  EXPECT_EQ(release(stack), "unknown");
}

TEST_F(ClaimsTest, ReleasingAgainThroughMuchHistoryGetsTheFirstAnswer) {
  add("a");
  const Stack stack = granted("r1");
  EXPECT_EQ(release(stack), "released");
  for (int i = 0; i < 500; ++i) EXPECT_EQ(release(granted(std::to_string(i))), "released");
  EXPECT_EQ(release(stack), "released");
}

TEST_F(ClaimsTest, ARepeatedReleaseTellsOfTheSameHold) {
  add_all({"a", "b"});
  const Stack stack = granted("r1");
  const auto first = release_with(stack, {.key = {}, .keep = 3600s});
  EXPECT_EQ(to_words(first), "held");
  now_ += 60s;
  const auto again = release_with(stack, {.key = {}, .keep = 3600s});
  EXPECT_EQ(to_words(again), "held");
  EXPECT_EQ(std::get<ReleaseAnswer>(*again).held_until, noon + 1h);
  EXPECT_EQ(std::get<ReleaseAnswer>(*again).fencing_token,
            std::get<ReleaseAnswer>(*first).fencing_token);
  EXPECT_EQ(state(stack.stack_name.text()), State::held);
}

TEST_F(ClaimsTest, AHoldEndsAtItsTime) {
  add("a");
  const Stack stack = granted("r1");
  EXPECT_EQ(release(stack, 3600s), "held");
  now_ = noon + 1h - 1us;
  EXPECT_EQ(claim("r2"), "none_available");
  now_ += 1us;
  EXPECT_EQ(look(stack), "lost hold_ended");
  EXPECT_EQ(claim("r2"), "granted a");
  EXPECT_EQ(history("a"), "created claimed held hold_ended claimed");
}

TEST_F(ClaimsTest, TheSameClaimIdExtendsAndEndsAHold) {
  add("a");
  const Stack stack = granted("r1", {.lease = 60s});
  EXPECT_EQ(release(stack, 3600s), "held");
  EXPECT_EQ(extend(stack, 7200s), "held");
  EXPECT_EQ(found("a")->claim->expires_at, noon + 2h);
  EXPECT_EQ(look(stack), "held");
  EXPECT_EQ(release(stack), "released");
  EXPECT_EQ(state("a"), State::available);
  EXPECT_EQ(release(stack), "released");     // and its repeat
  EXPECT_EQ(release(stack, 3600s), "held");  // the repeat of the first release
}

TEST_F(ClaimsTest, EndingAHoldThatEndedOtherwiseSaysSo) {
  add("a");
  const Stack stack = granted("r1");
  EXPECT_EQ(release(stack, 60s), "held");
  now_ += 60s;
  EXPECT_EQ(release(stack), "lost hold_ended");
  EXPECT_EQ(extend(stack), "lost hold_ended");
}

TEST_F(ClaimsTest, HoldsAtMostHalfOfARepoAndAtLeastOneStack) {
  add_all({"a"});
  EXPECT_EQ(release(granted("r1"), 3600s), "held");
  add("b");
  const auto refused = release_with(granted("r2"), {.key = {}, .keep = 3600s});
  EXPECT_EQ(to_words(refused), "released, hold_limit");
  EXPECT_EQ(state("b"), State::available);
  add_all({"c", "d"});
  EXPECT_EQ(release(granted("r3"), 3600s), "held");
  EXPECT_EQ(release(granted("r4"), 3600s), "released, hold_limit");
}

TEST_F(ClaimsTest, TheRepeatOfAReleaseWhoseHoldWasRefusedSaysSoAgain) {
  rules_.holds_per_repo_max = 0;
  restart();
  add("a");
  const Stack stack = granted("r1");
  EXPECT_EQ(release(stack, 3600s), "released, hold_limit");
  EXPECT_EQ(release(stack, 3600s), "released, hold_limit");
}

TEST_F(ClaimsTest, TheLimitOfHoldsIsASetting) {
  rules_.holds_per_repo_max = 2;
  restart();
  add_all({"a", "b", "c"});
  EXPECT_EQ(release(granted("r1"), 60s), "held");
  EXPECT_EQ(release(granted("r2"), 60s), "held");
  const Stack third = granted("r3");
  now_ += 60s - 1us;
  EXPECT_EQ(release(third, 60s), "released, hold_limit");
  const Stack fourth = granted("r4");
  now_ += 1us;  // the others are over, swept or not
  EXPECT_EQ(release(fourth, 60s), "held");
}

TEST_F(ClaimsTest, AReleaseOfAStackToBeDisabledDisablesIt) {
  add("a");
  const Stack stack = granted("r1");
  EXPECT_EQ(apply("a", core::Disable{"broken"}), "done 1");
  EXPECT_EQ(extend(stack), "claimed");
  EXPECT_EQ(release(stack), "released");
  EXPECT_EQ(state("a"), State::disabled);
  EXPECT_EQ(claim("r2"), "none_available");
}

TEST_F(ClaimsTest, AnAdminHoldOutlivesTheJobThatHadTheClaim) {
  add("a");
  const Stack stack = granted("r1");
  EXPECT_EQ(apply("a", core::AdminHold{1, 3600s}), "done 1");
  EXPECT_EQ(extend(stack), "lost admin_released");
  EXPECT_EQ(release(stack), "lost admin_released");
  EXPECT_EQ(state("a"), State::held);
  EXPECT_EQ(apply("a", core::AdminRelease{1}), "done 1");
  EXPECT_EQ(release(stack), "lost admin_released");
}

TEST_F(ClaimsTest, NobodyKeepsAnAdminFromNamingAnOldToken) {
  add("a");
  const Stack first = granted("r1");
  EXPECT_EQ(release(first), "released");
  granted("r2");
  EXPECT_EQ(apply("a", core::AdminRelease{1}), "fencing_token_moved");
  EXPECT_EQ(apply("a", core::AdminRelease{2}), "done 2");
}

}  // namespace
}  // namespace bddlock::service
