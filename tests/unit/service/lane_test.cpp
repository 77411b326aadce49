#include "service/lane.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <future>
#include <latch>
#include <thread>

#include "fakes/await.hpp"
#include "fakes/fake_clock.hpp"
#include "fakes/faulty_store.hpp"
#include "service/lender.hpp"
#include "stores/memory/memory_store.hpp"

namespace bddlock::service {
namespace {

using core::Errc;
using core::Instant;
using core::Result;
using core::StackName;

const StackName alpha{"alpha"};

// A job that adds one to the mark of a key and answers with its new value.
Result<std::int64_t> add_one(Store& store, const std::string& key) {
  const auto old = store.mark(key);
  if (!old) return std::unexpected(old.error());
  const std::int64_t next = old->value_or(0) + 1;
  if (const auto put = store.put_mark(key, next); !put) return std::unexpected(put.error());
  return next;
}

class LaneTest : public testing::Test {
 protected:
  using Answer = std::future<Result<std::int64_t>>;

  ~LaneTest() override { open_gate(); }

  void start(LaneLimits limits = {}, AroundReplies around = {}) {
    limits.recovery_interval = std::chrono::milliseconds{1};
    lane_ = make_batching_lane(store_, clock_, limits, std::move(around));
  }

  Answer submit_work(std::move_only_function<Result<std::int64_t>(Store&, Instant)> work) {
    std::promise<Result<std::int64_t>> promise;
    Answer answer = promise.get_future();
    submit<std::int64_t>(*lane_, std::move(work),
                         [promise = std::move(promise)](Result<std::int64_t> result) mutable {
                           promise.set_value(std::move(result));
                         });
    return answer;
  }

  Answer submit_add(std::string key = "key") {
    return submit_work(
        [key = std::move(key)](Store& store, Instant) { return add_one(store, key); });
  }

  Answer submit_failure(Errc code) {
    return submit_work([code](Store&, Instant) -> Result<std::int64_t> {
      return std::unexpected(core::Error{code, "told to"});
    });
  }

  // Keeps the lane's thread in a job until open_gate(), so that what is submitted meanwhile is run
  // together, in the same batch as far as there is room. Returns once the thread is there.
  void close_gate() {
    std::promise<void> entered;
    auto inside = entered.get_future();
    gate_answer_ = submit_work([this, &entered](Store&, Instant) -> Result<std::int64_t> {
      entered.set_value();
      gate_.wait();
      return 0;
    });
    inside.wait();
  }

  void open_gate() {
    if (opened_) return;
    opened_ = true;
    gate_.count_down();
    if (gate_answer_.valid()) (void)gate_answer_.get();
  }

  std::optional<std::int64_t> committed(std::string_view key = "key") {
    return table_.reader->mark(key).value_or(std::nullopt);
  }

  static void expect_error(Answer& answer, Errc code, std::string_view detail) {
    const auto result = answer.get();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code);
    EXPECT_EQ(result.error().detail, detail);
  }

  void wait_until_healthy() {
    while (!lane_->healthy()) std::this_thread::yield();
  }

