// Claims through the whole service: lanes, parked calls, the tick.
#include <gmock/gmock.h>

#include <future>
#include <latch>

#include "fakes/await.hpp"
#include "fakes/fake_clock.hpp"
#include "fakes/faulty_reader.hpp"
#include "service/service.hpp"
#include "unit/service/lender_fixture.hpp"

namespace bddlock::service {
namespace {

using fakes::await;

// A call and its answer, if there is one yet.
struct Pending {
  Ticket ticket = 0;
  std::shared_ptr<std::promise<Result<ClaimAnswer>>> promise =
      std::make_shared<std::promise<Result<ClaimAnswer>>>();
  std::future<Result<ClaimAnswer>> answer = promise->get_future();

  [[nodiscard]] bool is_answered() const {
    return answer.wait_for(0s) == std::future_status::ready;
  }
  [[nodiscard]] std::string words() { return to_words(answer.get()); }
};

class ServiceClaimsTest : public testing::Test {
 protected:
  static RequestKey key(const std::string& id) { return {RepoName{"repo"}, RequestId{id}}; }

  void add(const std::string& name) {
    const auto reply = await<core::Reply>([&](auto done) {
      service_->create({StackName{name}, RepoName{"repo"}, true}, std::move(done));
    });
    ASSERT_TRUE(reply && std::holds_alternative<core::Done>(*reply));
  }
  Pending call(const std::string& id, core::seconds wait = 0s, Wish wish = {}) {
    Pending pending;
    pending.ticket = service_->claim({key(id), std::move(wish), wait},
                                     [promise = pending.promise](Result<ClaimAnswer> answer) {
                                       promise->set_value(std::move(answer));
                                     });
    return pending;
  }
  Stack granted(const std::string& id, Wish wish = {}) {
    const auto answer = call(id, 0s, std::move(wish)).answer.get();
    return std::get<Granted>(answer.value()).stacks.front();
  }
  std::string release(const Stack& stack, core::seconds keep = 0s) {
    return to_words(await<Released>([&](auto done) {
      service_->release(stack.stack_name, {.key = stack.claim->key, .keep = keep}, std::move(done));
    }));
  }
  std::string extend(const Stack& stack) {
    return to_words(await<ClaimState>([&](auto done) {
      service_->extend({stack.claim->key, stack.stack_name}, {}, std::move(done));
    }));
  }
  Explanation explain(const std::string& id) {
    const auto told = await<std::optional<Explanation>>(
        [&](auto done) { service_->explain(key(id), std::move(done)); });
    EXPECT_TRUE(told && *told);
    return told && *told ? **told : Explanation{};
  }
  std::optional<core::Request> request(const std::string& id) {
    return table_.reader->find_request(RepoName{"repo"}, RequestId{id}).value();
  }

  // Until all that was submitted so far, and what followed from it, is done.
  void settle() {
    for (int i = 0; i < 4; ++i) {
      (void)await<void>([&](auto done) { service_->put_mark("none", 1, std::move(done)); });
      (void)await<std::optional<std::int64_t>>(
          [&](auto done) { service_->mark("none", std::move(done)); });
    }
  }
  void tick() {
    service_->tick();
    settle();
  }

  // Keeps the write lane busy until the latch is counted down; returns once it is.
  void occupy_writes(std::latch& gate) {
    std::promise<void> inside;
    submit<bool>(
        *writes_,
        [&](Store&, Instant) {
          inside.set_value();
          gate.wait();
          return Result<bool>{true};
        },
        [](const Result<bool>&) {});
    inside.get_future().wait();
  }

  void start(ServiceRules rules = {}) {
    service_ = std::make_unique<Service>(
        *writes_, *reads_, clock_, [this] { return ++random_; }, rules,
        [this](std::string_view what, const core::Error&) {
          const std::scoped_lock lock{mutex_};
          troubles_.emplace_back(what);
        });
  }
  void SetUp() override { start(); }

