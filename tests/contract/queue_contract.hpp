// The queue: who waits, in which order, since when, and how many.
#pragma once

#include "contract/contract_fixture.hpp"

namespace bddlock::contract {

template <class Harness>
class QueueContract : public Contract<Harness> {
 protected:
  Names waiting(std::optional<QueuePlace> after = {}, std::size_t limit = 100,
                const std::string& repo = "repo") {
    return this->names_of(this->reader().waiting(RepoName{repo}, after, limit));
  }
  std::int64_t before(QueuePlace place) {
    return this->reader().count_waiting_before(RepoName{"repo"}, place).value_or(-1);
  }
  std::int64_t last_arrival(const std::string& repo = "repo") {
    return this->reader().last_arrival(RepoName{repo}).value_or(-1);
  }
};

TYPED_TEST_SUITE_P(QueueContract);

TYPED_TEST_P(QueueContract, GivesRequestsInTheOrderOfGranting) {
  this->fill({request_named("third", 3), request_named("first", 9, 1), request_named("second", 1),
              request_named("last", 2, -100), request_named("vip", 10, 100),
              request_named("elsewhere", 4, 50, "other")});
  EXPECT_EQ(this->waiting(), (Names{"vip", "first", "second", "third", "last"}));
  EXPECT_EQ(this->waiting({}, 2), (Names{"vip", "first"}));
  EXPECT_EQ(this->waiting({}, 0), Names{});
  EXPECT_EQ(this->waiting(QueuePlace{1, 9}), (Names{"second", "third", "last"}));
  EXPECT_EQ(this->waiting(QueuePlace{0, 1}, 1), Names{"third"});
  EXPECT_EQ(this->waiting(QueuePlace{0, 2}, 1), Names{"third"}) << "a place that nobody has";
  EXPECT_EQ(this->waiting(QueuePlace{50, 1}), (Names{"first", "second", "third", "last"}));
  EXPECT_EQ(this->waiting(QueuePlace{-100, 2}), Names{});
  EXPECT_EQ(this->waiting({}, 9, "other"), Names{"elsewhere"});
  EXPECT_EQ(this->waiting({}, 9, "nobody"), Names{});
  EXPECT_EQ(this->reader().count_waiting(RepoName{"repo"}), 5);
}

TYPED_TEST_P(QueueContract, CountsThoseBeforeAPlace) {
  this->fill({request_named("a", 1), request_named("b", 2), request_named("c", 3, 7),
              request_named("d", 4, -7), request_named("e", 1, 9, "other")});
  EXPECT_EQ(this->before({7, 3}), 0);
  EXPECT_EQ(this->before({7, 4}), 1);
  EXPECT_EQ(this->before({0, 1}), 1);
  EXPECT_EQ(this->before({0, 2}), 2);
  EXPECT_EQ(this->before({0, 99}), 3);
  EXPECT_EQ(this->before({-7, 4}), 3);
  EXPECT_EQ(this->before({-8, 0}), 4);
  EXPECT_EQ(this->before({100, int64_max}), 0);
  EXPECT_EQ(this->before({-100, int64_max}), 4);
}

TYPED_TEST_P(QueueContract, TakesAsManyArrivalsAsThereAreNumbers) {
  this->fill({request_named("c", int64_max), request_named("a", int64_min), request_named("b", 0)});
  EXPECT_EQ(this->waiting(), (Names{"a", "b", "c"}));
  EXPECT_EQ(this->waiting(QueuePlace{0, int64_min}), (Names{"b", "c"}));
  EXPECT_EQ(this->waiting(QueuePlace{0, int64_max}), Names{});
  EXPECT_EQ(this->before({0, int64_max}), 2);
}

TYPED_TEST_P(QueueContract, DropsWhoWasGrantedAndTakesBackWhoReturns) {
  Request request = request_named("b", 2);
  this->fill({request_named("a", 1), request, request_named("c", 3)});
  request.state = RequestState::granted;
  ASSERT_EQ(this->save(request, 1), Saved::yes);
  EXPECT_EQ(this->waiting(), (Names{"a", "c"}));
  EXPECT_EQ(this->reader().count_waiting(RepoName{"repo"}), 2);
  EXPECT_EQ(this->before({0, 3}), 1);
  request.state = RequestState::waiting;
  ASSERT_EQ(this->save(request, 2), Saved::yes);
  EXPECT_EQ(this->waiting(), (Names{"a", "b", "c"}));
  request.wish.priority = 5;
  ASSERT_EQ(this->save(request, 3), Saved::yes);
  EXPECT_EQ(this->waiting(), (Names{"b", "a", "c"}));
  ASSERT_EQ(this->remove(request, 4), Saved::yes);
  EXPECT_EQ(this->waiting(), (Names{"a", "c"}));
  EXPECT_EQ(this->reader().count_waiting(RepoName{"repo"}), 2);
}

// Otherwise one whose offer lapsed would come back behind, or beside, somebody who arrived later.
TYPED_TEST_P(QueueContract, RemembersTheLastArrivalWhateverBecameOfIt) {
  Request request = request_named("a", 7);
  this->fill({request, request_named("b", 3, 9), request_named("c", 50, 0, "other")});
  EXPECT_EQ(this->last_arrival(), 7);
  EXPECT_EQ(this->last_arrival("other"), 50);
  request.state = RequestState::granted;
  ASSERT_EQ(this->save(request, 1), Saved::yes);
  EXPECT_EQ(this->last_arrival(), 7);
  ASSERT_EQ(this->remove(request, 2), Saved::yes);
  EXPECT_EQ(this->last_arrival(), 7);
  ASSERT_EQ(this->save(request_named("d", 5), 0), Saved::yes);
  EXPECT_EQ(this->last_arrival(), 7);
  if constexpr (TypeParam::has_batches) {
    ASSERT_TRUE(this->store().begin());
    ASSERT_EQ(this->store().save({.requests = {{.next = request_named("e", 8)}}}), Saved::yes);
    EXPECT_EQ(this->store().last_arrival(RepoName{"repo"}), 8);
    EXPECT_EQ(this->last_arrival(), 7);
    this->store().rollback();
  }
  EXPECT_EQ(this->last_arrival(), 7);
  EXPECT_EQ(this->store().last_arrival(RepoName{"repo"}), 7);
  if constexpr (TypeParam::keeps_over_reopen) {
    this->reopen();
    EXPECT_EQ(this->last_arrival(), 7);
    EXPECT_EQ(this->last_arrival("other"), 50);
  }
}

TYPED_TEST_P(QueueContract, FindsWhoIsReadyNoLongerAtItsTime) {
  const auto until = [](std::string id, Instant at, std::string repo) {
    Request request = request_named(std::move(id), 1, 0, std::move(repo));
    request.ready_until = at;
    return request;
  };
  Request granted = until("granted", noon, "one");
  granted.state = RequestState::granted;
  this->fill({until("c", noon + seconds{3}, "one"), until("a", noon + seconds{1}, "two"),
              until("b", noon + seconds{2}, "one"), granted});
  const auto silent = [&](Instant at, std::size_t limit = 9) {
    return this->names_of(this->reader().ready_until_before(at, limit));
  };
  EXPECT_EQ(silent(noon + seconds{1} - microseconds{1}), Names{});
  EXPECT_EQ(silent(noon + seconds{1}), Names{"a"});
  EXPECT_EQ(silent(noon + seconds{2} - microseconds{1}), Names{"a"});
  EXPECT_EQ(silent(noon + seconds{2}), (Names{"a", "b"}));
  EXPECT_EQ(silent(Instant::max()), (Names{"a", "b", "c"}));
  EXPECT_EQ(silent(Instant::max(), 2), (Names{"a", "b"}));
  ASSERT_EQ(this->save(until("a", noon + seconds{9}, "two"), 1), Saved::yes);
  EXPECT_EQ(silent(Instant::max()), (Names{"b", "c", "a"}));
  granted.state = RequestState::waiting;
  ASSERT_EQ(this->save(granted, 1), Saved::yes);
  EXPECT_EQ(silent(noon), Names{"granted"});
}

TYPED_TEST_P(QueueContract, KeepsALongQueueInOrder) {
  constexpr int count = 10'000 / TypeParam::smaller;
  std::vector<Request> requests;
  for (int i = 0; i < count; ++i)
    requests.push_back(request_named(std::to_string(7919 * i % count), 1000 + i, i % 3));
  this->fill(requests);
  std::ranges::stable_sort(requests, core::before);
  Names expected;
  for (const Request& request : requests) expected.push_back(request.request_id.text());
  EXPECT_EQ(this->waiting({}, count), expected);
  Names paged;
  for (std::optional<QueuePlace> after;;) {
    const auto page = this->reader().waiting(RepoName{"repo"}, after, 641);
    ASSERT_TRUE(page);
    for (const Request& request : *page) {
      paged.push_back(request.request_id.text());
      after = QueuePlace{request.wish.priority, request.arrival};
    }
    if (page->size() < 641) break;
  }
  EXPECT_EQ(paged, expected);
  for (const std::size_t i : {0u, 1u, count / 2u, count - 1u})
    EXPECT_EQ(this->before({requests[i].wish.priority, requests[i].arrival}),
              static_cast<std::int64_t>(i));
}

REGISTER_TYPED_TEST_SUITE_P(QueueContract, GivesRequestsInTheOrderOfGranting,
                            CountsThoseBeforeAPlace, TakesAsManyArrivalsAsThereAreNumbers,
                            DropsWhoWasGrantedAndTakesBackWhoReturns,
                            RemembersTheLastArrivalWhateverBecameOfIt,
                            FindsWhoIsReadyNoLongerAtItsTime, KeepsALongQueueInOrder);

}  // namespace bddlock::contract
