// The history: each field, ids, by stack, by repo and by time, in pages, and what is forgotten.
#pragma once

#include "contract/contract_fixture.hpp"

namespace bddlock::contract {

template <class Harness>
class EventContract : public Contract<Harness> {
 protected:
  std::int64_t forget(Instant before, std::int64_t keep, std::size_t limit = 1000) {
    EXPECT_TRUE(this->store().begin());
    const auto count = this->store().forget_events(before, keep, limit);
    EXPECT_TRUE(count) << count.error().detail;
    EXPECT_TRUE(this->store().commit());
    return count.value_or(-1);
  }

  // How many events there are, one a second from `noon` on, each of one of two stacks and repos.
  void tell_many(int count) {
    std::vector<Event> events;
    for (int i = 0; i < count; ++i)
      events.push_back(
          event_of(i % 2 == 0 ? "even" : "odd", i % 3 == 0 ? "three" : "rest", noon + seconds{i}));
    this->tell(events);
  }

  static Ids down(std::int64_t from, std::int64_t to, std::int64_t step = 1) {
    Ids ids;
    for (; from >= to; from -= step) ids.push_back(from);
    return ids;
  }
};

TYPED_TEST_SUITE_P(EventContract);

inline Event full_event() {
  Event event = event_of("alpha");
  event.kind = core::EventKind::held;
  event.by = core::By::admin;
  event.request_id = RequestId{"request"};
  event.from = State::claimed;
  event.to = State::held;
  event.holder = full_holder();
  event.fencing_token = 42;
  event.outcome = core::Outcome::cancelled;
  event.note = "a note";
  event.lasted = microseconds{123'456};
  event.key = claim_until(noon).key;
  event.held_until = noon + seconds{9};
  event.hold_refused = true;
  return event;
}

TYPED_TEST_P(EventContract, TellsNothingOfAnEmptyTable) {
  EXPECT_EQ(this->told({}), Ids{});
  EXPECT_EQ(this->told({.stack_name = StackName{"a"}}), Ids{});
  EXPECT_EQ(this->told({.repo_name = RepoName{"a"}}), Ids{});
  EXPECT_EQ(this->told({.before = 5, .since = Instant::min(), .until = Instant::max()}), Ids{});
  EXPECT_EQ(this->forget(Instant::max(), 0), 0);
}

TYPED_TEST_P(EventContract, KeepsEveryField) {
  Event event = full_event();
  event.id = 99;  // ignored
  this->tell({event});
  event.id = 1;
  for (const EventQuery& query :
       {EventQuery{}, EventQuery{.stack_name = event.stack_name},
        EventQuery{.repo_name = event.repo_name}, EventQuery{.since = event.at}}) {
    EXPECT_EQ(this->reader().events(query)->items, std::vector{event});
    EXPECT_EQ(this->store().events(query)->items, std::vector{event});
  }
}

TYPED_TEST_P(EventContract, KeepsEachFieldAlone) {
  const Event full = full_event();
  std::vector<Event> events;
  const auto with = [&](auto field) {
    events.push_back(event_of("alpha"));
    events.back().*field = full.*field;
  };
  with(&Event::kind);
  with(&Event::by);
  with(&Event::request_id);
  with(&Event::from);
  with(&Event::to);
  with(&Event::holder);
  with(&Event::fencing_token);
  with(&Event::outcome);
  with(&Event::note);
  with(&Event::lasted);
  with(&Event::key);
  with(&Event::held_until);
  with(&Event::hold_refused);
  for (int kind = 1; kind <= static_cast<int>(core::EventKind::swept); ++kind) {
    events.push_back(event_of("alpha"));
    events.back().kind = static_cast<core::EventKind>(kind);
  }
  this->tell(events);
  for (std::size_t i = 0; i < events.size(); ++i) events[i].id = static_cast<std::int64_t>(i) + 1;
  std::ranges::reverse(events);
  EXPECT_EQ(this->reader().events({})->items, events);
}

TYPED_TEST_P(EventContract, KeepsOddTextsAndNumbersToTheEndsOfTheirTypes) {
  std::vector<Event> events;
  for (const std::string& text : odd_texts) {
    Event event = full_event();
    core::Holder holder;
    for (std::string* field : {&holder.ci, &holder.job, &holder.job_url, &holder.repo,
                               &holder.branch, &holder.commit, &holder.actor, &event.note})
      *field = text;
    event.holder = holder;
    event.stack_name = StackName{text};
    event.repo_name = RepoName{text};
    event.request_id = RequestId{text};
    events.push_back(event);
  }
  for (const std::int64_t number : {int64_max, int64_min, std::int64_t{0}, std::int64_t{-1}}) {
    Event event = full_event();
    event.at = event.held_until = Instant{microseconds{number}};
    event.lasted = microseconds{number};
    event.fencing_token = number;
    event.key->bytes.fill(static_cast<std::uint8_t>(number));
    events.push_back(event);
  }
  this->tell(events);
  for (std::size_t i = 0; i < events.size(); ++i) events[i].id = static_cast<std::int64_t>(i) + 1;
  for (const Event& event : events) {
    const auto page = this->reader().events({.before = event.id + 1, .limit = 1});
    ASSERT_TRUE(page);
    ASSERT_EQ(page->items.size(), 1u);
    EXPECT_EQ(page->items[0], event);
  }
  for (std::size_t i = 0; i < odd_texts.size(); ++i) {
    EXPECT_EQ(this->told({.stack_name = StackName{odd_texts[i]}}),
              Ids{static_cast<std::int64_t>(i) + 1});
    EXPECT_EQ(this->told({.repo_name = RepoName{odd_texts[i]}}),
              Ids{static_cast<std::int64_t>(i) + 1});
  }
}

TYPED_TEST_P(EventContract, GivesIdsInTheOrderOfTheChanges) {
  this->tell({event_of("b"), event_of("a")});
  this->tell({event_of("a")});
  EXPECT_EQ(this->told({}), (Ids{3, 2, 1}));
  EXPECT_EQ(this->told({.stack_name = StackName{"a"}}), (Ids{3, 2}));
  EXPECT_EQ(this->told({.stack_name = StackName{"b"}}), Ids{1});
}

TYPED_TEST_P(EventContract, TellsByStackAndByRepo) {
  this->tell_many(60);
  EXPECT_EQ(this->told({}), this->down(60, 1));
  EXPECT_EQ(this->told({.stack_name = StackName{"even"}}), this->down(59, 1, 2));
  EXPECT_EQ(this->told({.stack_name = StackName{"odd"}}), this->down(60, 2, 2));
  EXPECT_EQ(this->told({.repo_name = RepoName{"three"}}), this->down(58, 1, 3));
  EXPECT_EQ(this->told({.stack_name = StackName{"Even"}}), Ids{});
  EXPECT_EQ(this->told({.repo_name = RepoName{"even"}}), Ids{});
}

TYPED_TEST_P(EventContract, TellsInPagesOfAnySize) {
  this->tell_many(60);
  for (const std::size_t limit : {1u, 2u, 7u, 60u, 1000u}) {
    EXPECT_EQ(this->told({.limit = limit}), this->down(60, 1));
    EXPECT_EQ(this->told({.stack_name = StackName{"even"}, .limit = limit}), this->down(59, 1, 2));
    EXPECT_EQ(this->told({.repo_name = RepoName{"three"}, .limit = limit}), this->down(58, 1, 3));
    EXPECT_EQ(
        this->told({.since = noon + seconds{10}, .until = noon + seconds{20}, .limit = limit}),
        this->down(20, 11));
  }
  const auto page = this->reader().events({.stack_name = StackName{"odd"}, .limit = 30});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->items.size(), 30u);
  EXPECT_EQ(page->next_before, std::nullopt) << "a last page that is just full";
}

TYPED_TEST_P(EventContract, TellsWhatIsBeforeAnyId) {
  this->tell_many(20);
  EXPECT_EQ(this->told({.before = 21}), this->down(20, 1));
  EXPECT_EQ(this->told({.before = 20}), this->down(19, 1));
  EXPECT_EQ(this->told({.before = 2}), Ids{1});
  EXPECT_EQ(this->told({.before = 1}), Ids{});
  EXPECT_EQ(this->told({.before = int64_min}), Ids{});
  EXPECT_EQ(this->told({.before = int64_max}), this->down(20, 1));
  // Of the same stack, of another one, and of none.
  EXPECT_EQ(this->told({.stack_name = StackName{"even"}, .before = 7}), (Ids{5, 3, 1}));
  EXPECT_EQ(this->told({.stack_name = StackName{"even"}, .before = 8}), (Ids{7, 5, 3, 1}));
  EXPECT_EQ(this->told({.stack_name = StackName{"even"}, .before = 99}), this->down(19, 1, 2));
  EXPECT_EQ(this->told({.stack_name = StackName{"even"}, .before = -1}), Ids{});
  EXPECT_EQ(this->told({.repo_name = RepoName{"three"}, .before = 7}), (Ids{4, 1}));
  EXPECT_EQ(this->told({.repo_name = RepoName{"three"}, .before = 8}), (Ids{7, 4, 1}));
}

TYPED_TEST_P(EventContract, TellsByTimeAtItsEdges) {
  this->tell_many(10);
  const auto at = [](int second) { return noon + seconds{second}; };
  EXPECT_EQ(this->told({.since = at(7)}), (Ids{10, 9, 8}));
  EXPECT_EQ(this->told({.since = at(7) + microseconds{1}}), (Ids{10, 9}));
  EXPECT_EQ(this->told({.since = at(7) - microseconds{1}}), (Ids{10, 9, 8}));
  EXPECT_EQ(this->told({.until = at(2)}), (Ids{2, 1}));
  EXPECT_EQ(this->told({.until = at(2) + microseconds{1}}), (Ids{3, 2, 1}));
  EXPECT_EQ(this->told({.since = at(3), .until = at(5)}), (Ids{5, 4}));
  EXPECT_EQ(this->told({.since = at(5), .until = at(5)}), Ids{});
  EXPECT_EQ(this->told({.since = at(6), .until = at(5)}), Ids{});
  EXPECT_EQ(this->told({.since = at(10)}), Ids{});
  EXPECT_EQ(this->told({.until = noon}), Ids{});
  EXPECT_EQ(this->told({.since = Instant::min(), .until = Instant::max()}), this->down(10, 1));
  EXPECT_EQ(this->told({.before = 9, .since = at(7)}), Ids{8});
  EXPECT_EQ(this->told({.stack_name = StackName{"even"}, .since = at(2), .until = at(8)}),
            (Ids{7, 5, 3}));
  EXPECT_EQ(this->told({.stack_name = StackName{"odd"}, .since = at(2), .until = at(9)}),
            (Ids{8, 6, 4}));
  EXPECT_EQ(
      this->told({.repo_name = RepoName{"three"}, .before = 10, .since = at(1), .until = at(8)}),
      (Ids{7, 4}));
}

// A server may be started with its clock set back: ids go on rising, times do not.
TYPED_TEST_P(EventContract, TellsByTimeThoughTimeFell) {
  std::vector<Event> events;
  const std::vector<int> times = {0, 10, 20, 20, 5, 15, 25, 1, 1, 2, -50, 30};
  for (const int second : times)
    events.push_back(event_of(second % 2 == 0 ? "even" : "odd", "repo", noon + seconds{second}));
  for (const Event& event : events) this->tell({event});  // each in a batch of its own
  for (int since = -51; since <= 31; ++since)
    for (int until = since; until <= 32; until += 3) {
      Ids all;
      Ids even;
      for (std::size_t i = times.size(); i-- > 0;)
        if (times[i] >= since && times[i] < until) {
          all.push_back(static_cast<std::int64_t>(i) + 1);
          if (times[i] % 2 == 0) even.push_back(all.back());
        }
      const EventQuery query{.since = noon + seconds{since}, .until = noon + seconds{until}};
      EXPECT_EQ(this->told(query), all) << since << " to " << until;
      EventQuery of_stack = query;
      of_stack.stack_name = StackName{"even"};
      EXPECT_EQ(this->told(of_stack), even) << since << " to " << until;
      EventQuery of_repo = query;
      of_repo.repo_name = RepoName{"repo"};
      of_repo.limit = 2;
      EXPECT_EQ(this->told(of_repo), all) << since << " to " << until;
    }
}

TYPED_TEST_P(EventContract, FollowsAStackOverItsRemovalReturnAndMove) {
  ASSERT_EQ(this->save(Changes{.stacks = {{.next = stack_named("a", "one")}},
                               .events = {event_of("a", "one")}}),
            Saved::yes);
  this->tell({event_of("b", "one")});
  ASSERT_EQ(this->save(Changes{
                .stacks = {{.next = stack_named("a", "one"), .expected = 1, .remove = true}},
                .events = {event_of("a", "one")}}),
            Saved::yes);
  EXPECT_EQ(this->told({.stack_name = StackName{"a"}}), (Ids{3, 1}));
  ASSERT_EQ(this->save(Changes{.stacks = {{.next = stack_named("a", "two")}},
                               .events = {event_of("a", "two")}}),
            Saved::yes);
  ASSERT_EQ(this->save(Changes{.stacks = {{.next = stack_named("a", "three"), .expected = 1}},
                               .events = {event_of("a", "three")}}),
            Saved::yes);
  EXPECT_EQ(this->told({.stack_name = StackName{"a"}}), (Ids{5, 4, 3, 1}));
  EXPECT_EQ(this->told({.stack_name = StackName{"a"}, .limit = 1}), (Ids{5, 4, 3, 1}));
  EXPECT_EQ(this->told({.repo_name = RepoName{"one"}}), (Ids{3, 2, 1}));
  EXPECT_EQ(this->told({.repo_name = RepoName{"two"}}), Ids{4});
  EXPECT_EQ(this->told({.repo_name = RepoName{"three"}}), Ids{5});
  if constexpr (TypeParam::keeps_over_reopen) {
    this->reopen();
    EXPECT_EQ(this->told({.stack_name = StackName{"a"}}), (Ids{5, 4, 3, 1}));
  }
}

TYPED_TEST_P(EventContract, TellsOfAStackThatIsRemovedAndMadeAgainInOneBatch) {
  ASSERT_EQ(this->save(Changes{.stacks = {{.next = stack_named("a")}}, .events = {event_of("a")}}),
            Saved::yes);
  ASSERT_TRUE(this->store().begin());
  ASSERT_EQ(
      this->store().save({.stacks = {{.next = stack_named("a"), .expected = 1, .remove = true}},
                          .events = {event_of("a")}}),
      Saved::yes);
  ASSERT_EQ(this->store().save(
                {.stacks = {{.next = stack_named("a")}}, .events = {event_of("a"), event_of("a")}}),
            Saved::yes);
  ASSERT_TRUE(this->store().commit());
  ASSERT_EQ(this->save(stack_named("a"), 1), Saved::yes);  // a change that is no event
  this->tell({event_of("a")});
  EXPECT_EQ(this->told({.stack_name = StackName{"a"}}), (Ids{5, 4, 3, 2, 1}));
  EXPECT_EQ(this->told({.repo_name = RepoName{"repo"}}), (Ids{5, 4, 3, 2, 1}));
}

TYPED_TEST_P(EventContract, ForgetsTheOldestByTimeAndByCount) {
  this->tell_many(20);
  EXPECT_EQ(this->forget(noon, 20), 0);
  EXPECT_EQ(this->forget(noon + seconds{3}, int64_max), 3);
  EXPECT_EQ(this->told({}), this->down(20, 4));
  EXPECT_EQ(this->forget(noon + seconds{3} + microseconds{1}, int64_max), 1);
  EXPECT_EQ(this->forget(Instant::min(), 15), 1);
  EXPECT_EQ(this->told({}), this->down(20, 6));
  EXPECT_EQ(this->forget(Instant::min(), 5, 4), 4);
  EXPECT_EQ(this->forget(Instant::max(), 0, 2), 2);
  EXPECT_EQ(this->told({}), this->down(20, 12));
  EXPECT_EQ(this->told({.stack_name = StackName{"even"}}), this->down(19, 13, 2));
  EXPECT_EQ(this->told({.repo_name = RepoName{"three"}}), (Ids{19, 16, 13}));
  EXPECT_EQ(this->told({.repo_name = RepoName{"three"}, .before = 13}), Ids{});
  EXPECT_EQ(this->told({.repo_name = RepoName{"three"}, .before = 4}), Ids{});
  EXPECT_EQ(this->told({.stack_name = StackName{"even"}, .until = noon + seconds{15}}),
            (Ids{15, 13}));
  EXPECT_EQ(this->told({.since = noon}), this->down(20, 12));
  EXPECT_EQ(this->forget(Instant::min(), 5, 0), 0);
}

TYPED_TEST_P(EventContract, NeverGivesAnIdAgain) {
  this->tell_many(5);
  EXPECT_EQ(this->forget(Instant::max(), 0), 5);
  EXPECT_EQ(this->told({}), Ids{});
  EXPECT_EQ(this->told({.stack_name = StackName{"even"}}), Ids{});
  this->reopen();
  this->tell({event_of("even", "rest")});
  if constexpr (TypeParam::keeps_over_reopen) {
    this->reopen();
  }
  EXPECT_EQ(this->told({}), Ids{6});
  EXPECT_EQ(this->told({.stack_name = StackName{"even"}}), Ids{6});
  EXPECT_EQ(this->told({.repo_name = RepoName{"rest"}}), Ids{6});
  this->tell({event_of("even", "rest")});
  EXPECT_EQ(this->told({.stack_name = StackName{"even"}}), (Ids{7, 6}));
}

TYPED_TEST_P(EventContract, StopsForgettingAtTheFirstThatIsToBeKept) {
  this->tell({event_of("a", "r", noon + seconds{5}), event_of("a", "r", noon)});
  EXPECT_EQ(this->forget(noon + seconds{1}, int64_max), 0) << "time fell behind the first";
  EXPECT_EQ(this->forget(noon + seconds{6}, int64_max), 2);
}

TYPED_TEST_P(EventContract, TellsABatchToItselfAtOnceAndForgetsItWithIt) {
  if constexpr (!TypeParam::has_batches) return;
  this->tell_many(4);
  ASSERT_TRUE(this->store().begin());
  ASSERT_EQ(this->store().save({.events = {event_of("odd", "rest"), event_of("new", "new")}}),
            Saved::yes);
  ASSERT_EQ(this->store().forget_events(Instant::min(), 4, 9), 2);
  EXPECT_EQ(this->told(this->store(), {}), (Ids{6, 5, 4, 3}));
  EXPECT_EQ(this->told(this->store(), {.stack_name = StackName{"odd"}}), (Ids{5, 4}));
  EXPECT_EQ(this->told(this->store(), {.repo_name = RepoName{"new"}}), Ids{6});
  EXPECT_EQ(this->told({}), (Ids{4, 3, 2, 1}));
  EXPECT_EQ(this->told({.stack_name = StackName{"odd"}}), (Ids{4, 2}));
  EXPECT_EQ(this->told({.repo_name = RepoName{"new"}}), Ids{});
  this->store().rollback();
  for (service::StoreReader* side :
       {static_cast<service::StoreReader*>(&this->store()), &this->reader()}) {
    EXPECT_EQ(this->told(*side, {}), (Ids{4, 3, 2, 1}));
    EXPECT_EQ(this->told(*side, {.stack_name = StackName{"odd"}}), (Ids{4, 2}));
    EXPECT_EQ(this->told(*side, {.stack_name = StackName{"new"}}), Ids{});
    EXPECT_EQ(this->told(*side, {.repo_name = RepoName{"rest"}}), (Ids{3, 2}));
  }
  this->tell({event_of("odd", "rest")});
  EXPECT_EQ(this->told({.stack_name = StackName{"odd"}}), (Ids{5, 4, 2}));
  EXPECT_EQ(this->told({.repo_name = RepoName{"rest"}}), (Ids{5, 3, 2}));
}

TYPED_TEST_P(EventContract, TellsALongHistory) {
  constexpr int count = 30'000 / TypeParam::smaller;
  this->tell_many(count);
  EXPECT_EQ(this->told({.limit = 1000}), this->down(count, 1));
  // Far back, and of a stack of whose events most are newer.
  EXPECT_EQ(this->told({.until = noon + seconds{10}}), this->down(10, 1));
  EXPECT_EQ(this->told({.stack_name = StackName{"odd"}, .until = noon + seconds{10}}),
            this->down(10, 2, 2));
  EXPECT_EQ(this->told({.repo_name = RepoName{"rest"}, .since = noon + seconds{count - 3}}),
            (Ids{count, count - 1}));
}

REGISTER_TYPED_TEST_SUITE_P(EventContract, TellsNothingOfAnEmptyTable, KeepsEveryField,
                            KeepsEachFieldAlone, KeepsOddTextsAndNumbersToTheEndsOfTheirTypes,
                            GivesIdsInTheOrderOfTheChanges, TellsByStackAndByRepo,
                            TellsInPagesOfAnySize, TellsWhatIsBeforeAnyId, TellsByTimeAtItsEdges,
                            TellsByTimeThoughTimeFell, FollowsAStackOverItsRemovalReturnAndMove,
                            TellsOfAStackThatIsRemovedAndMadeAgainInOneBatch,
                            ForgetsTheOldestByTimeAndByCount, NeverGivesAnIdAgain,
                            StopsForgettingAtTheFirstThatIsToBeKept,
                            TellsABatchToItselfAtOnceAndForgetsItWithIt, TellsALongHistory);

}  // namespace bddlock::contract