  stores::MemoryTable table_ = stores::make_memory_table();
  fakes::FaultyStore store_{*table_.store};
  fakes::FakeClock clock_;
  std::unique_ptr<WriteLane> lane_;
  std::latch gate_{1};
  bool opened_ = false;
  Answer gate_answer_;
};

TEST_F(LaneTest, AnswersOnceTheChangeIsCommitted) {
  start();
  std::promise<std::optional<std::int64_t>> seen;
  submit<std::int64_t>(
      *lane_, [](Store& store, Instant) { return add_one(store, "key"); },
      [&](Result<std::int64_t>) { seen.set_value(committed()); });
  EXPECT_EQ(seen.get_future().get(), 1);
}

// Also with the batch that ran when it came.
TEST_F(LaneTest, CommitsWhatHasQueuedUpTogether) {
  start();
  close_gate();
  std::vector<Answer> answers;
  for (int i = 0; i < 100; ++i) answers.push_back(submit_add());
  open_gate();
  for (std::int64_t i = 0; i < 100; ++i)
    EXPECT_EQ(answers[static_cast<std::size_t>(i)].get(), i + 1);
  EXPECT_EQ(store_.commits, 1);
}

TEST_F(LaneTest, TakesNoMoreIntoABatchThanItsLimit) {
  start({.batch_max = 4});
  close_gate();
  std::vector<Answer> answers;
  for (int i = 0; i < 9; ++i) answers.push_back(submit_add());
  open_gate();
  for (Answer& answer : answers) EXPECT_TRUE(answer.get());
  EXPECT_EQ(store_.commits, 3);  // of ten jobs with the one that kept the gate
  EXPECT_EQ(committed(), 9);
}

TEST_F(LaneTest, LeavesWhatComesWhileALargeBatchRunsToTheNextOne) {
  start({.batch_small = 2});
  Answer later;
  close_gate();
  Answer second = submit_add();
  Answer third = submit_work([&](Store&, Instant) -> Result<std::int64_t> {
    later = submit_add();
    return store_.commits.load();
  });
  open_gate();
  EXPECT_EQ(third.get(), 0);
  EXPECT_EQ(second.get(), 1);
  EXPECT_EQ(later.get(), 2);
  EXPECT_EQ(store_.commits, 2);
}

// The first may be on their way while the last are still written.
TEST_F(LaneTest, PassesTheRepliesOfALargeBatchOnInPortions) {
  std::vector<int> portions;
  start({}, {.before = [&] { portions.push_back(0); }, .after = [&] { portions.push_back(-1); }});
  close_gate();
  std::latch all{100};
  for (int i = 0; i < 100; ++i)
    submit<std::int64_t>(
        *lane_, [](Store& store, Instant) { return add_one(store, "key"); },
        [&](const Result<std::int64_t>&) {
          ++portions.back();
          all.count_down();
        });
  open_gate();
  all.wait();
  lane_.reset();
  int replies = 0;
  for (std::size_t i = 0; i + 1 < portions.size(); i += 2) {
    replies += portions[i];
    EXPECT_LE(portions[i], 16);
    EXPECT_EQ(portions[i + 1], -1);
  }
  EXPECT_EQ(replies, 100);
  EXPECT_EQ(store_.commits, 1);
}

// Memory is best given back by the thread that took it.
TEST_F(LaneTest, HasADoneJobDestroyedByWhoeverSubmitsALaterOne) {
  start();
  std::atomic<bool> destroyed = false;
  std::thread::id where;
  std::shared_ptr<void> part(nullptr, [&](void*) {
    where = std::this_thread::get_id();
    destroyed = true;
  });
  Answer answer =
      submit_work([part = std::move(part)](Store&, Instant) -> Result<std::int64_t> { return 1; });
  EXPECT_EQ(answer.get(), 1);
  while (!destroyed) EXPECT_TRUE(submit_add().get());
  EXPECT_EQ(where, std::this_thread::get_id());
}

TEST_F(LaneTest, ReadsTheTimeOnceABatchAndNeverLetsItFall) {
  start();
  const auto time = [this] {
    return submit_work([this](Store&, Instant now) -> Result<std::int64_t> {
      clock_.advance(core::seconds{1});
      return now.time_since_epoch().count();
    });
  };
  close_gate();
  Answer first = time();
  Answer second = time();
  open_gate();
  const std::int64_t then = first.get().value();
  EXPECT_EQ(second.get(), then);
  clock_.advance(core::seconds{-3600});
  EXPECT_EQ(time().get(), then);
  clock_.advance(core::seconds{7200});
  EXPECT_GT(time().get().value(), then);
}

TEST_F(LaneTest, AnswersARefusalWithoutDisturbingItsBatch) {
  const core::NewStack wanted{alpha, core::RepoName{"repo"}, true};
  Woken woken;
  Lender lender{{}, [] { return 0; }, [](const RequestKey&) { return false; }};
  ASSERT_TRUE(lender.create(*table_.store, wanted, clock_.now(), woken));
  start();
  close_gate();
  std::vector<Answer> answers;
  for (int i = 0; i < 3; ++i) {
    answers.push_back(submit_work([&](Store& store, Instant now) -> Result<std::int64_t> {
      const auto reply = lender.apply(store, alpha, core::SeedClaim{}, now, woken);
      if (!reply) return std::unexpected(reply.error());
      return std::holds_alternative<core::Done>(*reply);
    }));
    answers.push_back(submit_add());
  }
  open_gate();
  std::vector<std::int64_t> found;
  for (Answer& answer : answers) found.push_back(answer.get().value());
  EXPECT_EQ(found, (std::vector<std::int64_t>{1, 1, 0, 2, 0, 3}));
  EXPECT_EQ(committed(), 3);
}

TEST_F(LaneTest, AnswersAllOfABatchStoreUnavailableIfOneJobFails) {
  start();
  ASSERT_TRUE(submit_add().get());
  close_gate();
  Answer before = submit_add();
  Answer failed = submit_failure(Errc::store_unavailable);
  Answer after = submit_add();
  open_gate();
  for (Answer* answer : {&before, &failed, &after})
    expect_error(*answer, Errc::store_unavailable, "told to");
  EXPECT_EQ(committed(), 1);
  EXPECT_EQ(store_.rollbacks, 1);
  EXPECT_EQ(submit_add().get(), 2);
  EXPECT_TRUE(lane_->healthy());
}

TEST_F(LaneTest, PassesAnUnknownOutcomeOfAJobOn) {
  // As from a store that makes each save durable by itself: the job before it may have changed
  // something, the one behind it was never run.
  start();
  close_gate();
  Answer before = submit_add();
  Answer lost = submit_failure(Errc::outcome_unknown);
  Answer after = submit_add();
  open_gate();
  expect_error(before, Errc::outcome_unknown, "told to");
  expect_error(lost, Errc::outcome_unknown, "told to");
  expect_error(after, Errc::store_unavailable, "told to");
  EXPECT_TRUE(submit_add().get());
  EXPECT_GE(store_.recoveries, 1);
}

TEST_F(LaneTest, RunsNothingOfABatchThatCannotBegin) {
  start();
  store_.begins_to_fail = 1;
  Answer refused = submit_add();
  expect_error(refused, Errc::store_unavailable, "begin");
  EXPECT_EQ(committed(), std::nullopt);
  EXPECT_EQ(submit_add().get(), 1);
}

TEST_F(LaneTest, AnswersAFullDiskAndGoesOnWhenThereIsRoomAgain) {
  start();
  store_.marks_to_fail = 1;
  Answer refused = submit_add();
  expect_error(refused, Errc::store_unavailable, "mark");
  EXPECT_EQ(submit_add().get(), 1);
}

TEST_F(LaneTest, AnswersOutcomeUnknownToAllOfABatchWhoseCommitFails) {
  start();
  close_gate();
  Answer first = submit_work([this](Store& store, Instant) {
    store_.commits_to_fail_undone = 1;
    return add_one(store, "key");
  });
  Answer second = submit_add();
  open_gate();
  expect_error(first, Errc::outcome_unknown, "commit");
  expect_error(second, Errc::outcome_unknown, "commit");
  EXPECT_EQ(submit_add().get(), 1);
  EXPECT_GE(store_.recoveries, 1);
}

// What the store kept back until the commit did not fit on the disk, for one.
TEST_F(LaneTest, KnowsOfABatchThatFailsBeforeItsCommitThatNothingWasChanged) {
  start();
  store_.commits_to_refuse = 1;
  Answer refused = submit_add();
  expect_error(refused, Errc::store_unavailable, "commit");
  EXPECT_EQ(submit_add().get(), 1);
}

TEST_F(LaneTest, FindsOutAfterAFailedCommitWhetherTheBatchIsThere) {
  start();
  store_.commits_to_fail_done = 1;
  Answer done = submit_add();
  expect_error(done, Errc::outcome_unknown, "commit");
  EXPECT_EQ(submit_add().get(), 2);  // it was there

  store_.commits_to_fail_undone = 1;
  Answer undone = submit_add();
  expect_error(undone, Errc::outcome_unknown, "commit");
  EXPECT_EQ(submit_add().get(), 3);  // it was not
}

TEST_F(LaneTest, ServesNothingUntilTheStoreHasRecovered) {
  start();
  store_.recoveries_to_fail = 1'000'000'000;
  store_.commits_to_fail_done = 1;
  Answer lost = submit_add();
  expect_error(lost, Errc::outcome_unknown, "commit");
  const int begins = store_.begins;
  for (int i = 0; i < 3; ++i) {
    Answer refused = submit_add();
    expect_error(refused, Errc::store_unavailable, "recover");
    EXPECT_FALSE(lane_->healthy());
  }
  EXPECT_EQ(store_.begins, begins);
  store_.recoveries_to_fail = 0;
  EXPECT_EQ(submit_add().get(), 2);
  EXPECT_TRUE(lane_->healthy());
}

TEST_F(LaneTest, BecomesHealthyAgainWithoutAnyTraffic) {
  start();
  store_.recoveries_to_fail = 5;
  store_.commits_to_fail_undone = 1;
  (void)submit_add().get();
  wait_until_healthy();
  EXPECT_GE(store_.recoveries, 6);
  store_.begins_to_fail = 1;
  (void)submit_add().get();
  wait_until_healthy();
}

TEST_F(LaneTest, RefusesAtOnceWhatItsQueueHasNoRoomFor) {
  start({.queue_max = 2});
  close_gate();
  Answer first = submit_add();
  Answer second = submit_add();
  Answer third = submit_add();
  ASSERT_EQ(third.wait_for(std::chrono::seconds{0}), std::future_status::ready);
  expect_error(third, Errc::store_unavailable, "too many jobs are waiting for the store");
  EXPECT_EQ(first.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
  open_gate();
  EXPECT_EQ(first.get(), 1);
  EXPECT_EQ(second.get(), 2);
  EXPECT_EQ(submit_add().get(), 3);
}

TEST_F(LaneTest, FinishesWhatWasSubmittedBeforeItStops) {
  start({.batch_max = 7});
  std::vector<Answer> answers;
  for (int i = 0; i < 1000; ++i) answers.push_back(submit_add());
  lane_.reset();
  for (Answer& answer : answers) {
    ASSERT_EQ(answer.wait_for(std::chrono::seconds{0}), std::future_status::ready);
    EXPECT_TRUE(answer.get());
  }
  EXPECT_EQ(committed(), 1000);
}

// A job on one lane goes on on the other, which may have stopped.
TEST_F(LaneTest, RefusesWhatIsSubmittedAfterItStopped) {
  start();
  lane_->stop();
  auto late = submit_add();
  ASSERT_EQ(late.wait_for(std::chrono::seconds{0}), std::future_status::ready);
  expect_error(late, Errc::store_unavailable, "the server is stopping");
  lane_->stop();
}

TEST_F(LaneTest, RefusesWhatIsSubmittedWhileItStops) {
  start();
  std::promise<void> inside;
  std::optional<Result<std::int64_t>> late;
  submit<bool>(
      *lane_, [](Store&, Instant) { return Result<bool>{true}; },
      [&, lane = lane_.get()](Result<bool>) {
        inside.set_value();
        gate_.wait();  // until the destructor runs, or nearly so: both orders must end well
        submit<std::int64_t>(
            *lane, [](Store& store, Instant) { return add_one(store, "key"); },
            [&](Result<std::int64_t> result) { late = std::move(result); });
      });
  inside.get_future().wait();
  std::thread opener{[this] { gate_.count_down(); }};
  lane_.reset();
  opener.join();
  opened_ = true;
  ASSERT_TRUE(late);
  EXPECT_EQ(late->has_value(), committed().has_value());
  if (!*late) {
    EXPECT_EQ(late->error().detail, "the server is stopping");
  }
}

TEST_F(LaneTest, TakesJobsFromManyThreads) {
  constexpr int threads = 8;
  constexpr int jobs_each = 500;
  start({.batch_max = 64});
  std::atomic<int> answered = 0;
  std::atomic<int> wrong_thread = 0;
  std::vector<std::thread> submitters;
  for (int t = 0; t < threads; ++t)
    submitters.emplace_back([&, t] {
      const auto me = std::this_thread::get_id();
      for (int i = 0; i < jobs_each; ++i)
        submit<std::int64_t>(
            *lane_, [t](Store& store, Instant) { return add_one(store, std::to_string(t)); },
            [&, me](Result<std::int64_t> result) {
              if (result) ++answered;
              if (std::this_thread::get_id() == me) ++wrong_thread;
            });
    });
  for (std::thread& thread : submitters) thread.join();
  lane_.reset();
  EXPECT_EQ(answered, threads * jobs_each);
  EXPECT_EQ(wrong_thread, 0);
  for (int t = 0; t < threads; ++t) EXPECT_EQ(committed(std::to_string(t)), jobs_each);
}

class ReadLaneTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(table_.store->put_mark("key", 7)); }

