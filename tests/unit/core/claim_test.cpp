#include "core/claim.hpp"

#include <gtest/gtest.h>

#include "core/base64url.hpp"

namespace bddlock::core {
namespace {

const StackName alpha{"alpha"};

TEST(ClaimId, IsTwentyTwoCharactersADotAndTheStacksName) {
  const std::string id = claim_id(ClaimKey{{1, 2, 3}}, alpha);
  EXPECT_EQ(id, "AQIDAAAAAAAAAAAAAAAAAA." + to_base64url("alpha"));
  EXPECT_EQ(id.find('.'), 22u);
}

TEST(ClaimId, IsReadFromItsOwnText) {
  for (const char* name : {"alpha", "a", "\xc3\xa4 b", "a.b"}) {
    const ClaimKey key{{255, 0, 17, 250, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
    const auto ref = parse_claim_id(claim_id(key, StackName{name}));
    ASSERT_TRUE(ref) << name;
    EXPECT_EQ(ref->key, key);
    EXPECT_EQ(ref->stack_name, StackName{name});
  }
}

TEST(ClaimId, IsNotReadFromAnythingElse) {
  const std::string key(22, 'A');
  for (const std::string& text :
       {std::string{}, std::string{"."}, key, key + ".", "." + to_base64url("alpha"),
        key.substr(1) + "." + to_base64url("alpha"), key + "A." + to_base64url("alpha"),
        std::string(21, 'A') + "B." + to_base64url("alpha"),  // left-over bits
        key + "." + to_base64url("alpha") + "=", key + ".+/", key + "." + to_base64url("a/b"),
        key + "." + to_base64url(".."), key + "." + to_base64url(std::string(256, 'a')),
        key + "." + to_base64url("\xff")})
    EXPECT_FALSE(parse_claim_id(text)) << text;
}

TEST(Words, AreReadFromTheirOwnText) {
  for (const Outcome outcome : {Outcome::passed, Outcome::failed, Outcome::cancelled})
    EXPECT_EQ(parse_outcome(to_text(outcome)), outcome);
  EXPECT_EQ(parse_outcome("Passed"), std::nullopt);
  for (int i = 1; i <= static_cast<int>(EndReason::swept); ++i) {
    const auto reason = static_cast<EndReason>(i);
    EXPECT_NE(to_text(reason), "");
    EXPECT_EQ(parse_end_reason(to_text(reason)), reason);
  }
  EXPECT_EQ(parse_end_reason(""), std::nullopt);
}

}  // namespace
}  // namespace bddlock::core
