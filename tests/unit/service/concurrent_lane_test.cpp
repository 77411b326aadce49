#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <future>
#include <latch>
#include <map>
#include <thread>

#include "fakes/fake_clock.hpp"
#include "fakes/faulty_store.hpp"
#include "service/lane.hpp"
#include "stores/memory/memory_store.hpp"

namespace bddlock::service {
namespace {

using core::Errc;

class ConcurrentLaneTest : public testing::Test {
 protected:
  using Answer = std::future<core::Result<std::int64_t>>;
  using Work = std::move_only_function<core::Result<std::int64_t>(Store&, core::Instant)>;

  void start(std::size_t threads, LaneLimits limits = {}) {
    limits.recovery_interval = std::chrono::milliseconds{1};
    std::vector<Store*> stores;
    for (std::size_t i = 0; i < threads; ++i) {
      tables_.push_back(stores::make_memory_table());
      stores_.push_back(std::make_unique<fakes::FaultyStore>(*tables_.back().store));
      stores.push_back(stores_.back().get());
    }
    lane_ = make_concurrent_lane(stores, clock_, limits);
  }

  Answer submit_work(Work work) {
    std::promise<core::Result<std::int64_t>> promise;
    Answer answer = promise.get_future();
    submit<std::int64_t>(*lane_, std::move(work),
                         [promise = std::move(promise)](auto result) mutable {
                           promise.set_value(std::move(result));
                         });
    return answer;
  }
  Answer submit_one() {
    return submit_work([](Store& store, core::Instant) -> core::Result<std::int64_t> {
      if (const auto put = store.put_mark("key", 1); !put) return std::unexpected(put.error());
      return 1;
    });
  }
  // A job that holds its thread until open_.
  Answer submit_gate() {
    std::promise<void> entered;
    auto inside = entered.get_future();
    Answer answer =
        submit_work([this, &entered](Store&, core::Instant) -> core::Result<std::int64_t> {
          entered.set_value();
          gate_.wait();
          return 0;
        });
    inside.wait();
    return answer;
  }
  static void expect_error(Answer& answer, Errc code, std::string_view detail) {
    const auto result = answer.get();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code);
    EXPECT_EQ(result.error().detail, detail);
  }