  std::mutex mutex_;
  std::vector<std::string> troubles_;  // also of what the lanes do as they end
  fakes::FakeClock clock_{noon};
  std::atomic<std::uint64_t> random_ = 0;
  stores::MemoryTable table_ = stores::make_memory_table();
  fakes::FaultyStore store_{*table_.store};
  fakes::FaultyReader reader_{*table_.reader};
  std::unique_ptr<WriteLane> writes_ =
      make_batching_lane(store_, clock_, {.recovery_interval = 1ms});
  std::unique_ptr<ReadLane> reads_ = make_read_lane(reader_, 1, {});
  LaneStop stop_lanes_{*writes_, *reads_};
  std::unique_ptr<Service> service_;
};

TEST_F(ServiceClaimsTest, LendsAStackAndTakesItBack) {
  add("a");
  const Stack stack = granted("r1");
  EXPECT_EQ(extend(stack), "claimed");
  EXPECT_EQ(release(stack), "released");
  EXPECT_EQ(release(stack), "released");
  EXPECT_EQ(extend(stack), "lost released");
  EXPECT_EQ(to_words(await<ClaimState>([&](auto done) {
              service_->look_up({stack.claim->key, stack.stack_name}, std::move(done));
            })),
            "lost released");
}

TEST_F(ServiceClaimsTest, ParksACallThatWaitsAndAnswersItWithTheGrant) {
  add("a");
  const Stack owner = granted("owner");
  Pending waiting = call("r1", 50s);
  EXPECT_NE(waiting.ticket, 0u);
  settle();
  EXPECT_FALSE(waiting.is_answered());
  EXPECT_EQ(service_->parked(), 1u);
  EXPECT_EQ(release(owner), "released");
  EXPECT_EQ(waiting.words(), "granted a");
  EXPECT_EQ(service_->parked(), 0u);
  EXPECT_FALSE(explain("r1").claims.front().claim->offered);
}

TEST_F(ServiceClaimsTest, AnswersACallThatCanBeGrantedAtOnce) {
  add("a");
  EXPECT_EQ(call("r1", 50s).words(), "granted a");
  EXPECT_EQ(call("r2", 50s, {.count = 2}).words(), "never_satisfiable");
  EXPECT_EQ(call("r3").words(), "none_available");
  EXPECT_EQ(service_->parked(), 0u);
}

TEST_F(ServiceClaimsTest, AnswersACallWhoseTimeIsOverWithItsPlace) {
  add("a");
  granted("owner");
  Pending first = call("r1", 50s);
  Pending second = call("r2", 20s);
  settle();
  clock_.advance(20s - 1us);
  tick();
  EXPECT_FALSE(second.is_answered());
  clock_.advance(1us);
  tick();
  const auto answer = second.answer.get();
  EXPECT_EQ(std::get<Queued>(answer.value()).position, 2);
  EXPECT_FALSE(first.is_answered());
}

TEST_F(ServiceClaimsTest, TellsTheRepeatThatDoesNotWaitItsPlaceAtOnce) {
  add("a");
  const Stack owner = granted("owner");
  clock_.advance(60s);
  EXPECT_EQ(release(owner), "released");
  granted("next");
  Pending parked = call("r1", 50s);
  Pending poll = call("r1");
  const auto answer = poll.answer.get();
  const auto& queued = std::get<Queued>(answer.value());
  EXPECT_EQ(queued.position, 1);
  EXPECT_EQ(queued.estimated_wait, 60s);
  EXPECT_FALSE(parked.is_answered());
}

TEST_F(ServiceClaimsTest, AnswersEveryOpenCallOfARequest) {
  add("a");
  const Stack owner = granted("owner");
  Pending first = call("r1", 50s);
  Pending second = call("r1", 50s);
  settle();
  EXPECT_EQ(release(owner), "released");
  const auto claims = std::get<Granted>(first.answer.get().value()).stacks;
  EXPECT_EQ(std::get<Granted>(second.answer.get().value()).stacks, claims);
}

TEST_F(ServiceClaimsTest, AnswersAWokenCallOnlyAfterTheCommit) {
  add("a");
  const Stack owner = granted("owner");
  Pending waiting = call("r1", 50s);
  settle();
  store_.commits_to_fail_undone = 1;
  EXPECT_EQ(release(owner), "error: commit");
  EXPECT_FALSE(waiting.is_answered());
  EXPECT_EQ(release(owner), "released");
  EXPECT_EQ(waiting.words(), "granted a");
}

TEST_F(ServiceClaimsTest, OneWhoseGrantWasCommittedUnknowinglyGetsItByItsRepeat) {
  add("a");
  const Stack owner = granted("owner");
  Pending waiting = call("r1", 50s);
  settle();
  store_.commits_to_fail_done = 1;
  EXPECT_EQ(release(owner), "error: commit");
  EXPECT_FALSE(waiting.is_answered());
  EXPECT_EQ(call("r1", 50s).words(), "granted a");
  EXPECT_EQ(release(owner), "released");
  clock_.advance(50s);
  tick();
  EXPECT_EQ(waiting.words(), "granted a");  // at the latest when its time is over
}

TEST_F(ServiceClaimsTest, FailsACallWhoseJobFails) {
  add("a");
  store_.saves_to_fail = 1;
  const auto answer = call("r1", 50s).answer.get();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::store_unavailable);
  EXPECT_EQ(service_->parked(), 0u);
}

TEST_F(ServiceClaimsTest, GivesAGoneClientFiveSecondsToCallAgain) {
  add("a");
  granted("owner");
  Pending waiting = call("r1", 50s);
  settle();
  EXPECT_EQ(request("r1")->ready_until, noon + 55s);
  service_->gone(waiting.ticket);
  service_->gone(waiting.ticket);
  settle();
  EXPECT_EQ(request("r1")->ready_until, noon + 5s);
  EXPECT_FALSE(waiting.is_answered());
  EXPECT_FALSE(explain("r1").open);
  clock_.advance(5s);
  EXPECT_FALSE(explain("r1").ready);
}

TEST_F(ServiceClaimsTest, HearsThatAClientIsGoneBeforeItsCallWasHeard) {
  add("a");
  granted("owner");
  std::latch gate{1};
  occupy_writes(gate);
  Pending waiting = call("r1", 50s);
  service_->gone(waiting.ticket);
  gate.count_down();
  settle();
  EXPECT_EQ(request("r1")->ready_until, noon + 5s);
}

TEST_F(ServiceClaimsTest, KeepsARequestReadyWhileAnotherCallOfItIsOpen) {
  add("a");
  const Stack owner = granted("owner");
  Pending first = call("r1", 50s);
  Pending second = call("r1", 30s);
  settle();
  service_->gone(first.ticket);
  settle();
  EXPECT_EQ(request("r1")->ready_until, noon + 35s);
  EXPECT_EQ(release(owner), "released");
  EXPECT_EQ(second.words(), "granted a");
}

TEST_F(ServiceClaimsTest, OffersToOneWhoseClientIsGone) {
  add("a");
  const Stack owner = granted("owner");
  Pending waiting = call("r1", 50s);
  settle();
  service_->gone(waiting.ticket);
  EXPECT_EQ(release(owner), "released");
  EXPECT_EQ(explain("r1").status, RequestStatus::offered);
  clock_.advance(5s - 1us);
  tick();
  EXPECT_EQ(call("r1").words(), "granted a");
}

TEST_F(ServiceClaimsTest, TheTickEndsWhatIsOverAndWakesTheNext) {
  add("a");
  granted("owner", {.lease = 10s});
  Pending waiting = call("r1", 50s);
  clock_.advance(10s - 1us);
  tick();
  EXPECT_FALSE(waiting.is_answered());
  clock_.advance(1us);
  tick();
  EXPECT_EQ(waiting.words(), "granted a");
}

TEST_F(ServiceClaimsTest, TheTickLeavesTheWriteLaneAloneWhileNothingIsDue) {
  add("a");
  granted("owner");
  tick();  // tidies
  const int batches = store_.begins;
  for (int i = 0; i < 5; ++i) {
    service_->tick();
    (void)await<std::optional<std::int64_t>>(
        [&](auto done) { service_->mark("none", std::move(done)); });
  }
  EXPECT_EQ(store_.begins, batches);
}

TEST_F(ServiceClaimsTest, TheTickForgetsThoseWhoWentAway) {
  add("a");
  granted("owner", {.lease = 86400s});
  EXPECT_EQ(call("r1", 1s).ticket, 1u);
  settle();
  clock_.advance(36s - 1us);
  tick();
  EXPECT_TRUE(request("r1"));
  clock_.advance(1us);
  tick();
  EXPECT_EQ(request("r1"), std::nullopt);
}

TEST_F(ServiceClaimsTest, TheTickTidiesRequestsAndHistory) {
  start({.history = {.age = 8 * 86400s}});
  add("a");
  EXPECT_EQ(release(granted("r1")), "released");
  clock_.advance(24h);
  tick();
  tick();
  EXPECT_EQ(request("r1"), std::nullopt);
  const auto count = [&] {
    return await<EventPage>([&](auto done) { service_->events({}, std::move(done)); })
        ->items.size();
  };
  EXPECT_EQ(count(), 3u);
  clock_.advance(7 * 24h);
  tick();
  EXPECT_EQ(count(), 3u);
  clock_.advance(1s);
  tick();
  EXPECT_EQ(count(), 0u);
}

TEST_F(ServiceClaimsTest, TheTickSaysWhatFailedAndTriesAgainASecondLater) {
  add("a");
  granted("owner", {.lease = 10s});
  clock_.advance(9500ms);
  tick();  // tidies, and will not for another second
  clock_.advance(500ms);
  store_.lists_to_fail = 1;
  tick();
  EXPECT_THAT(troubles_, testing::Contains("end what is due"));
  const auto claimed = [&] {
    return table_.reader->find(StackName{"a"}).value()->state == State::claimed;
  };
  tick();
  EXPECT_TRUE(claimed());
  clock_.advance(1s);
  tick();
  EXPECT_FALSE(claimed());
}

TEST_F(ServiceClaimsTest, SaysThatItCannotLookForWhatIsDue) {
  reader_.calls_to_fail = 1;
  service_->tick();
  settle();
  EXPECT_THAT(troubles_, testing::Contains("look for what is due"));
}

TEST_F(ServiceClaimsTest, AWithdrawnRequestAnswersItsCalls) {
  add("a");
  granted("owner");
  Pending waiting = call("r1", 50s);
  settle();
  const auto withdraw = [&](const std::string& id) {
    return to_words(
        await<WithdrawAnswer>([&](auto done) { service_->withdraw(key(id), std::move(done)); }));
  };
  EXPECT_EQ(withdraw("r1"), "withdrawn");
  EXPECT_EQ(waiting.words(), "request_ended");
  EXPECT_EQ(withdraw("r1"), "request_unknown");
  EXPECT_EQ(withdraw("owner"), "granted a");
}

TEST_F(ServiceClaimsTest, TellsTheNewPlaceOfARequestWhosePriorityChanged) {
  add("a");
  granted("owner");
  Pending first = call("r1", 50s);
  Pending second = call("r2", 50s);
  const auto answer = await<PriorityAnswer>(
      [&](auto done) { service_->reprioritise(key("r2"), 7, std::move(done)); });
  EXPECT_EQ(std::get<Queued>(answer.value()).position, 1);
}

TEST_F(ServiceClaimsTest, TellsTheClaimOfARequestWhosePriorityBroughtItsTurn) {
  add("a");
  add("b");
  granted("owner", {.stack_name = StackName{"b"}});
  Pending several = call("two", 50s, {.count = 2});  // keeps a from those behind it
  Pending one = call("one", 50s);
  settle();
  const auto answer = await<PriorityAnswer>(
      [&](auto done) { service_->reprioritise(key("one"), 1, std::move(done)); });
  EXPECT_EQ(to_words(answer), "granted a");
  EXPECT_EQ(one.words(), "granted a");
}

TEST_F(ServiceClaimsTest, DoesNotSayThatAPriorityIsUnchangedWhenOnlyTheLookAtItsPlaceFailed) {
  add("a");
  granted("owner");
  Pending waiting = call("r1", 50s);
  settle();
  reader_.calls_to_fail = 1;
  const auto answer = await<PriorityAnswer>(
      [&](auto done) { service_->reprioritise(key("r1"), 7, std::move(done)); });
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, core::Errc::outcome_unknown);
  EXPECT_EQ(request("r1")->wish.priority, 7);
}

