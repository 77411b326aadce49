// What the owner of a claim, the queue and time do to a stack.
#include <gtest/gtest.h>

#include "unit/core/decisions.hpp"

namespace bddlock::core {
namespace {

TEST(IsDue, AtTheMomentTheTimeHasComeAndNotBefore) {
  for (const Stack& stack : {claimed_stack(), offered_stack(), held_stack()}) {
    EXPECT_FALSE(is_due(stack, stack.claim->expires_at - 1us));
    EXPECT_TRUE(is_due(stack, stack.claim->expires_at));
  }
  EXPECT_FALSE(is_due(stack_in(State::claimed), Instant::max()));
}

TEST(IsDue, IsLateWhereTheTimeIsThatOfAnotherClock) {
  for (Stack stack : {claimed_stack(), offered_stack(), held_stack()}) {
    stack.claim->skew = 5s;
    EXPECT_FALSE(is_due(stack, stack.claim->expires_at + 5s - 1us));
    EXPECT_TRUE(is_due(stack, stack.claim->expires_at + 5s));
  }
}

TEST(Grant, MakesAClaimWithTheNextToken) {
  const Claim claim = *claimed_stack().claim;
  Stack before = stack_in(State::available, noon - 1h);
  Stack expected = claimed_stack();
  expected.fencing_token = 8;
  const Decision decision = expect_saved(before, Grant{claim}, noon, expected);
  expect_event(decision, EventKind::claimed, By::owner, State::available, State::claimed);
  EXPECT_EQ(decision.event->key, owner);
  EXPECT_EQ(decision.event->request_id, RequestId{"build-1"});
  EXPECT_EQ(decision.event->holder->job, "build");
  EXPECT_EQ(decision.event->at, noon);
}

TEST(Grant, TellsOfAnOfferAsOne) {
  const Decision decision = decide(stack_in(State::available), Grant{*offered_stack().claim}, noon);
  expect_event(decision, EventKind::offered, By::owner, State::available, State::claimed);
}

TEST(Grant, SaysCreatedUntilAReleaseNamedWhatIsDeployed) {
  Stack before = stack_in(State::available);
  before.undeployed = true;
  EXPECT_TRUE(decide(before, Grant{*claimed_stack().claim}, noon).next.claim->created);
  before.undeployed = false;
  EXPECT_FALSE(decide(before, Grant{*claimed_stack().claim}, noon).next.claim->created);
}

TEST(Grant, IsRefusedUnlessTheStackIsAvailable) {
  for (const State state : {State::claimed, State::held, State::disabled})
    expect_refused(stack_in(state), Grant{*claimed_stack().claim}, noon,
                   Refusal::stack_unavailable);
}

TEST(Collect, StartsTheLeaseOfAnOffer) {
  Stack expected = offered_stack();
  expected.last_used = noon + 4s;
  expected.claim->offered = false;
  expected.claim->claimed_at = noon + 4s;
  expected.claim->expires_at = noon + 904s;
  const Decision decision = expect_saved(offered_stack(), Collect{owner}, noon + 4s, expected);
  expect_event(decision, EventKind::collected, By::owner, State::claimed, State::claimed);
  EXPECT_EQ(decision.event->lasted, 0s);
}

TEST(Collect, ChangesNothingOnAClaimAndIsLostToAStranger) {
  expect_unchanged(claimed_stack(), Collect{owner}, noon + 1s);
  expect_refused(offered_stack(), Collect{stranger}, noon + 1s, Refusal::claim_lost);
}

TEST(Extend, MovesTheEndToNowAndTheLease) {
  Stack expected = claimed_stack();
  expected.claim->expires_at = noon + 1100s;
  const Decision decision =
      expect_saved(claimed_stack(), Extend{owner, std::nullopt, day}, noon + 200s, expected);
  EXPECT_EQ(decision.event, std::nullopt);  // heartbeats are no history
  expected.claim->expires_at = noon + 3800s;
  expect_saved(claimed_stack(), Extend{owner, 3600s, day}, noon + 200s, expected);
}

TEST(Extend, NeverMovesTheEndBack) {
  expect_saved(claimed_stack(), Extend{owner, 10s, day}, noon + 200s, claimed_stack());
}

TEST(Extend, NeverLetsAClaimOutliveItsLongestLife) {
  Stack expected = claimed_stack();
  expected.claim->expires_at = noon + 1000s;
  expect_saved(claimed_stack(), Extend{owner, 900s, 1000s}, noon + 100s, expected);
  expect_saved(claimed_stack(), Extend{owner, 900s, 1000s}, noon + 101s, expected);
  expected.claim->expires_at = noon + 999s;
  expect_saved(claimed_stack(), Extend{owner, 900s, 1000s}, noon + 99s, expected);
  // A setting that became smaller takes nothing away.
  expect_saved(claimed_stack(), Extend{owner, 900s, 10s}, noon + 100s, claimed_stack());
}

TEST(Extend, MovesAHoldUpToAWeekFromItsBeginning) {
  Stack expected = held_stack();
  expected.claim->expires_at = noon + hold_longest;
  const Instant late = noon + hold_longest - 10s;
  Stack old = held_stack();
  old.claim->expires_at = late + 1s;
  expect_saved(old, Extend{owner, 900s, day}, late, expected);
  expected.claim->expires_at = late + 10s;
  expect_saved(old, Extend{owner, 10s, day}, late, expected);
}

TEST(Extend, IsLostToWhoeverDoesNotHaveTheStack) {
  for (const Stack& stack : {claimed_stack(), held_stack(), stack_in(State::available),
                             stack_in(State::claimed), stack_in(State::disabled)}) {
    expect_refused(stack, Extend{stranger, std::nullopt, day}, noon + 1s, Refusal::claim_lost);
    expect_refused(stack, Extend{ClaimKey{}, std::nullopt, day}, noon + 1s, Refusal::claim_lost);
  }
}

TEST(Release, FreesTheStackAndRemembersHowItWent) {
  Stack expected = stack_in(State::available, noon + 300s);
  expected.last_end = LastEnd{EndReason::released, Outcome::failed, noon + 300s, 7, "red"};
  const Release release{.key = owner, .outcome = Outcome::failed, .note = "red"};
  const Decision decision = expect_saved(claimed_stack(), release, noon + 300s, expected);
  expect_event(decision, EventKind::released, By::owner, State::claimed, State::available);
  EXPECT_EQ(decision.event->outcome, Outcome::failed);
  EXPECT_EQ(decision.event->note, "red");
  EXPECT_EQ(decision.event->lasted, 300s);
  EXPECT_EQ(decision.event->key, owner);
  EXPECT_FALSE(decision.event->hold_refused);
}

TEST(Release, TakesWhatWasDeployedAndTheAttributes) {
  Stack before = claimed_stack();
  before.undeployed = true;
  before.attributes = {{"old", "1"}};
  Release release{.key = owner};
  EXPECT_EQ(decide(before, release, noon + 1s).next.attributes, before.attributes);
  EXPECT_TRUE(decide(before, release, noon + 1s).next.undeployed);
  release.deployed = Deployed{.branch = "main", .commit = "abc"};
  release.attributes = StringMap{{"url", "https://alpha"}};
  const Stack next = decide(before, release, noon + 1s).next;
  EXPECT_EQ(next.deployed, (Deployed{"main", "abc", noon + 1s}));
  EXPECT_EQ(next.attributes, *release.attributes);
  EXPECT_FALSE(next.undeployed);
}

TEST(Release, MakesAHoldIfItIsAllowed) {
  Stack expected = claimed_stack();
  expected.state = State::held;
  expected.last_used = noon + 60s;
  expected.claim->expires_at = noon + 60s + 2h;
  expected.last_end = LastEnd{EndReason::released, Outcome::failed, noon + 60s, 7, {}};
  Release release{.key = owner, .outcome = Outcome::failed, .keep = 7200s, .hold_allowed = true};
  const Decision decision = expect_saved(claimed_stack(), release, noon + 60s, expected);
  expect_event(decision, EventKind::held, By::owner, State::claimed, State::held);
  EXPECT_EQ(decision.event->held_until, noon + 60s + 2h);
  EXPECT_EQ(decision.event->lasted, 60s);
  release.hold_allowed = false;
  const Decision refused = decide(claimed_stack(), release, noon + 60s);
  EXPECT_EQ(refused.next.state, State::available);
  EXPECT_TRUE(refused.event->hold_refused);
}

TEST(Release, EndsAHoldAndKeepsWhatWasToldOfItsClaim) {
  Stack expected = stack_in(State::available, noon + 60s);
  expected.last_end = held_stack().last_end;
  const Decision decision = expect_saved(held_stack(), Release{.key = owner}, noon + 60s, expected);
  expect_event(decision, EventKind::hold_ended, By::owner, State::held, State::available);
  EXPECT_EQ(decision.event->lasted, 0s);
}

TEST(Release, DisablesAStackThatWasToBeDisabledAfterItsClaim) {
  Stack before = claimed_stack();
  before.disable_after_claim = true;
  before.disabled_reason = "broken";
  Decision decision = decide(before, Release{.key = owner}, noon + 60s);
  EXPECT_EQ(decision.next.state, State::disabled);
  EXPECT_FALSE(decision.next.disable_after_claim);
  EXPECT_EQ(decision.next.disabled_reason, "broken");
  expect_event(decision, EventKind::released, By::owner, State::claimed, State::disabled);
  // A hold lets it wait for the end of the hold.
  decision = decide(before, Release{.key = owner, .keep = 60s, .hold_allowed = true}, noon + 60s);
  EXPECT_EQ(decision.next.state, State::held);
  EXPECT_TRUE(decision.next.disable_after_claim);
}

TEST(Release, IsLostToWhoeverDoesNotHaveTheStack) {
  for (const Stack& stack : {claimed_stack(), held_stack(), stack_in(State::available),
                             stack_in(State::claimed), stack_in(State::disabled)})
    for (const ClaimKey& key : {stranger, ClaimKey{}})
      expect_refused(stack, Release{.key = key}, noon + 1s, Refusal::claim_lost);
}

TEST(Settle, EndsAClaimAtItsTimeAndNotBefore) {
  const Stack claimed = claimed_stack();
  expect_refused(claimed, Settle{}, noon + 900s - 1us, Refusal::nothing_to_end);
  Stack free = stack_in(State::available, noon + 900s);
  free.last_end = LastEnd{EndReason::expired, std::nullopt, noon + 900s, 7, {}};
  const Decision decision = expect_saved(claimed, Settle{}, noon + 900s, free);
  expect_event(decision, EventKind::expired, By::time, State::claimed, State::available);
  EXPECT_EQ(decision.event->lasted, 900s);
}

TEST(Settle, EndsAHoldAtItsTimeAndNotBefore) {
  expect_refused(held_stack(), Settle{}, noon + 1h - 1us, Refusal::nothing_to_end);
  Stack free = stack_in(State::available, noon + 1h);
  free.last_end = held_stack().last_end;
  const Decision decision = expect_saved(held_stack(), Settle{}, noon + 1h, free);
  expect_event(decision, EventKind::hold_ended, By::time, State::held, State::available);
}

TEST(Settle, LetsAnOfferLapseAtItsTimeAndNotBefore) {
  expect_refused(offered_stack(), Settle{}, noon + 5s - 1us, Refusal::nothing_to_end);
  const Decision decision =
      expect_saved(offered_stack(), Settle{}, noon + 5s, stack_in(State::available, noon + 5s));
  expect_event(decision, EventKind::offer_lapsed, By::time, State::claimed, State::available);
  EXPECT_EQ(decision.event->lasted, 0s);
}

TEST(Settle, DisablesAStackThatWasToBeDisabledAfterItsClaim) {
  for (Stack stack : {claimed_stack(), offered_stack(), held_stack()}) {
    stack.disable_after_claim = true;
    EXPECT_EQ(decide(stack, Settle{}, noon + 2h).next.state, State::disabled);
  }
}

TEST(Settle, KnowsNoTimeOfWhatHasNone) {
  for (const State state : {State::available, State::claimed, State::disabled})
    expect_refused(stack_in(state), Settle{}, Instant::max(), Refusal::nothing_to_end);
}

TEST(TakeBack, EndsAnOfferAndNothingElse) {
  expect_saved(offered_stack(), TakeBack{}, noon + 1s, stack_in(State::available, noon + 1s));
  for (const Stack& stack : {claimed_stack(), held_stack(), stack_in(State::claimed),
                             stack_in(State::available), stack_in(State::disabled)})
    expect_refused(stack, TakeBack{}, noon + 1s, Refusal::nothing_to_end);
}

TEST(Sweep, LeavesV1ClaimsToTheirLeases) {
  for (const Stack& stack : {claimed_stack(), offered_stack(), held_stack()})
    expect_refused(stack, SweepUnused{0s}, noon + 800s, Refusal::nothing_to_end);
}

TEST(Event, TellsHowLongASeedClaimLasted) {
  const Decision decision = decide(stack_in(State::claimed), SeedRelease{}, noon + 70s);
  EXPECT_EQ(decision.event->lasted, 70s);
  EXPECT_EQ(decision.event->key, std::nullopt);
}

TEST(Event, BoundsHowLongAClaimFromTheBeginningOfTimeLasted) {
  const Stack oldest = stack_in(State::claimed, Instant::min());
  EXPECT_EQ(decide(oldest, SeedRelease{}, Instant::max()).event->lasted, 24h * 365);
  const Stack future = stack_in(State::claimed, Instant::max());
  EXPECT_EQ(decide(future, SeedRelease{}, noon).event->lasted, 0s);
}

}  // namespace
}  // namespace bddlock::core
