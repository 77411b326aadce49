#include "lambda/deadline.hpp"

#include <gtest/gtest.h>

namespace bddlock::lambda {
namespace {

using std::chrono::milliseconds;

class DeadlineTest : public testing::Test {
 protected:
  std::int64_t now_ = 1'000'000;
  Deadline deadline_{[this] { return now_; }};
};

TEST_F(DeadlineTest, KeepsHalfASecondOfALongTime) {
  deadline_.begin(now_ + 29'000);
  EXPECT_EQ(deadline_.left(), milliseconds(28'500));
  now_ += 28'499;
  EXPECT_EQ(deadline_.left(), milliseconds(1));
  now_ += 1;
  EXPECT_EQ(deadline_.left(), milliseconds(0));
}

TEST_F(DeadlineTest, KeepsATenthOfAShortTime) {
  deadline_.begin(now_ + 1'000);
  EXPECT_EQ(deadline_.left(), milliseconds(900));
}

TEST_F(DeadlineTest, ThatIsOverLeavesNothing) {
  deadline_.begin(now_ - 1);
  EXPECT_LE(deadline_.left(), milliseconds(0));
}

TEST_F(DeadlineTest, ThatIsNotSaidIsFar) {
  EXPECT_GT(deadline_.left(), milliseconds(60'000)) << "before the first invocation";
  deadline_.begin(0);
  EXPECT_GT(deadline_.left(), milliseconds(60'000));
}

}  // namespace
}  // namespace bddlock::lambda
