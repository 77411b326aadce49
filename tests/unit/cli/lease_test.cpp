#include "cli/lease.hpp"

#include <gtest/gtest.h>

namespace bddlock::cli::testing {
namespace {

constexpr milliseconds sent{1'000'000};

class ALease : public ::testing::Test {
 protected:
  [[nodiscard]] Lease lease(seconds length) const {
    return Lease(sent, length, granted_at_ + length, random_);
  }
  // An extension that was sent `after` the grant, and that the server makes as long as it may.
  [[nodiscard]] Extension extension(milliseconds after, seconds length, seconds server_max) const {
    const core::Instant wished = granted_at_ + after + length;
    return {std::min(wished, granted_at_ + core::microseconds(server_max)), sent + after, length};
  }

  core::Instant granted_at_{core::seconds(1'800'000'000)};
  std::function<std::uint64_t()> random_ = [] { return std::uint64_t{0}; };
};

TEST_F(ALease, EndsSoLongAfterTheCallThatGaveItWasSent) {
  EXPECT_EQ(lease(seconds(900)).ends_at(), sent + seconds(900));
}

TEST_F(ALease, IsDueAfterAThirdAndAtLeastEach30Seconds) {
  EXPECT_EQ(lease(seconds(30)).due(), sent + seconds(10));
  EXPECT_EQ(lease(seconds(900)).due(), sent + seconds(30));
}

TEST_F(ALease, LivesOnFromAnExtension) {
  Lease one = lease(seconds(30));
  one.extended(extension(seconds(11), seconds(30), seconds(86'400)));
  EXPECT_EQ(one.ends_at(), sent + seconds(41));
  EXPECT_EQ(one.due(), sent + seconds(21));
}

TEST_F(ALease, EndsWhenTheServersLimitForAClaimIsReached) {
  Lease one = lease(seconds(30));
  one.extended(extension(seconds(20), seconds(30), seconds(40)));
  EXPECT_EQ(one.ends_at(), sent + seconds(40));
  one.extended(extension(seconds(30), seconds(30), seconds(40)));
  EXPECT_EQ(one.ends_at(), sent + seconds(40));
}

TEST_F(ALease, IsNotCutShortByAnAnswerThatTookItsTime) {
  Lease one = lease(seconds(30));
  Extension late = extension(seconds(10), seconds(30), seconds(86'400));
  late.expires_at -= milliseconds(1'500);  // the grant's answer was that much later than sent
  one.extended(late);
  EXPECT_EQ(one.ends_at(), sent + seconds(40));
}

TEST_F(ALease, IsTriedAgainSoonAndThenMoreSlowlyAfterFailures) {
  Lease one = lease(seconds(900));
  std::vector<milliseconds> pauses;
  milliseconds now = sent + seconds(30);
  for (int i = 0; i < 6; ++i) {
    one.failed(now);
    pauses.push_back(one.due() - now);
    now = one.due();
  }
  EXPECT_EQ(pauses.front(), milliseconds(250));
  EXPECT_EQ(pauses.back(), milliseconds(2'500));
  EXPECT_TRUE(one.is_failing());
  EXPECT_EQ(one.ends_at(), sent + seconds(900));
  one.extended(extension(seconds(60), seconds(900), seconds(86'400)));
  EXPECT_FALSE(one.is_failing());
}

TEST_F(ALease, GivesACallTimeThatLeavesRoomForMore) {
  EXPECT_EQ(lease(seconds(2)).call_limit(), milliseconds(500));
  EXPECT_EQ(lease(seconds(12)).call_limit(), seconds(2));
  EXPECT_EQ(lease(seconds(900)).call_limit(), seconds(5));
}

}  // namespace
}  // namespace bddlock::cli::testing
