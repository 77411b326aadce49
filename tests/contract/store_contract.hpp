// The specification of the store port (service/store.hpp): a store is done when this suite is green
// on it.
//
// To run it on a store, write a Harness and instantiate:
//
//   struct MyHarness {
//     service::Store& store();         // the one writer
//     service::StoreReader& reader();  // what everybody else sees
//     void reopen();                   // closes and opens it again; empty if nothing outlives it
//     static constexpr bool keeps_over_reopen = true;
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(MyStore, StoreContract, MyHarness);
//
// Each test gets a new Harness over an empty table.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "service/store.hpp"

namespace bddlock::contract {

using core::Instant;
using core::microseconds;
using core::RepoName;
using core::Stack;
using core::StackName;
using core::State;
using service::Change;
using service::Saved;
using service::StackQuery;

inline Stack stack_named(std::string name, std::string repo = "repo") {
  return {.stack_name = StackName{std::move(name)},
          .repo_name = RepoName{std::move(repo)},
          .last_used = Instant{microseconds{1'574'291'428'014'213}}};
}

template <class Harness>
class StoreContract : public testing::Test {
 protected:
  service::Store& store() { return harness_.store(); }
  service::StoreReader& reader() { return harness_.reader(); }
  void reopen() { harness_.reopen(); }

  // Saves in a batch of its own.
  Saved save(std::vector<Change> changes) {
    EXPECT_TRUE(store().begin());
    const auto saved = store().save(changes);
    EXPECT_TRUE(saved) << saved.error().detail;
    EXPECT_TRUE(store().commit());
    return saved.value_or(Saved::version_moved);
  }

  Saved save(const Stack& next, core::Version expected) {
    return save(std::vector<Change>{{.next = next, .expected = expected}});
  }

  Saved remove(const Stack& stack, core::Version expected) {
    return save(std::vector<Change>{{.next = stack, .expected = expected, .remove = true}});
  }

  void fill(const std::vector<Stack>& stacks) {
    std::vector<Change> changes;
    for (const Stack& stack : stacks) changes.push_back({.next = stack});
    ASSERT_EQ(save(changes), Saved::yes);
  }

  std::optional<Stack> found(const std::string& name) { return found(reader(), name); }

  static std::optional<Stack> found(service::StoreReader& from, const std::string& name) {
    const auto stack = from.find(StackName{name});
    EXPECT_TRUE(stack) << stack.error().detail;
    return stack.value_or(std::nullopt);
  }

  // The names of all pages.
  static std::vector<std::string> listed(service::StoreReader& from, StackQuery query) {
    std::vector<std::string> names;
    for (;;) {
      const auto page = from.list(query);
      EXPECT_TRUE(page) << page.error().detail;
      if (!page) return names;
      EXPECT_LE(page->items.size(), query.limit);
      for (const Stack& stack : page->items) names.push_back(stack.stack_name.text());
      if (!page->next_after) return names;
      EXPECT_TRUE(!query.after || *query.after < *page->next_after) << "the pages do not go on";
      query.after = page->next_after;
    }
  }
  std::vector<std::string> listed(StackQuery query) { return listed(reader(), std::move(query)); }

  Harness harness_;
};

using Names = std::vector<std::string>;

TYPED_TEST_SUITE_P(StoreContract);

TYPED_TEST_P(StoreContract, FindsNothingInAnEmptyTable) {
  EXPECT_EQ(this->found("alpha"), std::nullopt);
  EXPECT_EQ(this->listed({}), Names{});
  EXPECT_EQ(this->reader().retired_token(StackName{"alpha"}), 0);
  EXPECT_EQ(this->reader().mark("key"), std::nullopt);
}

TYPED_TEST_P(StoreContract, KeepsEachFieldOfANewRecordAndGivesItVersionOne) {
  Stack stack = stack_named("alpha");
  stack.state = State::held;
  stack.fencing_token = 42;
  stack.version = 99;  // ignored
  EXPECT_EQ(this->save(stack, 0), Saved::yes);
  stack.version = 1;
  EXPECT_EQ(this->found("alpha"), stack);
  EXPECT_EQ(this->found(this->store(), "alpha"), stack);
}

TYPED_TEST_P(StoreContract, KeepsEveryState) {
  for (const State state : {State::available, State::claimed, State::held, State::disabled}) {
    Stack stack = stack_named(std::string{to_text(state)});
    stack.state = state;
    EXPECT_EQ(this->save(stack, 0), Saved::yes);
    EXPECT_EQ(this->found(stack.stack_name.text())->state, state);
  }
}

TYPED_TEST_P(StoreContract, RaisesTheVersionByOneAtEachSave) {
  Stack stack = stack_named("alpha");
  for (core::Version version = 0; version < 5; ++version) {
    EXPECT_EQ(this->save(stack, version), Saved::yes);
    EXPECT_EQ(this->found("alpha")->version, version + 1);
  }
}

TYPED_TEST_P(StoreContract, ChangesEveryFieldOfARecord) {
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

TYPED_TEST_P(StoreContract, RefusesANewRecordWhoseNameIsThere) {
  this->fill({stack_named("alpha", "first")});
  EXPECT_EQ(this->save(stack_named("alpha", "second"), 0), Saved::version_moved);
  EXPECT_EQ(this->found("alpha")->repo_name, RepoName{"first"});
  EXPECT_EQ(this->found("alpha")->version, 1);
}

TYPED_TEST_P(StoreContract, RefusesASaveOnAnotherVersion) {
  this->fill({stack_named("alpha")});
  ASSERT_EQ(this->save(stack_named("alpha"), 1), Saved::yes);
  for (const core::Version wrong :
       {core::Version{1}, core::Version{3}, std::numeric_limits<core::Version>::max() - 1}) {
    EXPECT_EQ(this->save(stack_named("alpha", "other"), wrong), Saved::version_moved);
    EXPECT_EQ(this->remove(stack_named("alpha"), wrong), Saved::version_moved);
  }
  EXPECT_EQ(this->found("alpha")->version, 2);
  EXPECT_EQ(this->found("alpha")->repo_name, RepoName{"repo"});
}

TYPED_TEST_P(StoreContract, RefusesAChangeOfARecordThatIsNotThere) {
  EXPECT_EQ(this->save(stack_named("alpha"), 1), Saved::version_moved);
  EXPECT_EQ(this->remove(stack_named("alpha"), 1), Saved::version_moved);
  EXPECT_EQ(this->found("alpha"), std::nullopt);
  EXPECT_EQ(this->reader().retired_token(StackName{"alpha"}), 0);
}

TYPED_TEST_P(StoreContract, GoesOnInABatchAfterAVersionThatMoved) {
  this->fill({stack_named("alpha")});
  ASSERT_TRUE(this->store().begin());
  const Change stale{.next = stack_named("alpha", "stale"), .expected = 9};
  EXPECT_EQ(this->store().save({&stale, 1}), Saved::version_moved);
  const Change good{.next = stack_named("beta")};
  EXPECT_EQ(this->store().save({&good, 1}), Saved::yes);
  ASSERT_TRUE(this->store().commit());
  EXPECT_EQ(this->listed({}), (Names{"alpha", "beta"}));
  EXPECT_EQ(this->found("alpha")->repo_name, RepoName{"repo"});
}

TYPED_TEST_P(StoreContract, SavesSeveralRecordsAllOrNone) {
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

TYPED_TEST_P(StoreContract, TakesASaveOfNothing) {
  EXPECT_EQ(this->save(std::vector<Change>{}), Saved::yes);
}

TYPED_TEST_P(StoreContract, KeepsTheLastTokenOfARemovedName) {
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

TYPED_TEST_P(StoreContract, LetsARemovedNameComeBackAndGoAgain) {
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

TYPED_TEST_P(StoreContract, CountsANameThatIsRemovedAndMadeAgainInOneBatch) {
  Stack stack = stack_named("alpha");
  stack.fencing_token = 5;
  this->fill({stack});
  ASSERT_TRUE(this->store().begin());
  const Change removal{.next = stack, .expected = 1, .remove = true};
  ASSERT_EQ(this->store().save({&removal, 1}), Saved::yes);
  EXPECT_EQ(this->store().retired_token(StackName{"alpha"}), 5);
  EXPECT_EQ(this->found(this->store(), "alpha"), std::nullopt);
  const Change again{.next = stack_named("alpha", "new")};
  ASSERT_EQ(this->store().save({&again, 1}), Saved::yes);
  ASSERT_TRUE(this->store().commit());
  EXPECT_EQ(this->found("alpha")->repo_name, RepoName{"new"});
  EXPECT_EQ(this->listed({}), Names{"alpha"});
}

TYPED_TEST_P(StoreContract, KeepsTokensAndTimesToTheEndsOfTheirTypes) {
  Stack stack = stack_named("max");
  stack.fencing_token = std::numeric_limits<core::FencingToken>::max();
  stack.last_used = Instant::max();
  ASSERT_EQ(this->save(stack, 0), Saved::yes);
  Stack least = stack_named("min");
  least.fencing_token = std::numeric_limits<core::FencingToken>::min();
  least.last_used = Instant::min();
  ASSERT_EQ(this->save(least, 0), Saved::yes);
  EXPECT_EQ(this->found("max")->fencing_token, stack.fencing_token);
  EXPECT_EQ(this->found("max")->last_used, Instant::max());
  EXPECT_EQ(this->found("min")->fencing_token, least.fencing_token);
  EXPECT_EQ(this->found("min")->last_used, Instant::min());
  ASSERT_EQ(this->remove(stack, 1), Saved::yes);
  EXPECT_EQ(this->reader().retired_token(StackName{"max"}), stack.fencing_token);
}

TYPED_TEST_P(StoreContract, ListsInTheOrderOfBytes) {
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

TYPED_TEST_P(StoreContract, TellsNamesApartThatDifferInCaseOrFormOnly) {
  // "a with diaeresis" as one code point and as two; quotes and wildcards that SQL knows.
  const Names names = {"%",       "'; DROP TABLE stacks; --", "Alpha", "_", "alpha", "a\xcc\x88",
                       "\xc3\xa4"};
  for (const std::string& name : names) this->fill({stack_named(name, name)});
  for (const std::string& name : names)
    EXPECT_EQ(this->listed({.repo_name = RepoName{name}}), Names{name});
}

TYPED_TEST_P(StoreContract, ListsBehindANameWhetherItIsThereOrNot) {
  this->fill({stack_named("a"), stack_named("b"), stack_named("d")});
  EXPECT_EQ(this->listed({.after = StackName{""}}), (Names{"a", "b", "d"}));
  EXPECT_EQ(this->listed({.after = StackName{"b"}}), Names{"d"});
  EXPECT_EQ(this->listed({.after = StackName{"c"}}), Names{"d"});
  EXPECT_EQ(this->listed({.after = StackName{"d"}}), Names{});
  EXPECT_EQ(this->listed({.repo_name = RepoName{"repo"}, .after = StackName{"a"}}),
            (Names{"b", "d"}));
}

TYPED_TEST_P(StoreContract, ListsByRepoAndState) {
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

TYPED_TEST_P(StoreContract, ListsWholeRecords) {
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

TYPED_TEST_P(StoreContract, EndsALastPageThatIsJustFull) {
  this->fill({stack_named("a"), stack_named("b")});
  const auto page = this->reader().list({.limit = 2});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->items.size(), 2u);
  EXPECT_EQ(page->next_after, std::nullopt);
}

TYPED_TEST_P(StoreContract, ListsALargeTableInPagesOfAnySize) {
  constexpr int count = 10'000;
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

TYPED_TEST_P(StoreContract, KeepsMarks) {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1'700'000'000},
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    ASSERT_TRUE(this->store().begin());
    ASSERT_TRUE(this->store().put_mark("key", value));
    EXPECT_EQ(this->store().mark("key"), value);
    ASSERT_TRUE(this->store().commit());
    EXPECT_EQ(this->reader().mark("key"), value);
  }
  EXPECT_EQ(this->reader().mark("other"), std::nullopt);
}

TYPED_TEST_P(StoreContract, ShowsABatchToItselfAtOnceAndToOthersOnceCommitted) {
  this->fill({stack_named("alpha", "old"), stack_named("beta")});
  ASSERT_TRUE(this->store().begin());
  const std::vector<Change> changes = {{.next = stack_named("alpha", "new"), .expected = 1},
                                       {.next = stack_named("beta"), .expected = 1, .remove = true},
                                       {.next = stack_named("gamma", "new")}};
  ASSERT_EQ(this->store().save(changes), Saved::yes);
  ASSERT_TRUE(this->store().put_mark("key", 1));

  EXPECT_EQ(this->found(this->store(), "alpha")->version, 2);
  EXPECT_EQ(this->listed(this->store(), {}), (Names{"alpha", "gamma"}));
  EXPECT_EQ(this->listed(this->store(), {.limit = 1}), (Names{"alpha", "gamma"}));
  EXPECT_EQ(this->listed(this->store(), {.repo_name = RepoName{"new"}}), (Names{"alpha", "gamma"}));
  EXPECT_EQ(this->listed(this->store(), {.repo_name = RepoName{"old"}}), Names{});
  EXPECT_EQ(this->found("alpha")->version, 1);
  EXPECT_EQ(this->listed({}), (Names{"alpha", "beta"}));
  EXPECT_EQ(this->listed({.repo_name = RepoName{"new"}}), Names{});
  EXPECT_EQ(this->reader().mark("key"), std::nullopt);

  ASSERT_TRUE(this->store().commit());
  EXPECT_EQ(this->listed({}), (Names{"alpha", "gamma"}));
  EXPECT_EQ(this->listed({.repo_name = RepoName{"new"}}), (Names{"alpha", "gamma"}));
  EXPECT_EQ(this->reader().mark("key"), 1);
}

TYPED_TEST_P(StoreContract, ForgetsABatchThatIsRolledBack) {
  Stack beta = stack_named("beta");
  beta.fencing_token = 4;
  this->fill({stack_named("alpha"), beta});
  ASSERT_TRUE(this->store().begin());
  const std::vector<Change> changes = {{.next = stack_named("alpha", "new"), .expected = 1},
                                       {.next = beta, .expected = 1, .remove = true},
                                       {.next = stack_named("gamma")}};
  ASSERT_EQ(this->store().save(changes), Saved::yes);
  ASSERT_TRUE(this->store().put_mark("key", 1));
  this->store().rollback();
  for (service::StoreReader* side :
       {static_cast<service::StoreReader*>(&this->store()), &this->reader()}) {
    EXPECT_EQ(this->listed(*side, {}), (Names{"alpha", "beta"}));
    EXPECT_EQ(this->found(*side, "alpha")->version, 1);
    EXPECT_EQ(side->retired_token(StackName{"beta"}), 0);
    EXPECT_EQ(side->mark("key"), std::nullopt);
  }
  EXPECT_EQ(this->save(stack_named("alpha", "later"), 1), Saved::yes);
}

TYPED_TEST_P(StoreContract, SavesARecordManyTimesInOneBatch) {
  ASSERT_TRUE(this->store().begin());
  for (core::Version version = 0; version < 100; ++version) {
    const Change change{.next = stack_named("alpha"), .expected = version};
    ASSERT_EQ(this->store().save({&change, 1}), Saved::yes);
  }
  ASSERT_TRUE(this->store().commit());
  EXPECT_EQ(this->found("alpha")->version, 100);
}

TYPED_TEST_P(StoreContract, TakesABatchOfNothingAndARecoveryWithoutNeed) {
  this->fill({stack_named("alpha")});
  ASSERT_TRUE(this->store().begin());
  ASSERT_TRUE(this->store().commit());
  this->store().rollback();
  ASSERT_TRUE(this->store().recover());
  ASSERT_TRUE(this->store().recover());
  EXPECT_EQ(this->listed({}), Names{"alpha"});
  EXPECT_EQ(this->save(stack_named("beta"), 0), Saved::yes);
}

TYPED_TEST_P(StoreContract, KeepsWhatWasCommittedOverReopening) {
  if constexpr (TypeParam::keeps_over_reopen) {
    Stack alpha = stack_named("alpha");
    alpha.fencing_token = 6;
    this->fill({alpha, stack_named("beta")});
    ASSERT_EQ(this->remove(alpha, 1), Saved::yes);
    ASSERT_TRUE(this->store().begin());
    ASSERT_TRUE(this->store().put_mark("key", 12));
    ASSERT_TRUE(this->store().commit());
    ASSERT_TRUE(this->store().begin());
    const Change lost{.next = stack_named("gamma")};
    ASSERT_EQ(this->store().save({&lost, 1}), Saved::yes);  // never committed
    this->reopen();
    EXPECT_EQ(this->listed({}), Names{"beta"});
    EXPECT_EQ(this->found("beta")->version, 1);
    EXPECT_EQ(this->reader().retired_token(StackName{"alpha"}), 6);
    EXPECT_EQ(this->reader().mark("key"), 12);
    EXPECT_EQ(this->save(stack_named("gamma"), 0), Saved::yes);
  }
}

// The writer raises both tokens in one batch each time; a reader that ever sees them differ within
// one page has seen half of a batch, and one that sees them fall has seen the past.
TYPED_TEST_P(StoreContract, ShowsReadersWholeBatchesWhileItIsWritten) {
  constexpr int batches = 300;
  this->fill({stack_named("alpha"), stack_named("beta")});
  std::atomic<bool> stop = false;
  std::atomic<int> faults = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([&] {
      for (core::FencingToken last = 0; !stop;) {
        const auto page = this->reader().list({});
        const auto alone = this->reader().find(StackName{"alpha"});
        if (!page || page->items.size() != 2 || !alone || !*alone) {
          ++faults;
          continue;
        }
        const core::FencingToken seen = page->items[0].fencing_token;
        if (seen != page->items[1].fencing_token || seen < last) ++faults;
        if ((*alone)->fencing_token < seen) ++faults;
        last = seen;
      }
    });
  for (int i = 0; i < batches; ++i) {
    Stack alpha = stack_named("alpha");
    Stack beta = stack_named("beta");
    alpha.fencing_token = beta.fencing_token = i + 1;
    ASSERT_TRUE(this->store().begin());
    const Change first{.next = alpha, .expected = i + 1};
    const Change second{.next = beta, .expected = i + 1};
    EXPECT_EQ(this->store().save({&first, 1}), Saved::yes);
    EXPECT_EQ(this->store().save({&second, 1}), Saved::yes);
    ASSERT_TRUE(this->store().commit());
  }
  stop = true;
  for (std::thread& thread : readers) thread.join();
  EXPECT_EQ(faults, 0);
  EXPECT_EQ(this->found("alpha")->fencing_token, batches);
}

REGISTER_TYPED_TEST_SUITE_P(
    StoreContract, FindsNothingInAnEmptyTable, KeepsEachFieldOfANewRecordAndGivesItVersionOne,
    KeepsEveryState, RaisesTheVersionByOneAtEachSave, ChangesEveryFieldOfARecord,
    RefusesANewRecordWhoseNameIsThere, RefusesASaveOnAnotherVersion,
    RefusesAChangeOfARecordThatIsNotThere, GoesOnInABatchAfterAVersionThatMoved,
    SavesSeveralRecordsAllOrNone, TakesASaveOfNothing, KeepsTheLastTokenOfARemovedName,
    LetsARemovedNameComeBackAndGoAgain, CountsANameThatIsRemovedAndMadeAgainInOneBatch,
    KeepsTokensAndTimesToTheEndsOfTheirTypes, ListsInTheOrderOfBytes,
    TellsNamesApartThatDifferInCaseOrFormOnly, ListsBehindANameWhetherItIsThereOrNot,
    ListsByRepoAndState, ListsWholeRecords, EndsALastPageThatIsJustFull,
    ListsALargeTableInPagesOfAnySize, KeepsMarks, ShowsABatchToItselfAtOnceAndToOthersOnceCommitted,
    ForgetsABatchThatIsRolledBack, SavesARecordManyTimesInOneBatch,
    TakesABatchOfNothingAndARecoveryWithoutNeed, KeepsWhatWasCommittedOverReopening,
    ShowsReadersWholeBatchesWhileItIsWritten);

}  // namespace bddlock::contract
