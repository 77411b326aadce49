// Stacks by name and in lists: versions, removal, order, pages.
#pragma once

#include "contract/contract_fixture.hpp"

namespace bddlock::contract {

template <class Harness>
class StackContract : public Contract<Harness> {};

TYPED_TEST_SUITE_P(StackContract);

TYPED_TEST_P(StackContract, FindsNothingInAnEmptyTable) {
  EXPECT_EQ(this->found("alpha"), std::nullopt);
  EXPECT_EQ(this->listed({}), Names{});
  EXPECT_EQ(this->reader().retired_token(StackName{"alpha"}), 0);
  EXPECT_EQ(this->reader().mark("key"), std::nullopt);
}

TYPED_TEST_P(StackContract, KeepsEachFieldOfANewRecordAndGivesItVersionOne) {
  Stack stack = stack_named("alpha");
  stack.state = State::held;
  stack.fencing_token = 42;
  stack.version = 99;  // ignored
  EXPECT_EQ(this->save(stack, 0), Saved::yes);
  stack.version = 1;
  EXPECT_EQ(this->found("alpha"), stack);
  EXPECT_EQ(this->found(this->store(), "alpha"), stack);
}

TYPED_TEST_P(StackContract, KeepsEveryState) {
  for (const State state : {State::available, State::claimed, State::held, State::disabled}) {
    Stack stack = stack_named(std::string{to_text(state)});
    stack.state = state;
    EXPECT_EQ(this->save(stack, 0), Saved::yes);
    EXPECT_EQ(this->found(stack.stack_name.text())->state, state);
  }
}

TYPED_TEST_P(StackContract, RaisesTheVersionByOneAtEachSave) {
  Stack stack = stack_named("alpha");
  for (core::Version version = 0; version < 5; ++version) {
    EXPECT_EQ(this->save(stack, version), Saved::yes);
    EXPECT_EQ(this->found("alpha")->version, version + 1);
  }
}

TYPED_TEST_P(StackContract, ChangesEveryFieldOfARecord) {
  this->fill({stack_named("alpha", "old")});
  Stack next = stack_named("alpha", "new");
  next.state = State::claimed;
  next.last_used += microseconds{1};
  next.fencing_token = 7;
  EXPECT_EQ(this->save(next, 1), Saved::yes);
  next.version = 2;
  EXPECT_EQ(this->found("alpha"), next);
  EXPECT_EQ(this->listed({.repo_name = RepoName{"old"}}), Names{});
  EXPECT_EQ(this->listed({.repo_name = RepoName{"new"}}), Names{"alpha"});
}

TYPED_TEST_P(StackContract, RefusesANewRecordWhoseNameIsThere) {
  this->fill({stack_named("alpha", "first")});
  EXPECT_EQ(this->save(stack_named("alpha", "second"), 0), Saved::version_moved);
  EXPECT_EQ(this->found("alpha")->repo_name, RepoName{"first"});
  EXPECT_EQ(this->found("alpha")->version, 1);
}

TYPED_TEST_P(StackContract, RefusesASaveOnAnotherVersion) {
  this->fill({stack_named("alpha")});
  ASSERT_EQ(this->save(stack_named("alpha"), 1), Saved::yes);
  for (const core::Version wrong : {core::Version{1}, core::Version{3}, int64_max - 1}) {
    EXPECT_EQ(this->save(stack_named("alpha", "other"), wrong), Saved::version_moved);
    EXPECT_EQ(this->remove(stack_named("alpha"), wrong), Saved::version_moved);
  }
  EXPECT_EQ(this->found("alpha")->version, 2);
  EXPECT_EQ(this->found("alpha")->repo_name, RepoName{"repo"});
}

TYPED_TEST_P(StackContract, RefusesAChangeOfARecordThatIsNotThere) {
  EXPECT_EQ(this->save(stack_named("alpha"), 1), Saved::version_moved);
  EXPECT_EQ(this->remove(stack_named("alpha"), 1), Saved::version_moved);
  EXPECT_EQ(this->found("alpha"), std::nullopt);
  EXPECT_EQ(this->reader().retired_token(StackName{"alpha"}), 0);
}

TYPED_TEST_P(StackContract, SavesSeveralRecordsAllOrNone) {
  this->fill({stack_named("alpha"), stack_named("beta")});
  const Stack removed = stack_named("beta");
  EXPECT_EQ(this->save({{.next = stack_named("alpha", "new"), .expected = 1},
                        {.next = removed, .expected = 1, .remove = true},
                        {.next = stack_named("gamma"), .expected = 5}}),
            Saved::version_moved);
  EXPECT_EQ(this->found("alpha")->repo_name, RepoName{"repo"});
  EXPECT_EQ(this->listed({}), (Names{"alpha", "beta"}));
  EXPECT_EQ(this->save({{.next = stack_named("alpha", "new"), .expected = 1},
                        {.next = removed, .expected = 1, .remove = true},
                        {.next = stack_named("gamma"), .expected = 0}}),
            Saved::yes);
  EXPECT_EQ(this->found("alpha")->repo_name, RepoName{"new"});
  EXPECT_EQ(this->listed({}), (Names{"alpha", "gamma"}));
}

TYPED_TEST_P(StackContract, KeepsTheLastTokenOfARemovedName) {
  Stack stack = stack_named("alpha");
  stack.fencing_token = 17;
  this->fill({stack});
  EXPECT_EQ(this->remove(stack, 1), Saved::yes);
  EXPECT_EQ(this->found("alpha"), std::nullopt);
  EXPECT_EQ(this->listed({}), Names{});
  EXPECT_EQ(this->listed({.repo_name = RepoName{"repo"}}), Names{});
  EXPECT_EQ(this->reader().retired_token(StackName{"alpha"}), 17);
  EXPECT_EQ(this->reader().retired_token(StackName{"beta"}), 0);
}

TYPED_TEST_P(StackContract, LetsARemovedNameComeBackAndGoAgain) {
  Stack stack = stack_named("alpha");
  stack.fencing_token = 3;
  this->fill({stack});
  ASSERT_EQ(this->remove(stack, 1), Saved::yes);
  stack.fencing_token = 8;
  ASSERT_EQ(this->save(stack, 0), Saved::yes);
  EXPECT_EQ(this->found("alpha")->fencing_token, 8);
  ASSERT_EQ(this->remove(stack, this->found("alpha")->version), Saved::yes);
  EXPECT_EQ(this->reader().retired_token(StackName{"alpha"}), 8);
}

TYPED_TEST_P(StackContract, CountsANameThatIsRemovedAndMadeAgainInOneBatch) {
  Stack stack = stack_named("alpha");
  stack.fencing_token = 5;
  this->fill({stack});
  ASSERT_TRUE(this->store().begin());
  const StackChange removal{.next = stack, .expected = 1, .remove = true};
  ASSERT_EQ(this->store().save({.stacks = {removal}}), Saved::yes);
  EXPECT_EQ(this->store().retired_token(StackName{"alpha"}), 5);
  EXPECT_EQ(this->found(this->store(), "alpha"), std::nullopt);
  const StackChange again{.next = stack_named("alpha", "new")};
  ASSERT_EQ(this->store().save({.stacks = {again}}), Saved::yes);
  ASSERT_TRUE(this->store().commit());
  EXPECT_EQ(this->found("alpha")->repo_name, RepoName{"new"});
  EXPECT_EQ(this->listed({}), Names{"alpha"});
}

TYPED_TEST_P(StackContract, KeepsTokensAndTimesToTheEndsOfTheirTypes) {
  Stack stack = stack_named("max");
  stack.fencing_token = int64_max;
  stack.last_used = Instant::max();
  ASSERT_EQ(this->save(stack, 0), Saved::yes);
  Stack least = stack_named("min");
  least.fencing_token = int64_min;
  least.last_used = Instant::min();
  ASSERT_EQ(this->save(least, 0), Saved::yes);
  EXPECT_EQ(this->found("max")->fencing_token, stack.fencing_token);
  EXPECT_EQ(this->found("max")->last_used, Instant::max());
  EXPECT_EQ(this->found("min")->fencing_token, least.fencing_token);
  EXPECT_EQ(this->found("min")->last_used, Instant::min());
  ASSERT_EQ(this->remove(stack, 1), Saved::yes);
  EXPECT_EQ(this->reader().retired_token(StackName{"max"}), stack.fencing_token);
}

TYPED_TEST_P(StackContract, ListsInTheOrderOfBytes) {
  const std::string longest(255, 'a');
  const Names in_order = {"A",
                          "Z",
                          "_",
                          "a",
                          "a b",
                          "a-",
                          longest,
                          "b",
                          "\x7e~",
                          "\xc3\xa4",
                          "\xe2\x82\xac",
                          "\xef\xbf\xbd",
                          "\xf0\x9f\x8d\xba"};
  ASSERT_TRUE(std::ranges::is_sorted(in_order));
  std::vector<Stack> stacks;
  for (const std::string& name : in_order) stacks.push_back(stack_named(name));
  std::ranges::reverse(stacks);
  this->fill(stacks);
  EXPECT_EQ(this->listed({}), in_order);
  EXPECT_EQ(this->listed({.limit = 1}), in_order);
  EXPECT_EQ(this->listed({.repo_name = RepoName{"repo"}, .limit = 2}), in_order);
  EXPECT_EQ(this->listed(this->store(), {.limit = 3}), in_order);
  for (const std::string& name : in_order) EXPECT_EQ(this->found(name)->stack_name.text(), name);
}

TYPED_TEST_P(StackContract, TellsNamesApartThatDifferInCaseOrFormOnly) {
  // "a with diaeresis" as one code point and as two; quotes and wildcards that SQL knows.
  const Names names = {"%",       "'; DROP TABLE stacks; --", "Alpha", "_", "alpha", "a\xcc\x88",
                       "\xc3\xa4"};
  for (const std::string& name : names) this->fill({stack_named(name, name)});
  for (const std::string& name : names)
    EXPECT_EQ(this->listed({.repo_name = RepoName{name}}), Names{name});
}

TYPED_TEST_P(StackContract, ListsBehindANameWhetherItIsThereOrNot) {
  this->fill({stack_named("a"), stack_named("b"), stack_named("d")});
  EXPECT_EQ(this->listed({.after = StackName{""}}), (Names{"a", "b", "d"}));
  EXPECT_EQ(this->listed({.after = StackName{"b"}}), Names{"d"});
  EXPECT_EQ(this->listed({.after = StackName{"c"}}), Names{"d"});
  EXPECT_EQ(this->listed({.after = StackName{"d"}}), Names{});
  EXPECT_EQ(this->listed({.repo_name = RepoName{"repo"}, .after = StackName{"a"}}),
            (Names{"b", "d"}));
}

TYPED_TEST_P(StackContract, ListsByRepoAndState) {
  std::vector<Stack> stacks;
  for (const std::string name : {"a", "b", "c", "d", "e", "f"})
    stacks.push_back(stack_named(name, name < "d" ? "one" : "two"));
  for (const std::size_t i : {1u, 4u}) stacks[i].state = State::claimed;
  stacks[2].state = State::disabled;
  this->fill(stacks);
  EXPECT_EQ(this->listed({.repo_name = RepoName{"one"}}), (Names{"a", "b", "c"}));
  EXPECT_EQ(this->listed({.state = State::claimed}), (Names{"b", "e"}));
  EXPECT_EQ(this->listed({.repo_name = RepoName{"two"}, .state = State::available}),
            (Names{"d", "f"}));
  EXPECT_EQ(this->listed({.repo_name = RepoName{"two"}, .state = State::available, .limit = 1}),
            (Names{"d", "f"}));
  EXPECT_EQ(this->listed({.repo_name = RepoName{"one"}, .state = State::held}), Names{});
  EXPECT_EQ(this->listed({.repo_name = RepoName{"on"}}), Names{});
}

TYPED_TEST_P(StackContract, ListsWholeRecords) {
  Stack stack = stack_named("alpha");
  stack.state = State::claimed;
  stack.fencing_token = 3;
  this->fill({stack});
  stack.version = 1;
  for (const StackQuery& query : {StackQuery{}, StackQuery{.repo_name = RepoName{"repo"}},
                                  StackQuery{.state = State::claimed}}) {
    const auto page = this->reader().list(query);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->items, std::vector{stack});
  }
}

