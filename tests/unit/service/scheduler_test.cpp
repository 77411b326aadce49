#include "service/scheduler.hpp"

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <limits>

#include "fakes/await.hpp"
#include "fakes/fake_clock.hpp"
#include "fakes/faulty_reader.hpp"
#include "fakes/faulty_store.hpp"
#include "stores/memory/memory_store.hpp"

namespace bddlock::service {
namespace {

using namespace std::chrono_literals;
using core::Instant;
using core::Result;

constexpr Instant monday = std::chrono::sys_days{2020y / 1 / 6};

class SchedulerTest : public testing::Test {
 protected:
  struct Run {
    Instant due;
    std::optional<std::int64_t> released;  // nothing: it failed
    friend bool operator==(const Run&, const Run&) = default;
  };

  void SetUp() override { clock_.set(monday + 12h); }

  // As after a start of the server.
  void start(const char* expression = "0 1 * * MON-FRI") {
    const auto schedule = core::Schedule::parse(expression);
    ASSERT_TRUE(schedule);
    scheduler_ = std::make_unique<Scheduler>(
        service_, clock_, *schedule, [this](Instant due, const Result<SweepCounts>& counts) {
          runs_.push_back({due, counts ? std::optional{counts->released} : std::nullopt});
        });
    tick();
  }

  void start_first_time() {
    start();
    ASSERT_EQ(last(), clock_.now());
  }

  // Ticks, and waits until all of what that set off on the lanes is over: at most a read, a sweep
  // of one slice and a mark behind one another.
  void tick() {
    scheduler_->tick();
    for (int i = 0; i < 4; ++i) {
      (void)fakes::await<std::optional<std::int64_t>>(
          [&](auto done) { service_.mark("none", std::move(done)); });
      submit_and_wait();
    }
  }

  void submit_and_wait() {
    (void)fakes::await<bool>([&](Done<bool> done) {
      submit<bool>(*writes_, [](Store&, Instant) { return Result<bool>{true}; }, std::move(done));
    });
  }

  void tick_at(Instant now) {
    clock_.set(now);
    tick();
  }

  std::optional<Instant> last() {
    const auto us = table_.reader->mark(last_sweep_key).value_or(std::nullopt);
    return us ? std::optional{Instant{core::microseconds{*us}}} : std::nullopt;
  }

