#include "http/phase.hpp"

#include <gtest/gtest.h>

namespace bddlock::http {
namespace {

using std::chrono::milliseconds;

const Limits limits = {.request_time = milliseconds(10'000), .idle_time = milliseconds(75'000)};

TEST(Phase, OfARequestEndsAtRequestTime) {
  EXPECT_FALSE(overdue(Phase::receiving, milliseconds(9'999), limits));
  EXPECT_TRUE(overdue(Phase::receiving, milliseconds(10'000), limits));
}

TEST(Phase, OfAnAnswerThatIsNotTakenEndsAtRequestTime) {
  EXPECT_FALSE(overdue(Phase::writing, milliseconds(9'999), limits));
  EXPECT_TRUE(overdue(Phase::writing, milliseconds(10'000), limits));
}

TEST(Phase, OfIdlenessEndsAtIdleTime) {
  EXPECT_FALSE(overdue(Phase::idle, milliseconds(74'999), limits));
  EXPECT_TRUE(overdue(Phase::idle, milliseconds(75'000), limits));
}

TEST(Phase, OfLingeringEndsAtLingerTime) {
  EXPECT_FALSE(overdue(Phase::lingering, linger_time - milliseconds(1), limits));
  EXPECT_TRUE(overdue(Phase::lingering, linger_time, limits));
}

TEST(Phase, OfAnsweringHasNoEnd) {
  EXPECT_FALSE(overdue(Phase::answering, std::chrono::hours(24), limits));
}

TEST(LookInterval, IsAnEighthOfTheShortestLimitWithinBounds) {
  EXPECT_EQ(look_interval({.request_time = milliseconds(800), .idle_time = milliseconds(75'000)}),
            milliseconds(100));
  EXPECT_EQ(look_interval({.request_time = milliseconds(8), .idle_time = milliseconds(8)}),
            milliseconds(5));
  EXPECT_EQ(look_interval({}), milliseconds(250));
}

}  // namespace
}  // namespace bddlock::http
