#include "lambda/target.hpp"

#include <gtest/gtest.h>

namespace bddlock::lambda {
namespace {

TEST(TargetPath, StaysAsItWasSent) {
  EXPECT_EQ(target_path("/claim-stack/a%20b%2Fc%25", PathForm::as_sent),
            "/claim-stack/a%20b%2Fc%25");
}

TEST(TargetPath, IsEncodedAgainWhereItWasDecoded) {
  EXPECT_EQ(target_path("/claim-stack/a b?c#d%e\xC3\xA9", PathForm::decoded),
            "/claim-stack/a%20b%3Fc%23d%25e%C3%A9");
}

TEST(TargetPath, HasNothingInItThatEndsAPath) {
  EXPECT_EQ(target_path("/a?b#c d\n", PathForm::as_sent), "/a%3Fb%23c%20d%0A");
}

TEST(TargetPath, BeginsWithASlash) {
  EXPECT_EQ(target_path("", PathForm::as_sent), "/");
  EXPECT_EQ(target_path("a", PathForm::decoded), "/a");
}

TEST(QueryWord, KeepsUnreservedCharactersOnly) {
  EXPECT_EQ(query_word("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(query_word("a&b=c d+%\xC3\xA9"), "a%26b%3Dc%20d%2B%25%C3%A9");
}

}  // namespace
}  // namespace bddlock::lambda
