// Batches: what is seen when and by whom, roll-back, reopening; and marks.
#pragma once

#include <atomic>
#include <thread>

#include "contract/contract_fixture.hpp"

namespace bddlock::contract {

template <class Harness>
class BatchContract : public Contract<Harness> {};

TYPED_TEST_SUITE_P(BatchContract);

TYPED_TEST_P(BatchContract, GoesOnInABatchAfterAVersionThatMoved) {
  this->fill({stack_named("alpha")});
  ASSERT_TRUE(this->store().begin());
  const StackChange stale{.next = stack_named("alpha", "stale"), .expected = 9};
  EXPECT_EQ(this->store().save({.stacks = {stale}}), Saved::version_moved);
  const StackChange good{.next = stack_named("beta")};
  EXPECT_EQ(this->store().save({.stacks = {good}}), Saved::yes);
  ASSERT_TRUE(this->store().commit());
  EXPECT_EQ(this->listed({}), (Names{"alpha", "beta"}));
  EXPECT_EQ(this->found("alpha")->repo_name, RepoName{"repo"});
}

TYPED_TEST_P(BatchContract, TakesASaveOfNothing) {
  EXPECT_EQ(this->save(std::vector<StackChange>{}), Saved::yes);
}

// Any of the three kinds may be what stops a save, at any place in it.
TYPED_TEST_P(BatchContract, SavesStacksRequestsAndEventsAllOrNone) {
  this->fill({stack_named("alpha"), stack_named("beta")});
  this->fill({request_named("r", 1), request_named("s", 2)});
  const Changes good{.stacks = {{.next = stack_named("alpha", "new"), .expected = 1},
                                {.next = stack_named("beta"), .expected = 1, .remove = true},
                                {.next = stack_named("gamma")}},
                     .requests = {{.next = request_named("r", 5), .expected = 1},
                                  {.next = request_named("s", 2), .expected = 1, .remove = true},
                                  {.next = request_named("t", 6)}},
                     .events = {event_of("alpha", "new"), event_of("beta"), event_of("gamma")}};
  for (const std::size_t i : {0u, 1u, 2u})
    for (const core::Version wrong : {core::Version{7}, core::Version{i == 2 ? 1 : 0}}) {
      Changes bad = good;
      bad.stacks[i].expected = wrong;
      EXPECT_EQ(this->save(bad), Saved::version_moved) << "stack " << i;
      bad = good;
      bad.requests[i].expected = wrong;
      EXPECT_EQ(this->save(bad), Saved::version_moved) << "request " << i;
      EXPECT_EQ(this->listed({}), (Names{"alpha", "beta"}));
      EXPECT_EQ(this->found("alpha")->repo_name, RepoName{"repo"});
      EXPECT_EQ(this->names_of(this->reader().waiting(RepoName{"repo"}, {}, 9)), (Names{"r", "s"}));
      EXPECT_EQ(this->found_request("r")->arrival, 1);
      EXPECT_EQ(this->told({}), Ids{});
      EXPECT_EQ(this->reader().last_arrival(RepoName{"repo"}), 2);
    }
  EXPECT_EQ(this->save(good), Saved::yes);
  EXPECT_EQ(this->listed({}), (Names{"alpha", "gamma"}));
  EXPECT_EQ(this->found("alpha")->repo_name, RepoName{"new"});
  EXPECT_EQ(this->names_of(this->reader().waiting(RepoName{"repo"}, {}, 9)), (Names{"r", "t"}));
  EXPECT_EQ(this->told({}), (Ids{3, 2, 1}));
}

TYPED_TEST_P(BatchContract, ShowsAndForgetsAllKindsOfABatchTogether) {
  if constexpr (!TypeParam::has_batches) return;
  this->fill({stack_named("alpha")});
  this->fill({request_named("r", 1)});
  for (const bool keep : {false, true}) {
    ASSERT_TRUE(this->store().begin());
    Request granted = request_named("r", 1);
    granted.state = RequestState::granted;
    ASSERT_EQ(this->store().save(
                  {.stacks = {{.next = claimed_until("alpha", noon), .expected = 1}},
                   .requests = {{.next = granted, .expected = 1}, {.next = request_named("s", 2)}},
                   .events = {event_of("alpha")}}),
              Saved::yes);
    const auto seen = [&](service::StoreReader& from) {
      return std::to_string(this->found(from, "alpha")->version) +
             std::to_string(this->found_request(from, "r")->version) +
             std::to_string(this->found_request(from, "s").has_value()) +
             std::to_string(*from.count_waiting(RepoName{"repo"})) +
             this->names_of(from.waiting(RepoName{"repo"}, {}, 9))[0] +
             std::to_string(this->names_of(from.settled_requests({}, 9)).size()) +
             std::to_string(this->names_of(from.ready_until_before(noon, 9)).size()) +
             std::to_string(this->told(from, {}).size());
    };
    EXPECT_EQ(seen(this->store()), "2211s111");
    EXPECT_EQ(seen(this->reader()), "1101r010");
    if (keep) {
      ASSERT_TRUE(this->store().commit());
    } else {
      this->store().rollback();
    }
    EXPECT_EQ(seen(this->store()), keep ? "2211s111" : "1101r010");
    EXPECT_EQ(seen(this->reader()), keep ? "2211s111" : "1101r010");
  }
  if constexpr (TypeParam::keeps_over_reopen) {
    this->reopen();
    EXPECT_EQ(this->found("alpha")->version, 2);
    EXPECT_EQ(this->found_request("r")->version, 2);
    EXPECT_EQ(this->told({.stack_name = StackName{"alpha"}}), Ids{1});
  }
}

TYPED_TEST_P(BatchContract, SavesAlsoOutsideOfABatch) {
  EXPECT_EQ(this->store().save({.stacks = {{.next = stack_named("a")}},
                                .requests = {{.next = request_named("r", 1)}},
                                .events = {event_of("a")}}),
            Saved::yes);
  EXPECT_EQ(this->store().save({.stacks = {{.next = stack_named("b")}},
                                .requests = {{.next = request_named("r", 1)}},
                                .events = {event_of("b")}}),
            Saved::version_moved);
  EXPECT_EQ(this->listed({}), Names{"a"});
  EXPECT_EQ(this->told({}), Ids{1});
  EXPECT_EQ(this->store().forget_events(Instant::max(), 0, 9), 1);
  EXPECT_EQ(this->told({}), Ids{});
  ASSERT_TRUE(this->store().put_mark("key", 3));
  EXPECT_EQ(this->reader().mark("key"), 3);
}

TYPED_TEST_P(BatchContract, KeepsMarks) {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1'700'000'000}, int64_max, int64_min}) {
    ASSERT_TRUE(this->store().begin());
    ASSERT_TRUE(this->store().put_mark("key", value));
    EXPECT_EQ(this->store().mark("key"), value);
    ASSERT_TRUE(this->store().commit());
    EXPECT_EQ(this->reader().mark("key"), value);
  }
  EXPECT_EQ(this->reader().mark("other"), std::nullopt);
}

