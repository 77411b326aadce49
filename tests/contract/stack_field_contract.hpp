// What a stack's record carries beside its state: claim, labels, notes; and the two looks that go
// by it, what is free and what is due.
#pragma once

#include <set>

#include "contract/contract_fixture.hpp"

namespace bddlock::contract {

template <class Harness>
class StackFieldContract : public Contract<Harness> {};

TYPED_TEST_SUITE_P(StackFieldContract);

inline core::Claim full_claim() {
  core::Claim claim = claim_until(noon + seconds{900});
  claim.holder = full_holder();
  claim.lease = seconds{77};
  claim.created = true;
  claim.offered = true;
  return claim;
}

inline Stack full_stack(std::string name) {
  Stack stack = stack_named(std::move(name));
  stack.state = State::claimed;
  stack.fencing_token = 42;
  stack.claim = full_claim();
  stack.labels = {{"size", "large"}, {"zone", "b"}};
  stack.attributes = {{"url", "https://x/"}};
  stack.note = "a note";
  stack.disabled_reason = "broken";
  stack.disable_after_claim = true;
  stack.undeployed = true;
  stack.deployed = core::Deployed{"branch", "commit", noon - seconds{5}};
  stack.last_end =
      core::LastEnd{core::EndReason::expired, core::Outcome::failed, noon - seconds{6}, 41, "why"};
  return stack;
}

TYPED_TEST_P(StackFieldContract, KeepsEveryField) {
  Stack stack = full_stack("alpha");
  ASSERT_EQ(this->save(stack, 0), Saved::yes);
  stack.version = 1;
  EXPECT_EQ(this->found("alpha"), stack);
  EXPECT_EQ(this->found(this->store(), "alpha"), stack);
  EXPECT_EQ(this->reader().list({})->items, std::vector{stack});
  EXPECT_EQ(this->reader().due(Instant::max(), 9), std::vector{stack});
  ASSERT_EQ(this->save(stack_named("alpha"), 1), Saved::yes);
  Stack plain = stack_named("alpha");
  plain.version = 2;
  EXPECT_EQ(this->found("alpha"), plain);
  EXPECT_EQ(this->save(stack, 2), Saved::yes);
  stack.version = 3;
  EXPECT_EQ(this->found("alpha"), stack);
}

// One field at a time, so that none is only kept beside others, and none stays when it is cleared.
TYPED_TEST_P(StackFieldContract, KeepsEachFieldAloneAndForgetsItAlone) {
  const Stack full = full_stack("alpha");
  std::vector<void (*)(Stack&, const Stack&)> fields = {
      [](Stack& to, const Stack& from) { to.claim = from.claim; },
      [](Stack& to, const Stack& from) { to.labels = from.labels; },
      [](Stack& to, const Stack& from) { to.attributes = from.attributes; },
      [](Stack& to, const Stack& from) { to.note = from.note; },
      [](Stack& to, const Stack& from) { to.disabled_reason = from.disabled_reason; },
      [](Stack& to, const Stack& from) { to.disable_after_claim = from.disable_after_claim; },
      [](Stack& to, const Stack& from) { to.undeployed = from.undeployed; },
      [](Stack& to, const Stack& from) { to.deployed = from.deployed; },
      [](Stack& to, const Stack& from) { to.last_end = from.last_end; },
      [](Stack& to, const Stack& from) {
        to.last_end = from.last_end;
        if (to.last_end) to.last_end->outcome.reset();
      },
      [](Stack& to, const Stack& from) {
        if (from.deployed) to.deployed = core::Deployed{};
      },
      [](Stack& to, const Stack& from) {
        to.claim = from.claim;
        if (to.claim) to.claim->holder = {};
      }};
  ASSERT_EQ(this->save(stack_named("alpha"), 0), Saved::yes);
  core::Version version = 1;
  for (const auto& set : fields) {
    for (const Stack& from : {full, stack_named("alpha")}) {
      Stack stack = stack_named("alpha");
      set(stack, from);
      ASSERT_EQ(this->save(stack, version++), Saved::yes);
      stack.version = version;
      EXPECT_EQ(this->found("alpha"), stack);
      Stack all_but = full;
      set(all_but, from);
      ASSERT_EQ(this->save(all_but, version++), Saved::yes);
      all_but.version = version;
      EXPECT_EQ(this->found("alpha"), all_but);
    }
  }
}

TYPED_TEST_P(StackFieldContract, KeepsOddTexts) {
  core::Version version = 0;
  for (const std::string& text : odd_texts) {
    Stack stack = full_stack("alpha");
    core::Holder holder;
    for (std::string* field :
         {&holder.ci, &holder.job, &holder.job_url, &holder.repo, &holder.branch, &holder.commit,
          &holder.actor, &stack.note, &stack.disabled_reason, &stack.deployed->branch,
          &stack.deployed->commit, &stack.last_end->note})
      *field = text;
    stack.claim->holder = holder;
    stack.labels = stack.attributes = {{text, text}, {text + "2", ""}, {"", text}};
    ASSERT_EQ(this->save(stack, version++), Saved::yes);
    stack.version = version;
    EXPECT_EQ(this->found("alpha"), stack) << text;
  }
}

TYPED_TEST_P(StackFieldContract, KeepsMapsOfAnySize) {
  Stack stack = stack_named("alpha");
  for (int i = 0; i < 300; ++i) stack.labels["key " + std::to_string(i)] = std::string(10, 'v');
  stack.attributes = {{std::string(2000, 'k'), std::string(2000, 'v')}};
  ASSERT_EQ(this->save(stack, 0), Saved::yes);
  stack.version = 1;
  EXPECT_EQ(this->found("alpha"), stack);
}

TYPED_TEST_P(StackFieldContract, KeepsNumbersToTheEndsOfTheirTypes) {
  core::Version version = 0;
  for (const std::int64_t number : {int64_max, int64_min, std::int64_t{0}, std::int64_t{-1}}) {
    const Instant time{microseconds{number}};
    Stack stack = full_stack("alpha");
    stack.last_used = time;
    stack.fencing_token = number;
    stack.claim->claimed_at = stack.claim->expires_at = time;
    stack.claim->lease = seconds{number};
    stack.deployed->at = stack.last_end->at = time;
    stack.last_end->fencing_token = number;
    ASSERT_EQ(this->save(stack, version++), Saved::yes);
    stack.version = version;
    EXPECT_EQ(this->found("alpha"), stack) << number;
  }
}

TYPED_TEST_P(StackFieldContract, KeepsClaimKeysBitByBit) {
  core::Version version = 0;
  for (const int byte : {0, 1, 0x27, 0x7f, 0x80, 0xff}) {
    Stack stack = full_stack("alpha");
    stack.claim->key.bytes.fill(static_cast<std::uint8_t>(byte));
    ASSERT_EQ(this->save(stack, version++), Saved::yes);
    EXPECT_EQ(this->found("alpha")->claim->key, stack.claim->key);
  }
}

TYPED_TEST_P(StackFieldContract, KeepsTheFieldsOfAStackThatChangesItsRepo) {
  Stack stack = full_stack("alpha");
  ASSERT_EQ(this->save(stack, 0), Saved::yes);
  stack.repo_name = RepoName{"elsewhere"};
  ASSERT_EQ(this->save(stack, 1), Saved::yes);
  stack.version = 2;
  EXPECT_EQ(this->found("alpha"), stack);
  EXPECT_EQ(this->listed({.repo_name = RepoName{"elsewhere"}}), Names{"alpha"});
}

TYPED_TEST_P(StackFieldContract, GivesTheFreeStackThatWasUsedLastFirst) {
  std::vector<Stack> stacks;
  for (const int age : {3, 1, 4, 2}) {
    stacks.push_back(stack_named("s" + std::to_string(age)));
    stacks.back().last_used -= seconds{age};
  }
  stacks.push_back(stack_named("other", "other"));
  stacks.push_back(stack_named("in use"));
  stacks.back().state = State::claimed;
  stacks.push_back(stack_named("off"));
  stacks.back().state = State::disabled;
  this->fill(stacks);
  const RepoName repo{"repo"};
  const auto free = [&](std::size_t limit) {
    return this->names_of(this->reader().available(repo, {}, limit));
  };
  EXPECT_EQ(free(9), (Names{"s1", "s2", "s3", "s4"}));
  EXPECT_EQ(free(2), (Names{"s1", "s2"}));
  EXPECT_EQ(free(0), Names{});
  EXPECT_EQ(this->names_of(this->reader().available(RepoName{"nobody"}, {}, 9)), Names{});
  Stack claimed = stacks[1];
  claimed.state = State::claimed;
  ASSERT_EQ(this->save(claimed, 1), Saved::yes);
  EXPECT_EQ(free(9), (Names{"s2", "s3", "s4"}));
  claimed.state = State::available;
  claimed.last_used = noon - seconds{10};
  ASSERT_EQ(this->save(claimed, 2), Saved::yes);
  EXPECT_EQ(free(9), (Names{"s2", "s3", "s4", "s1"}));
  ASSERT_EQ(this->remove(stacks[3], 1), Saved::yes);
  EXPECT_EQ(free(9), (Names{"s3", "s4", "s1"}));
}

TYPED_TEST_P(StackFieldContract, GivesFreeStacksOfAllTimesAndOfEqualOnes) {
  std::vector<Stack> stacks;
  for (const Instant at : {Instant::min(), noon, noon, noon, Instant::max()}) {
    stacks.push_back(stack_named(std::to_string(stacks.size())));
    stacks.back().last_used = at;
  }
  this->fill(stacks);
  Names names = this->names_of(this->reader().available(RepoName{"repo"}, {}, 9));
  ASSERT_EQ(names.size(), 5u);
  EXPECT_EQ(names.front(), "4");
  EXPECT_EQ(names.back(), "0");
  std::ranges::sort(names);
  EXPECT_EQ(names, (Names{"0", "1", "2", "3", "4"}));
}

TYPED_TEST_P(StackFieldContract, GivesFreeStacksThatHaveAllLabels) {
  std::vector<Stack> stacks;
  const std::vector<core::StringMap> labels = {{},
                                               {{"size", "l"}},
                                               {{"size", "l"}, {"zone", "a"}},
                                               {{"size", "s"}, {"zone", "a"}},
                                               {{"", ""}}};
  for (const auto& each : labels) {
    stacks.push_back(stack_named(std::to_string(stacks.size())));
    stacks.back().last_used -= seconds{static_cast<int>(stacks.size())};
    stacks.back().labels = each;
  }
  this->fill(stacks);
  const auto free = [&](const core::StringMap& wanted, std::size_t limit = 9) {
    return this->names_of(this->reader().available(RepoName{"repo"}, wanted, limit));
  };
  EXPECT_EQ(free({}).size(), 5u);
  EXPECT_EQ(free({{"size", "l"}}), (Names{"1", "2"}));
  EXPECT_EQ(free({{"size", "l"}}, 1), Names{"1"});
  EXPECT_EQ(free({{"zone", "a"}}), (Names{"2", "3"}));
  EXPECT_EQ(free({{"zone", "a"}}, 1), Names{"2"}) << "those without the label do not count";
  EXPECT_EQ(free({{"size", "l"}, {"zone", "a"}}), Names{"2"});
  EXPECT_EQ(free({{"", ""}}), Names{"4"});
  EXPECT_EQ(free({{"size", ""}}), Names{});
  EXPECT_EQ(free({{"Size", "l"}}), Names{});
  EXPECT_EQ(free({{"unknown", "l"}}), Names{});
}

TYPED_TEST_P(StackFieldContract, LeavesToChanceWhichOfThoseUsedLastItGives) {
  std::vector<Stack> stacks{stack_named("old"), stack_named("older")};
  stacks[0].last_used -= seconds{1};
  stacks[1].last_used -= seconds{2};
  for (const char* name : {"a", "b", "c"}) stacks.push_back(stack_named(name));
  stacks.push_back(stack_named("in use"));
  stacks.back().state = State::claimed;
  this->fill(stacks);
  for (service::StoreReader* from :
       {&this->reader(), static_cast<service::StoreReader*>(&this->store())}) {
    const auto used_last = [&](std::size_t count, std::uint64_t chance) {
      return this->names_of(from->used_last(RepoName{"repo"}, count, [=] { return chance; }));
    };
    std::set<std::string> first;
    for (std::uint64_t chance = 0; chance < 6; ++chance) {
      const Names one = used_last(1, chance);
      ASSERT_EQ(one.size(), 1u);
      first.insert(one.front());
      const Names four = used_last(4, chance);
      ASSERT_EQ(four.size(), 4u);
      EXPECT_EQ(four.back(), "old");
      EXPECT_EQ((std::set<std::string>{four[0], four[1], four[2]}),
                (std::set<std::string>{"a", "b", "c"}));
    }
    EXPECT_EQ(first, (std::set<std::string>{"a", "b", "c"}));
    EXPECT_EQ(used_last(9, 1).size(), 5u);
    EXPECT_EQ(used_last(0, 1), Names{});
    EXPECT_EQ(this->names_of(from->used_last(RepoName{"nobody"}, 1, [] { return 1u; })), Names{});
  }
}

TYPED_TEST_P(StackFieldContract, FindsWhatIsDueAtItsTimeAndNotBefore) {
  Stack held = claimed_until("held", noon + seconds{2});
  held.state = State::held;
  Stack seed = stack_named("seed claim");
  seed.state = State::claimed;
  Stack off = stack_named("off");
  off.state = State::disabled;
  this->fill({claimed_until("third", noon + seconds{3}), claimed_until("first", noon + seconds{1}),
              held, seed, off, stack_named("free")});
  const auto due = [&](Instant now, std::size_t limit = 9) {
    return this->names_of(this->reader().due(now, limit));
  };
  EXPECT_EQ(due(noon + seconds{1} - microseconds{1}), Names{});
  EXPECT_EQ(due(noon + seconds{1}), Names{"first"});
  EXPECT_EQ(due(noon + seconds{2} - microseconds{1}), Names{"first"});
  EXPECT_EQ(due(noon + seconds{2}), (Names{"first", "held"}));
  EXPECT_EQ(due(Instant::max()), (Names{"first", "held", "third"}));
  EXPECT_EQ(due(Instant::max(), 2), (Names{"first", "held"}));
  EXPECT_EQ(due(Instant::min()), Names{});
  Stack extended = claimed_until("first", noon + seconds{9});
  ASSERT_EQ(this->save(extended, 1), Saved::yes);
  EXPECT_EQ(due(noon + seconds{8}), (Names{"held", "third"}));
  ASSERT_EQ(this->save(stack_named("held"), 1), Saved::yes);
  EXPECT_EQ(due(noon + seconds{9}), (Names{"third", "first"}));
  ASSERT_EQ(this->remove(claimed_until("third", noon), 1), Saved::yes);
  EXPECT_EQ(due(Instant::max()), Names{"first"});
}

TYPED_TEST_P(StackFieldContract, FindsWhatIsDueAtTheEndsOfTime) {
  this->fill({claimed_until("max", Instant::max()), claimed_until("min", Instant::min())});
  EXPECT_EQ(this->names_of(this->reader().due(Instant::min(), 9)), Names{"min"});
  EXPECT_EQ(this->names_of(this->reader().due(Instant::max() - microseconds{1}, 9)), Names{"min"});
  EXPECT_EQ(this->names_of(this->reader().due(Instant::max(), 9)), (Names{"min", "max"}));
}

TYPED_TEST_P(StackFieldContract, SeesInABatchWhatItChangedThere) {
  if constexpr (!TypeParam::has_batches) return;
  this->fill({stack_named("a"), stack_named("b")});
  ASSERT_TRUE(this->store().begin());
  Stack claimed = claimed_until("a", noon);
  ASSERT_EQ(this->store().save({.stacks = {{.next = claimed, .expected = 1}}}), Saved::yes);
  EXPECT_EQ(this->names_of(this->store().available(RepoName{"repo"}, {}, 9)), Names{"b"});
  EXPECT_EQ(this->names_of(this->store().due(noon, 9)), Names{"a"});
  EXPECT_EQ(this->names_of(this->reader().due(noon, 9)), Names{});
  EXPECT_EQ(this->names_of(this->reader().available(RepoName{"repo"}, {}, 9)).size(), 2u);
  ASSERT_EQ(this->store().save({.stacks = {{.next = stack_named("a"), .expected = 2}}}),
            Saved::yes);
  EXPECT_EQ(this->names_of(this->store().available(RepoName{"repo"}, {}, 9)).size(), 2u);
  EXPECT_EQ(this->names_of(this->store().due(noon, 9)), Names{});
  this->store().rollback();
  EXPECT_EQ(this->names_of(this->store().available(RepoName{"repo"}, {}, 9)).size(), 2u);
  EXPECT_EQ(this->names_of(this->store().due(noon, 9)), Names{});
}

REGISTER_TYPED_TEST_SUITE_P(
    StackFieldContract, KeepsEveryField, KeepsEachFieldAloneAndForgetsItAlone, KeepsOddTexts,
    KeepsMapsOfAnySize, KeepsNumbersToTheEndsOfTheirTypes, KeepsClaimKeysBitByBit,
    KeepsTheFieldsOfAStackThatChangesItsRepo, GivesTheFreeStackThatWasUsedLastFirst,
    GivesFreeStacksOfAllTimesAndOfEqualOnes, GivesFreeStacksThatHaveAllLabels,
    LeavesToChanceWhichOfThoseUsedLastItGives, FindsWhatIsDueAtItsTimeAndNotBefore,
    FindsWhatIsDueAtTheEndsOfTime, SeesInABatchWhatItChangedThere);

}  // namespace bddlock::contract
