// The host's clock is set by hours, either way, while claims are live, calls wait and holds run:
// nothing ends early, and nothing much late.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>

#include "fakes/await.hpp"
#include "service/service.hpp"
#include "service/steered_time.hpp"
#include "stores/memory/memory_store.hpp"
#include "unit/service/answer_words.hpp"

namespace bddlock::service {
namespace {

using namespace std::chrono_literals;
using core::Instant;
using core::RepoName;
using core::RequestId;
using core::Result;
using core::Stack;
using core::StackName;
using fakes::await;

constexpr Instant noon = std::chrono::sys_days{2020y / 1 / 6} + 12h;

// As app::HostClock is, on clocks that a test moves. Any thread.
class HostClockWithSteps final : public Clock {
 public:
  Instant now() override {
    const std::scoped_lock lock{mutex_};
    return time_.now(wall_, boot_);
  }
  void pass(core::microseconds time) {
    const std::scoped_lock lock{mutex_};
    wall_ += time;
    boot_ += time;
  }
  void set_wall_by(core::microseconds step) {
    const std::scoped_lock lock{mutex_};
    wall_ += step;
  }

 private:
  std::mutex mutex_;
  Instant wall_ = noon;
  core::microseconds boot_{0};
  SteeredTime time_{noon, core::microseconds{0}};
};

class ClockStepsTest : public testing::TestWithParam<std::chrono::hours> {
 protected:
  static constexpr core::seconds lease{900};
  // What time may be off by while the server makes the step good: 1 % of what passes.
  static constexpr core::seconds off{9};

  void SetUp() override {
    const auto reply = await<core::Reply>([&](auto done) {
      service_.create({StackName{"a"}, RepoName{"repo"}, true}, std::move(done));
    });
    ASSERT_TRUE(reply && std::holds_alternative<core::Done>(*reply));
  }

  static RequestKey key(const std::string& id) { return {RepoName{"repo"}, RequestId{id}}; }
  Result<ClaimAnswer> claim(const std::string& id) {
    return await<ClaimAnswer>(
        [&](auto done) { (void)service_.claim({key(id), {.lease = lease}, 0s}, std::move(done)); });
  }
  std::string extend(const Stack& stack) {
    return to_words(await<ClaimState>([&](auto done) {
      service_.extend({stack.claim->key, stack.stack_name}, {}, std::move(done));
    }));
  }
  // The time that really passes, with a tick of the server each 100 ms of it, as in a real one.
  void pass(core::seconds time) {
    for (core::microseconds passed{0}; passed < time; passed += 100ms) {
      clock_.pass(100ms);
      service_.tick();
    }
    settle();
  }
  // Until what the ticks began is done.
  void settle() {
    for (int i = 0; i < 4; ++i) {
      (void)await<void>([&](auto done) { service_.put_mark("none", 1, std::move(done)); });
      (void)await<std::optional<std::int64_t>>(
          [&](auto done) { service_.mark("none", std::move(done)); });
    }
  }
  core::State state() {
    const auto found = await<std::optional<Stack>>(
        [&](auto done) { service_.find(StackName{"a"}, std::move(done)); });
    return (*found)->state;
  }

  HostClockWithSteps clock_;
  std::atomic<std::uint64_t> random_ = 0;
  stores::MemoryTable table_ = stores::make_memory_table();
  std::unique_ptr<WriteLane> writes_ = make_batching_lane(*table_.store, clock_, {});
  std::unique_ptr<ReadLane> reads_ = make_read_lane(*table_.reader, 1, {});
  LaneStop stop_lanes_{*writes_, *reads_};
  Service service_{*writes_, *reads_, clock_, [this] { return ++random_; }};
};

TEST_P(ClockStepsTest, EndsAClaimNeitherEarlyNorMuchLate) {
  const auto answer = claim("r1");
  const Stack stack = std::get<Granted>(*answer).stacks.front();
  clock_.set_wall_by(GetParam());
  pass(lease - off - 1s);
  EXPECT_EQ(state(), core::State::claimed);
  EXPECT_EQ(to_words(claim("r2")), "none_available");
  pass(2 * off + 2s);
  EXPECT_EQ(state(), core::State::available);
  EXPECT_EQ(extend(stack), "lost expired");
  EXPECT_EQ(to_words(claim("r2")), "granted a");
}

TEST_P(ClockStepsTest, KeepsAClaimThatIsExtendedOverTheStep) {
  const auto answer = claim("r1");
  const Stack stack = std::get<Granted>(*answer).stacks.front();
  for (int i = 0; i < 6; ++i) {
    if (i == 2) clock_.set_wall_by(GetParam());
    if (i == 4) clock_.set_wall_by(-2 * GetParam());
    pass(lease / 3);
    EXPECT_EQ(extend(stack), "claimed") << i;
  }
  EXPECT_EQ(state(), core::State::claimed);
}

TEST_P(ClockStepsTest, EndsAHoldNeitherEarlyNorMuchLate) {
  const auto answer = claim("r1");
  const Stack stack = std::get<Granted>(*answer).stacks.front();
  EXPECT_EQ(to_words(await<Released>([&](auto done) {
              service_.release(stack.stack_name, {.key = stack.claim->key, .keep = lease},
                               std::move(done));
            })),
            "held");
  clock_.set_wall_by(GetParam());
  pass(lease - off - 1s);
  EXPECT_EQ(state(), core::State::held);
  pass(2 * off + 2s);
  EXPECT_EQ(state(), core::State::available);
}

TEST_P(ClockStepsTest, LetsACallWaitAsLongAsItWishedFor) {
  ASSERT_TRUE(claim("owner"));
  std::promise<Result<ClaimAnswer>> promise;
  auto answered = promise.get_future();
  (void)service_.claim({key("r1"), {}, 50s},
                       [&](Result<ClaimAnswer> answer) { promise.set_value(std::move(answer)); });
  settle();
  clock_.set_wall_by(GetParam());
  pass(49s);
  EXPECT_EQ(answered.wait_for(0s), std::future_status::timeout);
  pass(2s);
  EXPECT_EQ(to_words(answered.get()), "queued");
  EXPECT_EQ(to_words(claim("r1")), "queued");  // and it is not forgotten
}

INSTANTIATE_TEST_SUITE_P(Hours, ClockStepsTest,
                         testing::Values(std::chrono::hours{5}, std::chrono::hours{-5},
                                         std::chrono::hours{24 * 400},
                                         std::chrono::hours{-24 * 400}));

}  // namespace
}  // namespace bddlock::service