  std::vector<stores::MemoryTable> tables_;
  std::vector<std::unique_ptr<fakes::FaultyStore>> stores_;
  fakes::FakeClock clock_;
  std::latch gate_{1};
  std::unique_ptr<WriteLane> lane_;
};

TEST_F(ConcurrentLaneTest, RunsAsManyJobsAtOnceAsItHasStores) {
  start(3);
  std::barrier all_there{4};
  std::vector<Answer> answers;
  for (int i = 0; i < 3; ++i)
    answers.push_back(submit_work([&](Store&, core::Instant) -> core::Result<std::int64_t> {
      all_there.arrive_and_wait();
      return 0;
    }));
  all_there.arrive_and_wait();
  for (Answer& answer : answers) EXPECT_TRUE(answer.get());
}

TEST_F(ConcurrentLaneTest, GivesNoStoreToTwoJobsAtOnce) {
  start(4);
  std::map<Store*, std::atomic<int>> inside;
  for (const auto& store : stores_) inside[store.get()] = 0;
  std::atomic<int> shared = 0;
  std::vector<std::thread> submitters;
  for (int t = 0; t < 4; ++t)
    submitters.emplace_back([&] {
      for (int i = 0; i < 200; ++i)
        (void)submit_work([&](Store& store, core::Instant) -> core::Result<std::int64_t> {
          if (inside.at(&store)++ != 0) ++shared;
          std::this_thread::yield();
          --inside.at(&store);
          return 0;
        });
    });
  for (std::thread& submitter : submitters) submitter.join();
  lane_->stop();
  EXPECT_EQ(shared, 0);
  int begins = 0;
  for (const auto& store : stores_) begins += store->begins;
  EXPECT_EQ(begins, 800);
}

TEST_F(ConcurrentLaneTest, AnswersAFailureToItsJobAlone) {
  start(1);
  Answer gate = submit_gate();
  Answer before = submit_one();
  Answer failed = submit_work([](Store&, core::Instant) -> core::Result<std::int64_t> {
    return std::unexpected(core::Error{Errc::store_unavailable, "told to"});
  });
  Answer after = submit_one();
  gate_.count_down();
  EXPECT_TRUE(gate.get());
  EXPECT_TRUE(before.get());
  expect_error(failed, Errc::store_unavailable, "told to");
  EXPECT_TRUE(after.get());
  EXPECT_EQ(stores_[0]->rollbacks, 1);
}

TEST_F(ConcurrentLaneTest, SaysWhetherTheStoreTookTheLastJob) {
  start(1, {});
  EXPECT_TRUE(lane_->healthy());
  stores_[0]->recoveries_to_fail = 1'000'000'000;
  stores_[0]->begins_to_fail = 1;
  Answer refused = submit_one();
  expect_error(refused, Errc::store_unavailable, "begin");
  EXPECT_FALSE(lane_->healthy());
  EXPECT_TRUE(submit_one().get());
  EXPECT_TRUE(lane_->healthy());
}

TEST_F(ConcurrentLaneTest, BecomesHealthyAgainWithoutAnyTraffic) {
  start(2);
  stores_[0]->begins_to_fail = stores_[1]->begins_to_fail = 1;
  (void)submit_one().get();
  while (!lane_->healthy()) std::this_thread::yield();
  EXPECT_GE(stores_[0]->recoveries + stores_[1]->recoveries, 1);
}

TEST_F(ConcurrentLaneTest, FindsOutAnUnknownOutcomeBeforeTheStoreIsUsedAgain) {
  start(1);
  stores_[0]->commits_to_fail_done = 1;
  Answer lost = submit_one();
  expect_error(lost, Errc::outcome_unknown, "commit");
  EXPECT_TRUE(submit_one().get());
  EXPECT_GE(stores_[0]->recoveries, 1);
}

TEST_F(ConcurrentLaneTest, PassesAnUnknownOutcomeOfAJobOn) {
  start(1);
  Answer lost = submit_work([](Store&, core::Instant) -> core::Result<std::int64_t> {
    return std::unexpected(core::Error{Errc::outcome_unknown, "told to"});
  });
  expect_error(lost, Errc::outcome_unknown, "told to");
  EXPECT_TRUE(submit_one().get());
  EXPECT_GE(stores_[0]->recoveries, 1);
}

TEST_F(ConcurrentLaneTest, NeverLetsTheTimeFall) {
  start(2);
  const auto time = [this] {
    return submit_work([](Store&, core::Instant now) -> core::Result<std::int64_t> {
             return now.time_since_epoch().count();
           })
        .get()
        .value();
  };
  const std::int64_t first = time();
  clock_.advance(core::seconds{-3600});
  for (int i = 0; i < 4; ++i) EXPECT_EQ(time(), first);
  clock_.advance(core::seconds{3601});
  EXPECT_EQ(time(), first + 1'000'000);
}

TEST_F(ConcurrentLaneTest, RefusesAtOnceWhatItsQueueHasNoRoomFor) {
  start(1, {.queue_max = 2});
  Answer gate = submit_gate();
  Answer first = submit_one();
  Answer second = submit_one();
  Answer third = submit_one();
  ASSERT_EQ(third.wait_for(std::chrono::seconds{0}), std::future_status::ready);
  expect_error(third, Errc::store_unavailable, "too many jobs are waiting for the store");
  gate_.count_down();
  EXPECT_TRUE(gate.get() && first.get() && second.get());
}

TEST_F(ConcurrentLaneTest, FinishesWhatWasSubmittedBeforeItStopsAndTakesNoMore) {
  start(3);
  std::vector<Answer> answers;
  for (int i = 0; i < 300; ++i) answers.push_back(submit_one());
  lane_->stop();
  for (Answer& answer : answers) {
    ASSERT_EQ(answer.wait_for(std::chrono::seconds{0}), std::future_status::ready);
    EXPECT_TRUE(answer.get());
  }
  Answer late = submit_one();
  expect_error(late, Errc::store_unavailable, "the server is stopping");
  lane_->stop();
}

}  // namespace
}  // namespace bddlock::service