TEST_F(ServiceClaimsTest, AnswersAllParkedCallsWhenItStops) {
  add("a");
  granted("owner");
  Pending first = call("r1", 50s);
  Pending second = call("r2", 50s);
  settle();
  service_->stop_waiting();
  EXPECT_EQ(std::get<Queued>(first.answer.get().value()).position, 1);
  EXPECT_EQ(std::get<Queued>(second.answer.get().value()).position, 2);
  const auto late = call("r3", 50s).answer.get();  // parks no more
  EXPECT_EQ(std::get<Queued>(late.value()).position, 3);
}

TEST_F(ServiceClaimsTest, AnswersACallWhoseTimeIsOverBeforeItsJobRan) {
  add("a");
  granted("owner", {.lease = 3600s});
  std::latch gate{1};
  occupy_writes(gate);
  Pending waiting = call("r1", 10s);
  clock_.advance(10s);
  service_->tick();
  EXPECT_FALSE(waiting.is_answered());
  gate.count_down();
  const auto answer = waiting.answer.get();
  EXPECT_EQ(std::get<Queued>(answer.value()).position, 1);
}

TEST_F(ServiceClaimsTest, GivesThoseWhoWaitedTheTimeToCallAgainWhenItStarts) {
  add("a");
  const Stack owner = granted("owner", {.lease = 86400s});
  (void)call("r1", 1s);
  (void)call("r2", 1s);
  settle();
  clock_.advance(10h);
  start();
  EXPECT_TRUE(await<void>([&](auto done) { service_->start(std::move(done)); }));
  clock_.advance(35s - 1us);
  Pending second = call("r2", 50s);
  Pending first = call("r1", 50s);
  settle();
  EXPECT_EQ(release(owner), "released");
  EXPECT_EQ(first.words(), "granted a");
}

