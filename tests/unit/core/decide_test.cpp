#include "core/decide.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace bddlock::core {
namespace {

using namespace std::chrono_literals;

constexpr Instant noon = std::chrono::sys_days{2020y / 1 / 6} + 12h;
constexpr seconds expiry = 7200s;

Stack stack_in(State state, Instant last_used = noon) {
  return {.stack_name = StackName{"alpha"},
          .repo_name = RepoName{"repo"},
          .state = state,
          .last_used = last_used,
          .fencing_token = 7,
          .version = 3};
}

// The command saves the stack as `expected`, and says so.
void expect_saved(const Stack& before, const Command& command, Instant now, const Stack& expected) {
  const Decision decision = decide(before, command, now);
  EXPECT_EQ(decision.effect, Effect::save);
  EXPECT_EQ(decision.next, expected);
  ASSERT_TRUE(std::holds_alternative<Done>(decision.reply));
  EXPECT_EQ(std::get<Done>(decision.reply).fencing_token, expected.fencing_token);
}

void expect_refused(const Stack& before, const Command& command, Instant now, Refusal why) {
  const Decision decision = decide(before, command, now);
  EXPECT_EQ(decision.effect, Effect::none);
  EXPECT_EQ(decision.next, before);
  ASSERT_TRUE(std::holds_alternative<Refused>(decision.reply));
  EXPECT_EQ(std::get<Refused>(decision.reply).why, why);
  EXPECT_EQ(std::get<Refused>(decision.reply).stack, before);
}

void expect_removed(const Stack& before, const Command& command, Instant now) {
  const Decision decision = decide(before, command, now);
  EXPECT_EQ(decision.effect, Effect::remove);
  EXPECT_EQ(decision.next, before);
  EXPECT_TRUE(std::holds_alternative<Done>(decision.reply));
}

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
  for (const State state : {State::claimed, State::held})
    expect_saved(stack_in(state), SeedRelease{}, noon + 1s, stack_in(State::available, noon + 1s));
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
  expect_saved(claimed, sweep, over, stack_in(State::available, over));
}

TEST(Sweep, LeavesWhateverIsNoClaim) {
  for (const State state : {State::available, State::held, State::disabled})
    expect_refused(stack_in(state), SweepUnused{expiry}, noon + 24h, Refusal::nothing_to_end);
}

TEST(Sweep, WithAnExpiryOfZeroEndsWhatIsOlderThanThisMoment) {
  const Stack claimed = stack_in(State::claimed);
  for (const seconds none : {seconds{0}, seconds{-5}, seconds::min()}) {
    expect_refused(claimed, SweepUnused{none}, noon, Refusal::nothing_to_end);
    expect_saved(claimed, SweepUnused{none}, noon + 1us, stack_in(State::available, noon + 1us));
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
  const Stack freed = stack_in(State::available, Instant::max());
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
  const Stack stack = admit({StackName{"alpha"}, RepoName{"repo"}, true}, 41, noon);
  Stack expected = stack_in(State::available);
  expected.fencing_token = 41;
  expected.version = 0;
  EXPECT_EQ(stack, expected);
}

TEST(Admit, CountsAStackCreatedInUseAsAGrant) {
  const NewStack wanted{StackName{"alpha"}, RepoName{"repo"}, false};
  EXPECT_EQ(admit(wanted, 0, noon).fencing_token, 1);
  EXPECT_EQ(admit(wanted, 41, noon).fencing_token, 42);
  EXPECT_EQ(admit(wanted, 41, noon).state, State::claimed);
  EXPECT_EQ(admit(wanted, 41, noon).last_used, noon);
}

TEST(MergeImport, TakesANewStackAsItComesButForItsVersion) {
  const Stack incoming = stack_in(State::disabled);
  Stack expected = incoming;
  expected.version = 0;
  EXPECT_EQ(merge_import(incoming, nullptr, 0), expected);
}

TEST(MergeImport, KeepsTheLargestToken) {
  Stack incoming = stack_in(State::available);  // 7
  Stack present = stack_in(State::available);
  EXPECT_EQ(merge_import(incoming, nullptr, 9).fencing_token, 9);
  EXPECT_EQ(merge_import(incoming, nullptr, 6).fencing_token, 7);
  present.fencing_token = 8;
  EXPECT_EQ(merge_import(incoming, &present, 0).fencing_token, 8);
  present.fencing_token = 6;
  EXPECT_EQ(merge_import(incoming, &present, 0).fencing_token, 7);
  incoming.fencing_token = -3;
  EXPECT_EQ(merge_import(incoming, nullptr, 0).fencing_token, 0);
}

TEST(MergeImport, BringsNoTokenSoLargeThatCountingComesToAnEnd) {
  Stack incoming = stack_in(State::available);
  incoming.fencing_token = std::numeric_limits<FencingToken>::max();
  EXPECT_EQ(merge_import(incoming, nullptr, 0).fencing_token, fencing_token_import_max);
}

TEST(MergeImport, ReplacesAStackThatNobodyUses) {
  Stack incoming = stack_in(State::claimed, noon - 1h);
  incoming.repo_name = RepoName{"other"};
  incoming.version = 77;
  for (const State state : {State::available, State::disabled}) {
    const Stack present = stack_in(state);
    Stack expected = incoming;
    expected.version = present.version;
    EXPECT_EQ(merge_import(incoming, &present, 0), expected);
  }
}

TEST(MergeImport, NeverTakesAStackFromItsUser) {
  Stack incoming = stack_in(State::available, noon - 1h);
  incoming.repo_name = RepoName{"other"};
  incoming.fencing_token = 100;
  for (const State state : {State::claimed, State::held}) {
    const Stack present = stack_in(state);
    Stack expected = present;
    expected.fencing_token = 100;
    EXPECT_EQ(merge_import(incoming, &present, 0), expected);
  }
}

}  // namespace
}  // namespace bddlock::core
