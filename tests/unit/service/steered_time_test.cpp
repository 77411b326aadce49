#include "service/steered_time.hpp"

#include <gtest/gtest.h>

namespace bddlock::service {
namespace {

using core::Instant;
using core::microseconds;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant start{hours{24 * 365 * 50}};

TEST(SteeredTime, StartsAtTheWallClockAndGoesOnWithTheBootClock) {
  SteeredTime time{start, seconds{100}};
  EXPECT_EQ(time.now(start, seconds{100}), start);
  EXPECT_EQ(time.now(start + seconds{7}, seconds{107}), start + seconds{7});
  EXPECT_EQ(time.drift(), microseconds{0});
}

TEST(SteeredTime, FollowsAForwardStepByOnePercentOfWhatPasses) {
  SteeredTime time{start, seconds{0}};
  const Instant after = time.now(start + hours{3} + seconds{100}, seconds{100});
  EXPECT_EQ(after, start + seconds{101});
  EXPECT_EQ(time.drift(), hours{3} - seconds{1});
}

TEST(SteeredTime, FollowsABackwardStepByOnePercentAndNeverFalls) {
  SteeredTime time{start, seconds{0}};
  Instant last = start;
  for (int i = 1; i <= 1000; ++i) {
    const Instant now = time.now(start - hours{5} + milliseconds{i}, milliseconds{i});
    EXPECT_GE(now, last);
    last = now;
  }
  EXPECT_EQ(last, start + milliseconds{990});
}

TEST(SteeredTime, ReachesTheWallClockExactlyAndStaysThere) {
  SteeredTime time{start, seconds{0}};
  EXPECT_EQ(time.now(start + seconds{101}, seconds{100}), start + seconds{101});
  EXPECT_EQ(time.now(start + seconds{102}, seconds{101}), start + seconds{102});
}

TEST(SteeredTime, FollowsJustAsFastWhenAskedEveryFewMicroseconds) {
  SteeredTime time{start, seconds{0}};
  Instant now = start;
  for (int i = 1; i <= 100'000; ++i)
    now = time.now(start + hours{1} + microseconds{10 * i}, microseconds{10 * i});
  EXPECT_EQ(now, start + seconds{1} + milliseconds{10});
}

TEST(SteeredTime, DoesNotSaveUpWhatItMayFollowForALaterStep) {
  SteeredTime time{start, seconds{0}};
  EXPECT_EQ(time.now(start + hours{10}, hours{10}), start + hours{10});
  const Instant now = time.now(start + hours{10} + hours{1} + seconds{1}, hours{10} + seconds{1});
  EXPECT_EQ(now, start + hours{10} + seconds{1} + milliseconds{10});
}

TEST(SteeredTime, StandsStillWhileTheBootClockSeemsToGoBack) {
  SteeredTime time{start, seconds{10}};
  EXPECT_EQ(time.now(start + seconds{5}, seconds{9}), start);
  EXPECT_EQ(time.now(start + seconds{5}, seconds{10}), start);
}

}  // namespace
}  // namespace bddlock::service