TEST_F(ServiceClaimsTest, ReportsAStartThatFails) {
  store_.lists_to_fail = 1;
  EXPECT_FALSE(await<void>([&](auto done) { service_->start(std::move(done)); }));
}

TEST_F(ServiceClaimsTest, ListsReposAndTheirRequests) {
  add("a");
  granted("owner");
  std::vector<Pending> waiting;
  for (int i = 0; i < 5; ++i)
    waiting.push_back(call("w" + std::to_string(i), 50s, {.priority = i == 4 ? 1 : 0}));
  settle();
  const auto repos =
      await<RepoPage>([&](auto done) { service_->repos(std::nullopt, 10, std::move(done)); });
  ASSERT_EQ(repos->items.size(), 1u);
  EXPECT_EQ(repos->items[0].totals.claimed, 1);
  EXPECT_EQ(repos->items[0].waiting, 5);
  EXPECT_EQ(repos->next_after, std::nullopt);

  std::string all;
  std::optional<RequestsAfter> after = RequestsAfter{};
  for (int pages = 0; after && pages < 10; ++pages) {
    const auto page = await<RequestPage>(
        [&](auto done) { service_->requests(RepoName{"repo"}, *after, 2, std::move(done)); });
    ASSERT_TRUE(page);
    for (const RequestSummary& item : page->items)
      all += item.request.request_id.text() + " " + std::string{to_text(item.status)} +
             std::to_string(item.position) + (item.ready ? " ready; " : "; ");
    after = page->next_after;
  }
  EXPECT_EQ(all,
            "w4 waiting1 ready; w0 waiting2 ready; w1 waiting3 ready; w2 waiting4 ready; "
            "w3 waiting5 ready; owner granted0; ");
}

