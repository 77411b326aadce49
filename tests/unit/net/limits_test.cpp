// The limits of a call, without a network.
#include "net/limits.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "net/stream.hpp"

namespace bddlock::net {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

Limits within(milliseconds time) { return {SteadyClock::now() + time}; }

// Moves a byte whenever it is asked, as the stream of a server that never pauses does.
class Torrent final : public Stream {
 public:
  Transfer read_some(std::span<char>) override {
    return {.state = Transfer::State::moved, .bytes = 1};
  }
  Transfer write_some(std::string_view) override { return {.state = Transfer::State::must_write}; }
  [[nodiscard]] int descriptor() const override { return -1; }
};

Transfer::State read_from(Torrent& stream, const Limits& limits) {
  char byte = 0;
  return finish(stream, limits, [&] { return stream.read_some({&byte, 1}); }).state;
}

TEST(Finish, MindsItsLimitsAlsoWhereItNeedNotWait) {
  Torrent stream;
  EXPECT_EQ(read_from(stream, within(hours(1))), Transfer::State::moved);
  EXPECT_EQ(read_from(stream, within(milliseconds(0))), Transfer::State::timed_out);
  Limits stopped = within(hours(1));
  stopped.should_stop = [] { return true; };
  EXPECT_EQ(read_from(stream, stopped), Transfer::State::stopped);
}

TEST(Finish, WaitsUntilTheDeadlineWhereNothingMoves) {
  Torrent stream;
  const auto limits = within(milliseconds(30));
  EXPECT_EQ(finish(stream, limits, [&] { return stream.write_some("x"); }).state,
            Transfer::State::timed_out);
  EXPECT_GE(SteadyClock::now(), limits.deadline);
}

TEST(WaitFor, EndsWhenADescriptorIsReady) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  pollfd reader{ends[0], POLLIN, 0};
  EXPECT_EQ(wait_for({&reader, 1}, within(milliseconds(0))), Waited::timed_out);
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  EXPECT_EQ(wait_for({&reader, 1}, within(hours(1))), Waited::ready);
  EXPECT_EQ(wait_for({&reader, 1}, within(milliseconds(0))), Waited::ready);
  close(ends[0]);
  close(ends[1]);
}

TEST(WaitFor, AsksWhetherToStopAgainAndAgain) {
  int asked = 0;
  Limits limits = within(hours(1));
  limits.should_stop = [&] { return ++asked == 3; };
  EXPECT_EQ(wait_for({}, limits), Waited::stopped);
  EXPECT_EQ(asked, 3);
}

TEST(WaitFor, EndsAtTheEarlierOfTheTwoTimes) {
  const auto soon = SteadyClock::now() + milliseconds(20);
  EXPECT_EQ(wait_for({}, within(hours(1)), soon), Waited::timed_out);
  EXPECT_GE(SteadyClock::now(), soon);
  EXPECT_EQ(wait_for({}, {soon}, SteadyClock::now() + hours(1)), Waited::timed_out);
}

}  // namespace
}  // namespace bddlock::net