  static Result<std::optional<std::int64_t>> read(ReadLane& lane) {
    return fakes::await<std::optional<std::int64_t>>([&](auto done) {
      lane.submit(
          [done = std::move(done)](StoreReader& reader) mutable { done(reader.mark("key")); });
    });
  }

  stores::MemoryTable table_ = stores::make_memory_table();
};

TEST_F(ReadLaneTest, RunsJobsOnItsReader) {
  const auto lane = make_read_lane(*table_.reader, 1, {});
  EXPECT_EQ(read(*lane).value(), 7);
}

TEST_F(ReadLaneTest, RefusesWhatIsSubmittedAfterItStopped) {
  const auto lane = make_read_lane(*table_.reader, 2, {});
  lane->stop();
  const auto late = read(*lane);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::store_unavailable);
  lane->stop();
}

TEST_F(ReadLaneTest, RunsAsManyAtOnceAsItHasThreads) {
  const auto lane = make_read_lane(*table_.reader, 3, {});
  std::barrier all_there{4};
  for (int i = 0; i < 3; ++i) lane->submit([&](StoreReader&) { all_there.arrive_and_wait(); });
  all_there.arrive_and_wait();
}

TEST_F(ReadLaneTest, AnswersStoreUnavailableAtOnceIfItsQueueIsFull) {
  auto lane = make_read_lane(*table_.reader, 1, {.queue_max = 1});
  std::latch gate{1};
  std::promise<void> inside;
  lane->submit([&](StoreReader&) {
    inside.set_value();
    gate.wait();
  });
  inside.get_future().wait();
  std::atomic<bool> queued = false;
  lane->submit([&](StoreReader&) { queued = true; });
  int refusals = 0;
  lane->submit([&](StoreReader& reader) {
    refusals += !reader.mark("key") + !reader.find(alpha) + !reader.list({}) +
                (reader.retired_token(alpha).error().code == Errc::store_unavailable);
  });
  EXPECT_EQ(refusals, 4);
  EXPECT_FALSE(queued);
  gate.count_down();
  lane.reset();
  EXPECT_TRUE(queued);
}

TEST_F(ReadLaneTest, AnswersWhatStillWaitsStoreUnavailableWhenItStops) {
  auto lane = make_read_lane(*table_.reader, 1, {.queue_max = SIZE_MAX});
  ReadLane* const running = lane.get();
  std::promise<void> started;
  lane->submit([&, running](StoreReader&) {
    started.set_value();
    // Once the lane stops it runs what it does not take within submit().
    const auto refused = std::make_shared<bool>(false);
    while (!*refused) running->submit([refused](StoreReader&) { *refused = true; });
  });
  started.get_future().wait();
  Result<std::optional<std::int64_t>> late;
  lane->submit([&](StoreReader& reader) { late = reader.mark("key"); });
  lane.reset();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::store_unavailable);
}

TEST_F(ReadLaneTest, FinishesWhatWasSubmittedBeforeItStops) {
  auto lane = make_read_lane(*table_.reader, 2, {});
  std::atomic<int> run = 0;
  for (int i = 0; i < 1000; ++i) lane->submit([&](StoreReader&) { ++run; });
  lane.reset();
  EXPECT_EQ(run, 1000);
}

}  // namespace
}  // namespace bddlock::service