TEST_F(ServiceClaimsTest, ListsNoRepoOfWhichOnlyRequestsThatAreOverAreLeft) {
  add("a");
  EXPECT_EQ(release(granted("owner")), "released");
  const auto removed = await<core::Reply>(
      [&](auto done) { service_->apply(StackName{"a"}, core::Remove{}, std::move(done)); });
  ASSERT_TRUE(removed);
  const auto repos =
      await<RepoPage>([&](auto done) { service_->repos(std::nullopt, 10, std::move(done)); });
  EXPECT_TRUE(repos->items.empty());
  const auto requests = await<RequestPage>(
      [&](auto done) { service_->requests(RepoName{"repo"}, {}, 10, std::move(done)); });
  EXPECT_EQ(requests->items.size(), 1u);
}

TEST_F(ServiceClaimsTest, KnowsARepoByItsStacksOrItsRequests) {
  const auto repo = [&](const std::string& name) {
    return await<std::optional<RepoSummary>>(
               [&](auto done) { service_->repo(RepoName{name}, std::move(done)); })
        .value();
  };
  EXPECT_EQ(repo("repo").has_value(), false);
  add("a");
  const Stack owner = granted("owner");
  clock_.advance(30s);
  EXPECT_EQ(release(owner), "released");
  EXPECT_EQ(repo("repo")->totals.available, 1);
  EXPECT_EQ(repo("repo")->typical_claim, 30s);
}

TEST_F(ServiceClaimsTest, CountsClaimsThatAreOverAsAvailable) {
  add("a");
  granted("owner", {.lease = 10s});
  const auto available = [&] {
    return await<std::vector<StackName>>(
               [&](auto done) { service_->available(RepoName{"repo"}, std::move(done)); })
        .value();
  };
  clock_.advance(10s - 1us);
  EXPECT_TRUE(available().empty());
  clock_.advance(1us);
  EXPECT_EQ(available(), std::vector{StackName{"a"}});
}

TEST_F(ServiceClaimsTest, WakesTenThousandInExactOrder) {
  add("a");
  Stack owner = granted("owner", {.lease = 86400s});
  std::mutex mutex;
  std::vector<std::string> order;
  std::vector<Stack> claims;
  for (int i = 0; i < 10'000; ++i)
    service_->claim({key(std::to_string(i)), {}, 50s}, [&](const Result<ClaimAnswer>& answer) {
      const std::scoped_lock lock{mutex};
      const auto& granted = std::get<Granted>(answer.value());
      order.push_back(granted.key.request_id.text());
      claims.push_back(granted.stacks.front());
    });
  settle();
  EXPECT_EQ(service_->parked(), 10'000u);
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(release(owner), "released");
    const std::scoped_lock lock{mutex};
    ASSERT_EQ(order.size(), static_cast<std::size_t>(i) + 1);
    ASSERT_EQ(order.back(), std::to_string(i));
    owner = claims.back();
  }
}

}  // namespace
}  // namespace bddlock::service