  fakes::FakeClock clock_;
  stores::MemoryTable table_ = stores::make_memory_table();
  fakes::FaultyStore store_{*table_.store};
  fakes::FaultyReader reader_{*table_.reader};
  std::vector<Run> runs_;  // written on a lane's thread, read after tick() waited for it
  std::unique_ptr<WriteLane> writes_ = make_batching_lane(store_, clock_, {});
  std::unique_ptr<ReadLane> reads_ = make_read_lane(reader_, 1, {});
  LaneStop stop_lanes_{*writes_, *reads_};
  Service service_{*writes_, *reads_, clock_, [] { return 0; }};
  std::unique_ptr<Scheduler> scheduler_;
};

TEST_F(SchedulerTest, OnlyNotesTheTimeAtTheFirstStartEver) {
  start_first_time();
  EXPECT_TRUE(runs_.empty());
}

TEST_F(SchedulerTest, RunsWhenItsTimeHasComeAndOnce) {
  start_first_time();
  tick_at(monday + 25h - 1us);
  EXPECT_TRUE(runs_.empty());
  tick_at(monday + 25h);
  ASSERT_EQ(runs_.size(), 1u);
  EXPECT_EQ(runs_[0], (Run{monday + 25h, 0}));
  EXPECT_EQ(last(), monday + 25h);
  tick_at(monday + 25h);
  tick_at(monday + 49h - 1us);
  EXPECT_EQ(runs_.size(), 1u);
  tick_at(monday + 49h);
  EXPECT_EQ(runs_.size(), 2u);
}

TEST_F(SchedulerTest, CountsWhatItReleased) {
  start_first_time();
  ASSERT_TRUE(fakes::await<core::Reply>([&](auto done) {
    service_.create({core::StackName{"alpha"}, core::RepoName{"repo"}, false}, std::move(done));
  }));
  tick_at(monday + 25h);
  ASSERT_EQ(runs_.size(), 1u);
  EXPECT_EQ(runs_[0].released, 1);
}

TEST_F(SchedulerTest, MakesUpOnceForAllThatWasMissedWhileTheServerWasDown) {
  start_first_time();
  clock_.set(monday + 24h * 3 + 5h);  // 01:00 of three days went by
  start();
  EXPECT_TRUE(runs_.empty());  // the first tick reads when the last run was
  tick();
  ASSERT_EQ(runs_.size(), 1u);
  EXPECT_EQ(runs_[0].due, monday + 25h);
  tick();
  EXPECT_EQ(runs_.size(), 1u);
  EXPECT_EQ(last(), monday + 24h * 3 + 5h);
}

TEST_F(SchedulerTest, MakesUpForNothingIfNothingWasMissed) {
  start_first_time();
  clock_.set(monday + 25h - 1us);
  start();
  tick();
  EXPECT_TRUE(runs_.empty());
}

TEST_F(SchedulerTest, SleepsOverTheWeekend) {
  clock_.set(monday + 24h * 4 + 2h);  // Friday, 02:00
  start_first_time();
  tick_at(monday + 24h * 7 + 1h - 1us);
  EXPECT_TRUE(runs_.empty());
  tick_at(monday + 24h * 7 + 1h);
  EXPECT_EQ(runs_.size(), 1u);
}

TEST_F(SchedulerTest, RunsOnceIfTheClockJumpsOverSeveralTimes) {
  start_first_time();
  tick_at(monday + 24h * 30);
  tick();
  ASSERT_EQ(runs_.size(), 1u);
  EXPECT_EQ(runs_[0].due, monday + 25h);
}

TEST_F(SchedulerTest, TriesAgainAfterAFailureBut30SecondsLater) {
  start_first_time();
  store_.lists_to_fail = 2;
  tick_at(monday + 25h);
  ASSERT_EQ(runs_.size(), 1u);
  EXPECT_EQ(runs_[0], (Run{monday + 25h, std::nullopt}));
  EXPECT_EQ(last(), monday + 12h);
  tick_at(monday + 25h + 30s - 1us);
  EXPECT_EQ(runs_.size(), 1u);
  tick_at(monday + 25h + 30s);
  EXPECT_EQ(runs_.size(), 2u);
  tick_at(monday + 25h + 60s);
  ASSERT_EQ(runs_.size(), 3u);
  EXPECT_EQ(runs_[2], (Run{monday + 25h, 0}));
  EXPECT_EQ(last(), monday + 25h + 60s);
}

TEST_F(SchedulerTest, RunsAgainIfTheTimeOfARunCouldNotBeNoted) {
  start_first_time();
  store_.marks_to_fail = 1;
  tick_at(monday + 25h);
  ASSERT_EQ(runs_.size(), 2u);  // its counts, and that its time could not be noted
  EXPECT_EQ(runs_[0].released, 0);
  EXPECT_EQ(runs_[1].released, std::nullopt);
  tick_at(monday + 25h + 30s);
  EXPECT_EQ(runs_.size(), 3u);
  EXPECT_EQ(last(), monday + 25h + 30s);
}

TEST_F(SchedulerTest, ReportsAStoreItCannotReadFromAndTriesAgain) {
  start_first_time();
  clock_.set(monday + 26h);
  reader_.calls_to_fail = 1;
  start();
  ASSERT_EQ(runs_.size(), 1u);
  EXPECT_EQ(runs_[0].released, std::nullopt);
  tick_at(monday + 26h + 30s);  // reads
  tick();                       // runs
  ASSERT_EQ(runs_.size(), 2u);
  EXPECT_EQ(runs_[1], (Run{monday + 25h, 0}));
}

TEST_F(SchedulerTest, ForgetsANotedTimeThatLiesInTheFuture) {
  ASSERT_TRUE(
      table_.store->put_mark(last_sweep_key, (monday + 24h * 365).time_since_epoch().count()));
  start();
  EXPECT_EQ(last(), monday + 12h);
  tick_at(monday + 25h);
  EXPECT_EQ(runs_.size(), 1u);
}

TEST_F(SchedulerTest, StandsAnyNotedTime) {
  ASSERT_TRUE(table_.store->put_mark(last_sweep_key, std::numeric_limits<std::int64_t>::min()));
  start();
  tick();
  EXPECT_EQ(runs_.size(), 1u);
  EXPECT_EQ(last(), monday + 12h);
}

TEST_F(SchedulerTest, NeverRunsAScheduleThatNeverComes) {
  start("0 0 30 2 *");
  tick_at(monday + 24h * 365 * 9);
  EXPECT_TRUE(runs_.empty());
}

TEST_F(SchedulerTest, StartsNoSecondRunWhileOneIsUnderWay) {
  start_first_time();
  std::latch gate{1};
  submit<bool>(
      *writes_,
      [&](Store&, Instant) {
        gate.wait();
        return Result<bool>{true};
      },
      [](Result<bool>) {});
  clock_.set(monday + 25h);
  for (int i = 0; i < 5; ++i) scheduler_->tick();
  gate.count_down();
  tick();
  EXPECT_EQ(runs_.size(), 1u);
}

TEST_F(SchedulerTest, MayGoWhileItsRunIsUnderWay) {
  start_first_time();
  std::latch gate{1};
  submit<bool>(
      *writes_,
      [&](Store&, Instant) {
        gate.wait();
        return Result<bool>{true};
      },
      [](Result<bool>) {});
  clock_.set(monday + 25h);
  scheduler_->tick();
  scheduler_.reset();
  gate.count_down();
  for (int i = 0; i < 3; ++i) submit_and_wait();
  EXPECT_EQ(runs_.size(), 1u);
  EXPECT_EQ(last(), monday + 25h);
}

}  // namespace
}  // namespace bddlock::service
