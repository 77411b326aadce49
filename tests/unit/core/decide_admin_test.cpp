// What an admin does to a stack.
#include <gtest/gtest.h>

#include "unit/core/decisions.hpp"

namespace bddlock::core {
namespace {

TEST(AdminRelease, EndsTheClaimThatItNames) {
  Stack expected = stack_in(State::available, noon + 60s);
  expected.last_end = LastEnd{EndReason::admin_released, std::nullopt, noon + 60s, 7, {}};
  for (const Stack& before : {claimed_stack(), stack_in(State::claimed)}) {
    const Decision decision = expect_saved(before, AdminRelease{7}, noon + 60s, expected);
    expect_event(decision, EventKind::released, By::admin, State::claimed, State::available);
  }
}

TEST(AdminRelease, EndsAHold) {
  Stack expected = stack_in(State::available, noon + 60s);
  expected.last_end = held_stack().last_end;
  const Decision decision = expect_saved(held_stack(), AdminRelease{7}, noon + 60s, expected);
  expect_event(decision, EventKind::hold_ended, By::admin, State::held, State::available);
}

TEST(AdminCommands, AreRefusedIfTheTokenMovedOn) {
  for (const FencingToken token : {6, 8})
    for (const Command& command :
         {Command{AdminRelease{token}}, Command{AdminExtend{token, 60s, day}},
          Command{AdminHold{token, 60s}}})
      for (const Stack& stack : {claimed_stack(), stack_in(State::available)})
        expect_refused(stack, command, noon + 1s, Refusal::fencing_token_moved);
}

TEST(AdminCommands, AreRefusedWhereThereIsNothingToEnd) {
  for (const Command& command :
       {Command{AdminRelease{7}}, Command{AdminExtend{7, 60s, day}}, Command{AdminHold{7, 60s}}})
    for (const State state : {State::available, State::disabled})
      expect_refused(stack_in(state), command, noon + 1s, Refusal::nothing_to_end);
  expect_refused(stack_in(State::claimed), AdminExtend{7, 60s, day}, noon, Refusal::nothing_to_end);
}

TEST(AdminExtend, MovesTheEndAsItsOwnerWouldAndIsHistory) {
  Stack expected = claimed_stack();
  expected.claim->expires_at = noon + 1800s;
  const Decision decision =
      expect_saved(claimed_stack(), AdminExtend{7, 1800s, day}, noon, expected);
  expect_event(decision, EventKind::extended, By::admin, State::claimed, State::claimed);
  expected.claim->expires_at = noon + 1000s;
  expect_saved(claimed_stack(), AdminExtend{7, 1800s, 1000s}, noon, expected);
}

// It would keep the stack from the line for somebody who may never come.
TEST(AdminExtend, HasNothingToExtendOfAnOffer) {
  expect_refused(offered_stack(), AdminExtend{7, 1800s, day}, noon, Refusal::nothing_to_end);
}

TEST(AdminHold, OfAnOfferEndsNoClaim) {
  Stack offered = offered_stack();
  offered.last_end = LastEnd{EndReason::expired, std::nullopt, noon - 60s, 6, {}};
  const Decision decision = decide(offered, AdminHold{7, 3600s}, noon + 1s);
  EXPECT_EQ(decision.next.state, State::held);
  EXPECT_EQ(decision.next.last_end, offered.last_end);
  const seconds week = hold_longest;
  EXPECT_EQ(decide(decision.next, AdminExtend{7, 2 * week, day}, noon + 2s).next.claim->expires_at,
            offered.claim->claimed_at + week);
}

TEST(AdminHold, TakesTheClaimFromItsOwner) {
  Stack expected = claimed_stack();
  expected.state = State::held;
  expected.last_used = noon + 60s;
  expected.claim->key = ClaimKey{};
  expected.claim->expires_at = noon + 60s + 1h;
  expected.last_end = LastEnd{EndReason::admin_released, std::nullopt, noon + 60s, 7, {}};
  const Decision decision =
      expect_saved(claimed_stack(), AdminHold{7, 3600s}, noon + 60s, expected);
  expect_event(decision, EventKind::held, By::admin, State::claimed, State::held);
  EXPECT_EQ(decision.event->key, owner);  // so that its owner can be told
  expect_refused(decision.next, Extend{owner, std::nullopt, day}, noon + 61s, Refusal::claim_lost);
  expect_refused(decision.next, Release{.key = owner}, noon + 61s, Refusal::claim_lost);
}

TEST(AdminHold, GivesASeedClaimAnEnd) {
  const Decision decision = decide(stack_in(State::claimed), AdminHold{7, 3600s}, noon + 60s);
  EXPECT_EQ(decision.next.state, State::held);
  EXPECT_EQ(decision.next.claim->expires_at, noon + 60s + 1h);
  EXPECT_EQ(decision.next.claim->claimed_at, noon);
  EXPECT_EQ(decide(decision.next, Settle{}, noon + 60s + 1h).next.state, State::available);
}

TEST(AdminHold, MovesTheEndOfAHoldThatStaysItsOwners) {
  const Decision decision = decide(held_stack(), AdminHold{7, 7200s}, noon + 60s);
  EXPECT_EQ(decision.next.claim->expires_at, noon + 60s + 2h);
  EXPECT_EQ(decision.next.claim->key, owner);
  EXPECT_EQ(decision.next.last_end, held_stack().last_end);
  expect_event(decision, EventKind::held, By::admin, State::held, State::held);
}

TEST(Disable, LetsAClaimOrHoldFinishFirst) {
  for (Stack stack : {claimed_stack(), held_stack(), stack_in(State::claimed)}) {
    Stack expected = stack;
    expected.disable_after_claim = true;
    expected.disabled_reason = "broken";
    const Decision decision = expect_saved(stack, Disable{"broken"}, noon + 1s, expected);
    expect_event(decision, EventKind::disable_requested, By::admin, stack.state, stack.state);
    EXPECT_EQ(decision.event->note, "broken");
  }
}

TEST(Disable, NowLosesALiveClaim) {
  Stack expected = stack_in(State::disabled, noon + 60s);
  expected.disabled_reason = "broken";
  expected.last_end = LastEnd{EndReason::stack_disabled, std::nullopt, noon + 60s, 7, {}};
  const Decision decision =
      expect_saved(claimed_stack(), Disable{"broken", true}, noon + 60s, expected);
  expect_event(decision, EventKind::disabled, By::admin, State::claimed, State::disabled);
  EXPECT_EQ(decision.event->key, owner);
  EXPECT_EQ(decision.event->lasted, 60s);
}

TEST(Disable, TakesAStackThatNobodyUsesAtOnce) {
  for (const bool now : {false, true})
    for (const State state : {State::available, State::disabled}) {
      Stack expected = stack_in(State::disabled);
      expected.disabled_reason = "broken";
      expect_saved(stack_in(state), Disable{"broken", now}, noon + 60s, expected);
    }
}

TEST(Enable, MakesADisabledStackAvailable) {
  Stack before = stack_in(State::disabled);
  before.disabled_reason = "broken";
  const Decision decision = expect_saved(before, Enable{}, noon + 1s, stack_in(State::available));
  expect_event(decision, EventKind::enabled, By::admin, State::disabled, State::available);
}

TEST(Enable, TakesBackThatAStackIsToBeDisabled) {
  Stack before = claimed_stack();
  before.disable_after_claim = true;
  before.disabled_reason = "broken";
  expect_saved(before, Enable{}, noon + 1s, claimed_stack());
}

TEST(Enable, ChangesNothingOnAStackThatIsNotDisabled) {
  for (const Stack& stack : {stack_in(State::available), claimed_stack(), held_stack()})
    expect_unchanged(stack, Enable{}, noon);
}

TEST(Describe, ChangesWhatItNamesAndNothingElse) {
  Stack before = claimed_stack();
  before.labels = {{"a", "1"}};
  before.note = "old";
  Stack expected = before;
  expected.labels = {{"b", "2"}};
  const Decision decision =
      expect_saved(before, Describe{.labels = StringMap{{"b", "2"}}}, noon + 1s, expected);
  expect_event(decision, EventKind::described, By::admin, State::claimed, State::claimed);
  expected = before;
  expected.note = "new";
  expected.attributes = {{"url", "x"}};
  expect_saved(before, Describe{.attributes = expected.attributes, .note = "new"}, noon, expected);
  expect_unchanged(before, Describe{.labels = before.labels, .note = "old"}, noon);
}

}  // namespace
}  // namespace bddlock::core
