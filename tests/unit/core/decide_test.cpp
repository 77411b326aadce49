#include "core/decide.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "unit/core/decisions.hpp"

namespace bddlock::core {
namespace {

TEST(SeedClaim, TakesAnAvailableStackAndRaisesItsToken) {
  Stack claimed = stack_in(State::claimed, noon + 5s);
  claimed.fencing_token = 8;
  expect_saved(stack_in(State::available), SeedClaim{}, noon + 5s, claimed);
}

TEST(SeedClaim, IsRefusedUnlessTheStackIsAvailable) {
  for (const State state : {State::claimed, State::held, State::disabled})
    expect_refused(stack_in(state), SeedClaim{}, noon + 24h * 365, Refusal::stack_unavailable);
}

TEST(SeedClaim, TakesTheTimeOfTheClaimEvenIfTheRecordIsFromTheFuture) {
  Stack claimed = stack_in(State::claimed, noon);
  claimed.fencing_token = 8;
  expect_saved(stack_in(State::available, noon + 1h), SeedClaim{}, noon, claimed);
}

TEST(SeedRelease, EndsASeedClaimOrAHoldAndKeepsTheToken) {
  const Instant at = noon + 1s;
  expect_saved(stack_in(State::claimed), SeedRelease{}, at,
               freed_stack(EndReason::seed_released, at));
  expect_saved(stack_in(State::held), SeedRelease{}, at, stack_in(State::available, at));
}

TEST(SeedRelease, EndsAHoldOfAV1Claim) {
  Stack free = stack_in(State::available, noon + 1s);
  free.last_end = held_stack().last_end;
  expect_saved(held_stack(), SeedRelease{}, noon + 1s, free);
}

TEST(SeedRelease, LeavesALiveV1ClaimUnlessTheSettingSaysOtherwise) {
  expect_refused(claimed_stack(), SeedRelease{}, noon + 1s, Refusal::nothing_to_end);
  expect_saved(claimed_stack(), SeedRelease{.ends_claims = true}, noon + 1s,
               freed_stack(EndReason::seed_released, noon + 1s));
}

TEST(SeedRelease, IsRefusedWhereThereIsNothingToEnd) {
  for (const State state : {State::available, State::disabled})
    expect_refused(stack_in(state), SeedRelease{}, noon + 1s, Refusal::nothing_to_end);
}

TEST(Sweep, EndsASeedClaimOnlyOnceItIsOlderThanTheExpiry) {
  const Stack claimed = stack_in(State::claimed);
  const SweepUnused sweep{expiry};
  expect_refused(claimed, sweep, noon + expiry - 1us, Refusal::nothing_to_end);
  expect_refused(claimed, sweep, noon + expiry, Refusal::nothing_to_end);
  const Instant over = noon + expiry + 1us;
  const Decision decision = expect_saved(claimed, sweep, over, freed_stack(EndReason::swept, over));
  expect_event(decision, EventKind::swept, By::time, State::claimed, State::available);
}

TEST(Sweep, LeavesWhateverIsNoClaim) {
  for (const State state : {State::available, State::held, State::disabled})
    expect_refused(stack_in(state), SweepUnused{expiry}, noon + 24h, Refusal::nothing_to_end);
}

TEST(Sweep, WithAnExpiryOfZeroEndsWhatIsOlderThanThisMoment) {
  const Stack claimed = stack_in(State::claimed);
  for (const seconds none : {seconds{0}, seconds{-5}, seconds::min()}) {
    expect_refused(claimed, SweepUnused{none}, noon, Refusal::nothing_to_end);
    expect_saved(claimed, SweepUnused{none}, noon + 1us, freed_stack(EndReason::swept, noon + 1us));
  }
}

TEST(Sweep, EndsNothingThatWasUsedInTheFuture) {
  for (const Instant later : {noon + 1us, noon + 24h * 365 * 100, Instant::max()})
    for (const seconds limit : {seconds{0}, expiry, seconds::max()})
      expect_refused(stack_in(State::claimed, later), SweepUnused{limit}, noon,
                     Refusal::nothing_to_end);
}

TEST(Sweep, DoesNotOverflowAtTheEndsOfTime) {
  const Stack oldest = stack_in(State::claimed, Instant::min());
  const Stack freed = freed_stack(EndReason::swept, Instant::max());
  expect_saved(oldest, SweepUnused{expiry}, Instant::max(), freed);
  expect_refused(oldest, SweepUnused{seconds::max()}, Instant::max(), Refusal::nothing_to_end);
  expect_refused(stack_in(State::claimed, Instant::max()), SweepUnused{expiry}, Instant::min(),
                 Refusal::nothing_to_end);
  // The longest limit that fits: 2^63 us; all of time is almost twice that.
  const seconds longest{std::numeric_limits<std::int64_t>::max() / 1'000'000};
  expect_saved(oldest, SweepUnused{longest}, Instant::max(), freed);
}

TEST(Remove, TakesAStackThatNobodyUses) {
  for (const State state : {State::available, State::disabled})
    expect_removed(stack_in(state), Remove{}, noon);
}

TEST(Remove, IsRefusedWhileTheStackIsInUse) {
  for (const State state : {State::claimed, State::held})
    expect_refused(stack_in(state), Remove{}, noon + 24h * 365, Refusal::stack_in_use);
}

TEST(RemoveUnused, TakesAnAvailableStackOnlyOnceItWasUnusedForLonger) {
  const Stack idle = stack_in(State::available);
  const RemoveUnused old{24h};
  expect_refused(idle, old, noon + 24h, Refusal::nothing_to_end);
  expect_removed(idle, old, noon + 24h + 1us);
}

TEST(RemoveUnused, NeverTakesOneThatIsInUseOrDisabled) {
  const Instant much_later = noon + 24h * 365 * 50;
  for (const State state : {State::claimed, State::held})
    expect_refused(stack_in(state), RemoveUnused{0s}, much_later, Refusal::stack_in_use);
  expect_refused(stack_in(State::disabled), RemoveUnused{0s}, much_later, Refusal::nothing_to_end);
}

TEST(Admit, LetsAnAvailableStackGoOnFromTheLastTokenOfItsName) {
  const Decision decision = admit({StackName{"alpha"}, RepoName{"repo"}, true}, 41, noon);
  Stack expected = stack_in(State::available);
  expected.fencing_token = 41;
  expected.version = 0;
  EXPECT_EQ(decision.effect, Effect::save);
  EXPECT_EQ(decision.next, expected);
  expect_event(decision, EventKind::created, By::seed, std::nullopt, State::available);
}

TEST(Admit, TakesWhatAnAdminSaysOfIt) {
  const NewStack wanted{.stack_name = StackName{"alpha"},
                        .repo_name = RepoName{"repo"},
                        .available = true,
                        .labels = {{"size", "xl"}},
                        .attributes = {{"url", "https://alpha"}},
                        .note = "new",
                        .by = By::admin};
  const Decision decision = admit(wanted, 0, noon);
  EXPECT_EQ(decision.next.labels, wanted.labels);
  EXPECT_EQ(decision.next.attributes, wanted.attributes);
  EXPECT_EQ(decision.next.note, "new");
  expect_event(decision, EventKind::created, By::admin, std::nullopt, State::available);
}

TEST(Admit, CountsAStackCreatedInUseAsAGrant) {
  const NewStack wanted{StackName{"alpha"}, RepoName{"repo"}, false};
  EXPECT_EQ(admit(wanted, 0, noon).next.fencing_token, 1);
  const Decision again = admit(wanted, 41, noon);
  EXPECT_EQ(again.next.fencing_token, 42);
  EXPECT_EQ(again.next.state, State::claimed);
  EXPECT_EQ(again.next.last_used, noon);
  EXPECT_EQ(std::get<Done>(again.reply).fencing_token, 42);
}

Stack imported(const Stack& incoming, const Stack* present, FencingToken last_token) {
  const Decision decision = merge_import(incoming, present, last_token, noon + 1h);
  EXPECT_EQ(decision.effect, Effect::save);
  expect_event(decision, EventKind::imported, By::import,
               present != nullptr ? std::optional{present->state} : std::nullopt,
               decision.next.state);
  EXPECT_EQ(decision.event->fencing_token, decision.next.fencing_token);
  return decision.next;
}

TEST(MergeImport, TakesANewStackAsItComesButForItsVersion) {
  const Stack incoming = stack_in(State::disabled);
  Stack expected = incoming;
  expected.version = 0;
  EXPECT_EQ(imported(incoming, nullptr, 0), expected);
}

TEST(MergeImport, KeepsTheLargestToken) {
  Stack incoming = stack_in(State::available);  // 7
  Stack present = stack_in(State::available);
  EXPECT_EQ(imported(incoming, nullptr, 9).fencing_token, 9);
  EXPECT_EQ(imported(incoming, nullptr, 6).fencing_token, 7);
  present.fencing_token = 8;
  EXPECT_EQ(imported(incoming, &present, 0).fencing_token, 8);
  present.fencing_token = 6;
  EXPECT_EQ(imported(incoming, &present, 0).fencing_token, 7);
  incoming.fencing_token = -3;
  EXPECT_EQ(imported(incoming, nullptr, 0).fencing_token, 0);
}

TEST(MergeImport, BringsNoTokenSoLargeThatCountingComesToAnEnd) {
  Stack incoming = stack_in(State::available);
  incoming.fencing_token = std::numeric_limits<FencingToken>::max();
  EXPECT_EQ(imported(incoming, nullptr, 0).fencing_token, fencing_token_import_max);
}

TEST(MergeImport, ReplacesAStackThatNobodyUses) {
  Stack incoming = stack_in(State::claimed, noon - 1h);
  incoming.repo_name = RepoName{"other"};
  incoming.version = 77;
  for (const State state : {State::available, State::disabled}) {
    const Stack present = stack_in(state);
    Stack expected = incoming;
    expected.version = present.version;
    EXPECT_EQ(imported(incoming, &present, 0), expected);
  }
}

TEST(MergeImport, NeverTakesAStackFromItsUser) {
  Stack incoming = stack_in(State::available, noon - 1h);
  incoming.repo_name = RepoName{"other"};
  incoming.fencing_token = 100;
  for (const Stack& present :
       {stack_in(State::claimed), stack_in(State::held), claimed_stack(), held_stack()}) {
    Stack expected = present;
    expected.fencing_token = 100;
    EXPECT_EQ(imported(incoming, &present, 0), expected);
  }
}

TEST(MergeImport, BringsAClaimOnlyWithAStackInUseAndNoOffer) {
  Stack incoming = claimed_stack();
  incoming.claim->offered = true;
  EXPECT_FALSE(imported(incoming, nullptr, 0).claim->offered);
  incoming.state = State::available;
  incoming.disable_after_claim = true;
  const Stack next = imported(incoming, nullptr, 0);
  EXPECT_EQ(next.claim, std::nullopt);
  EXPECT_FALSE(next.disable_after_claim);
}

}  // namespace
}  // namespace bddlock::core
