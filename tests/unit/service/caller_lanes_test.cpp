#include "service/caller_lanes.hpp"

#include <gtest/gtest.h>

#include "fakes/fake_clock.hpp"
#include "fakes/faulty_store.hpp"
#include "service/service.hpp"
#include "stores/memory/memory_store.hpp"

namespace bddlock::service {
namespace {

using core::Errc;
using core::Instant;
using core::Result;

class CallerLanesTest : public testing::Test {
 protected:
  fakes::FakeClock clock_;
  stores::MemoryTable table_ = stores::make_memory_table();
  fakes::FaultyStore store_{*table_.store};
  CallerLanes lanes_ = make_caller_lanes(store_, *table_.reader, clock_);

  Result<std::int64_t> put_mark(std::int64_t value) {
    std::optional<Result<std::int64_t>> answer;
    submit<std::int64_t>(
        *lanes_.writes,
        [value](Store& store, Instant) -> Result<std::int64_t> {
          if (const auto put = store.put_mark("key", value); !put)
            return std::unexpected(put.error());
          return value;
        },
        [&answer](Result<std::int64_t> result) { answer = std::move(result); });
    EXPECT_TRUE(answer) << "a job is finished when submit() returns";
    return answer.value_or(0);
  }

  std::optional<std::int64_t> mark() { return table_.reader->mark("key").value(); }
};

TEST_F(CallerLanesTest, FinishAJobWithinItsCall) {
  EXPECT_EQ(put_mark(7), 7);
  EXPECT_EQ(mark(), 7);
  EXPECT_TRUE(lanes_.writes->healthy());
}

TEST_F(CallerLanesTest, RunWhatACallbackSubmitsBehindItsJobAndNotWithinIt) {
  std::vector<std::string> order;
  lanes_.reads->submit([&](StoreReader&) {
    order.emplace_back("first begins");
    lanes_.reads->submit([&](StoreReader&) { order.emplace_back("second"); });
    order.emplace_back("first ends");
  });
  EXPECT_EQ(order, (std::vector<std::string>{"first begins", "first ends", "second"}));
}

TEST_F(CallerLanesTest, TellAFailedJobAndGoOn) {
  store_.marks_to_fail = 1;
  const auto failed = put_mark(1);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::store_unavailable);
  EXPECT_FALSE(lanes_.writes->healthy());
  EXPECT_EQ(store_.rollbacks, 1);
  EXPECT_EQ(put_mark(2), 2);
  EXPECT_TRUE(lanes_.writes->healthy());
  EXPECT_EQ(store_.recoveries, 0);
}

TEST_F(CallerLanesTest, RecoverBehindAnUnknownOutcomeBeforeAnythingElse) {
  store_.commits_to_fail_done = 1;
  store_.recoveries_to_fail = 1;
  const auto lost = put_mark(1);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Errc::outcome_unknown);
  const auto too_early = put_mark(2);
  ASSERT_FALSE(too_early);
  EXPECT_EQ(too_early.error().code, Errc::store_unavailable);
  EXPECT_EQ(put_mark(3), 3);
  EXPECT_EQ(store_.recoveries, 2);
}

TEST_F(CallerLanesTest, TakeNoChangeOnceTheyAreStopped) {
  lanes_.writes->stop();
  const auto late = put_mark(1);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::store_unavailable);
  EXPECT_EQ(mark(), std::nullopt);
}

TEST_F(CallerLanesTest, NeverGiveAJobAnEarlierTimeThanTheOneBeforeIt) {
  const auto time_of_job = [&] {
    Instant seen{};
    submit<bool>(
        *lanes_.writes,
        [&](Store&, Instant now) -> Result<bool> {
          seen = now;
          return true;
        },
        [](const Result<bool>&) {});
    return seen;
  };
  const Instant first = time_of_job();
  clock_.advance(-core::seconds{10});
  EXPECT_EQ(time_of_job(), first);
  clock_.advance(core::seconds{20});
  EXPECT_EQ(time_of_job(), first + core::seconds{10});
}

TEST_F(CallerLanesTest, CarryASweepOfManySlices) {
  Service service(*lanes_.writes, *lanes_.reads, clock_, [] { return 0; });
  for (int i = 0; i < 1'100; ++i)
    service.create({core::StackName("s" + std::to_string(i)), core::RepoName("r"), false},
                   [](const Result<core::Reply>& made) { ASSERT_TRUE(made); });
  clock_.advance(core::seconds{7'201});
  std::optional<SweepCounts> swept;
  service.sweep([&](Result<SweepCounts> counts) { swept = counts.value(); });
  ASSERT_TRUE(swept);
  EXPECT_EQ(swept->released, 1'100);
}

}  // namespace
}  // namespace bddlock::service