TYPED_TEST_P(BatchContract, ShowsABatchToItselfAtOnceAndToOthersOnceCommitted) {
  if constexpr (!TypeParam::has_batches) return;
  this->fill({stack_named("alpha", "old"), stack_named("beta")});
  ASSERT_TRUE(this->store().begin());
  const std::vector<StackChange> changes = {
      {.next = stack_named("alpha", "new"), .expected = 1},
      {.next = stack_named("beta"), .expected = 1, .remove = true},
      {.next = stack_named("gamma", "new")}};
  ASSERT_EQ(this->store().save({.stacks = changes}), Saved::yes);
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

TYPED_TEST_P(BatchContract, ForgetsABatchThatIsRolledBack) {
  if constexpr (!TypeParam::has_batches) return;
  Stack beta = stack_named("beta");
  beta.fencing_token = 4;
  this->fill({stack_named("alpha"), beta});
  ASSERT_TRUE(this->store().begin());
  const std::vector<StackChange> changes = {{.next = stack_named("alpha", "new"), .expected = 1},
                                            {.next = beta, .expected = 1, .remove = true},
                                            {.next = stack_named("gamma")}};
  ASSERT_EQ(this->store().save({.stacks = changes}), Saved::yes);
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

TYPED_TEST_P(BatchContract, SavesARecordManyTimesInOneBatch) {
  ASSERT_TRUE(this->store().begin());
  for (core::Version version = 0; version < 100; ++version) {
    const StackChange change{.next = stack_named("alpha"), .expected = version};
    ASSERT_EQ(this->store().save({.stacks = {change}}), Saved::yes);
  }
  ASSERT_TRUE(this->store().commit());
  EXPECT_EQ(this->found("alpha")->version, 100);
}

TYPED_TEST_P(BatchContract, TakesABatchOfNothingAndARecoveryWithoutNeed) {
  this->fill({stack_named("alpha")});
  ASSERT_TRUE(this->store().begin());
  ASSERT_TRUE(this->store().commit());
  this->store().rollback();
  ASSERT_TRUE(this->store().recover());
  ASSERT_TRUE(this->store().recover());
  EXPECT_EQ(this->listed({}), Names{"alpha"});
  EXPECT_EQ(this->save(stack_named("beta"), 0), Saved::yes);
}

TYPED_TEST_P(BatchContract, KeepsWhatWasCommittedOverReopening) {
  if constexpr (!TypeParam::has_batches) return;
  if constexpr (TypeParam::keeps_over_reopen) {
    Stack alpha = stack_named("alpha");
    alpha.fencing_token = 6;
    this->fill({alpha, stack_named("beta")});
    ASSERT_EQ(this->remove(alpha, 1), Saved::yes);
    ASSERT_TRUE(this->store().begin());
    ASSERT_TRUE(this->store().put_mark("key", 12));
    ASSERT_TRUE(this->store().commit());
    ASSERT_TRUE(this->store().begin());
    const StackChange lost{.next = stack_named("gamma")};
    ASSERT_EQ(this->store().save({.stacks = {lost}}), Saved::yes);  // never committed
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
TYPED_TEST_P(BatchContract, ShowsReadersWholeBatchesWhileItIsWritten) {
  if constexpr (!TypeParam::has_batches) return;
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
    const StackChange first{.next = alpha, .expected = i + 1};
    const StackChange second{.next = beta, .expected = i + 1};
    EXPECT_EQ(this->store().save({.stacks = {first}}), Saved::yes);
    EXPECT_EQ(this->store().save({.stacks = {second}}), Saved::yes);
    ASSERT_TRUE(this->store().commit());
  }
  stop = true;
  for (std::thread& thread : readers) thread.join();
  EXPECT_EQ(faults, 0);
  EXPECT_EQ(this->found("alpha")->fencing_token, batches);
}

REGISTER_TYPED_TEST_SUITE_P(BatchContract, GoesOnInABatchAfterAVersionThatMoved,
                            TakesASaveOfNothing, SavesStacksRequestsAndEventsAllOrNone,
                            ShowsAndForgetsAllKindsOfABatchTogether, SavesAlsoOutsideOfABatch,
                            KeepsMarks, ShowsABatchToItselfAtOnceAndToOthersOnceCommitted,
                            ForgetsABatchThatIsRolledBack, SavesARecordManyTimesInOneBatch,
                            TakesABatchOfNothingAndARecoveryWithoutNeed,
                            KeepsWhatWasCommittedOverReopening,
                            ShowsReadersWholeBatchesWhileItIsWritten);

}  // namespace bddlock::contract