TYPED_TEST_P(StackContract, EndsALastPageThatIsJustFull) {
  this->fill({stack_named("a"), stack_named("b")});
  const auto page = this->reader().list({.limit = 2});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->items.size(), 2u);
  EXPECT_EQ(page->next_after, std::nullopt);
}

TYPED_TEST_P(StackContract, ListsALargeTableInPagesOfAnySize) {
  constexpr int count = 10'000 / TypeParam::smaller;
  std::vector<Stack> stacks;
  Names all;
  Names claimed;
  for (int i = 0; i < count; ++i) {
    stacks.push_back(stack_named(std::to_string(100'000 + i), i % 2 == 0 ? "even" : "odd"));
    all.push_back(stacks.back().stack_name.text());
    if (i < count - 10) continue;  // a few, at the end
    stacks.back().state = State::claimed;
    claimed.push_back(all.back());
  }
  this->fill(stacks);
  EXPECT_EQ(this->listed({}), all);
  EXPECT_EQ(this->listed({.limit = count}), all);
  EXPECT_EQ(this->listed({.limit = 37}), all);
  EXPECT_EQ(this->listed({.state = State::claimed}), claimed);
  EXPECT_EQ(this->listed({.repo_name = RepoName{"odd"}, .limit = 999}).size(), all.size() / 2);
}

REGISTER_TYPED_TEST_SUITE_P(StackContract, FindsNothingInAnEmptyTable,
                            KeepsEachFieldOfANewRecordAndGivesItVersionOne, KeepsEveryState,
                            RaisesTheVersionByOneAtEachSave, ChangesEveryFieldOfARecord,
                            RefusesANewRecordWhoseNameIsThere, RefusesASaveOnAnotherVersion,
                            RefusesAChangeOfARecordThatIsNotThere, SavesSeveralRecordsAllOrNone,
                            KeepsTheLastTokenOfARemovedName, LetsARemovedNameComeBackAndGoAgain,
                            CountsANameThatIsRemovedAndMadeAgainInOneBatch,
                            KeepsTokensAndTimesToTheEndsOfTheirTypes, ListsInTheOrderOfBytes,
                            TellsNamesApartThatDifferInCaseOrFormOnly,
                            ListsBehindANameWhetherItIsThereOrNot, ListsByRepoAndState,
                            ListsWholeRecords, EndsALastPageThatIsJustFull,
                            ListsALargeTableInPagesOfAnySize);

}  // namespace bddlock::contract
