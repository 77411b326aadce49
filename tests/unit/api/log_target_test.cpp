#include "api/log_target.hpp"

#include <gtest/gtest.h>

namespace bddlock::api {
namespace {

const std::string of_a_b = core::claim_id(core::ClaimKey{{0xAB, 0xCD}}, core::StackName("a b"));

TEST(LoggableTarget, IsAsItWasSentWhereThereIsNoClaim) {
  for (const std::string_view target :
       {"/", "", "*", "/v1/stacks?repoName=a%20b&limit=1", "/claim-stack/a%2Fb", "/v1/claims",
        "/v1/claims/", "//x//", "/v1/stacks/%zz?%zz=%00"})
    EXPECT_EQ(loggable_target(target), target);
}

TEST(LoggableTarget, NamesAClaimByItsStack) {
  EXPECT_EQ(loggable_target("/v1/claims/" + of_a_b), "/v1/claims/a%20b");
  EXPECT_EQ(loggable_target("/v1/claims/" + of_a_b + "/extend?x=1"), "/v1/claims/a%20b/extend?x=1");
  EXPECT_EQ(loggable_target("/dev/v1/claims/" + of_a_b + "/release"),
            "/dev/v1/claims/a%20b/release");
}

TEST(LoggableTarget, HidesAClaimIdWhereverItStands) {
  const std::string dot = "%2E";
  const std::string escaped = of_a_b.substr(0, 22) + dot + of_a_b.substr(23);
  for (const std::string& target :
       {"/" + of_a_b, "/v1/claims/" + escaped + "/extend", "/v1/%63laims/" + of_a_b,
        "/v1/stacks/" + of_a_b, "/v1/stacks?cursor=" + of_a_b, "/v1/stacks?" + of_a_b,
        "/x?a=b&c=" + escaped, "/v1/claims/" + of_a_b + "/x/" + of_a_b})
    EXPECT_EQ(loggable_target(target).find(of_a_b.substr(0, 22)), std::string::npos) << target;
}

TEST(LoggableTarget, HidesWhatStandsInAClaimIdsPlace) {
  EXPECT_EQ(loggable_target("/v1/claims/" + of_a_b.substr(1)), "/v1/claims/?");
  EXPECT_EQ(loggable_target("/v1/claims/" + of_a_b + "x/release"), "/v1/claims/?/release");
  EXPECT_EQ(loggable_target("/v1/claims/secret"), "/v1/claims/?");
  EXPECT_EQ(loggable_target("/v1/%63laims/secret"), "/v1/%63laims/?");
}

// Whoever logs a loggable target as it is logs the same as before.
TEST(LoggableTarget, IsTheTargetItselfWhereThatIsLoggable) {
  for (const std::string_view target : {"/", "/v1/repos/a/claims", "/claim-stack/a", "*",
                                        "/v1/claims", "/v1/stacks?repoName=a&limit=5"}) {
    EXPECT_TRUE(is_loggable(target)) << target;
    EXPECT_EQ(loggable_target(target), target);
  }
  for (const std::string& target :
       {"/v1/claims/" + of_a_b, std::string("/v1/claims/secret"),
        std::string("/v1/%63laims/secret"), "/v1/stacks?cursor=" + of_a_b})
    EXPECT_FALSE(is_loggable(target)) << target;
}

TEST(ClaimLogTarget, HasStackAndToken) {
  EXPECT_EQ(claim_log_target(core::StackName("a"), 7, "/extend"), "/v1/claims/a#7/extend");
  EXPECT_EQ(claim_log_target(core::StackName("a\n"), 7, ""), "/v1/claims/a%0A#7");
}

}  // namespace
}  // namespace bddlock::api
