#include "api/auth.hpp"

#include <gtest/gtest.h>

namespace bddlock::api {
namespace {

using Tokens = std::vector<std::string>;

TEST(ParseTokens, SplitsByWhiteSpace) {
  EXPECT_EQ(parse_tokens("secret").value(), (Tokens{"secret"}));
  EXPECT_EQ(parse_tokens(" old\t\nnew\r\n").value(), (Tokens{"old", "new"}));
}

TEST(ParseTokens, RefusesWithoutNamingAToken) {
  EXPECT_EQ(parse_tokens(" \n").error(), "there is no token");
  const std::string longest(token_bytes_max, 'z');
  EXPECT_TRUE(parse_tokens(longest));
  EXPECT_EQ(parse_tokens("first " + longest + "z").error(),
            "token 2 of 2 is 1025 bytes long; 1024 are allowed");
  EXPECT_EQ(parse_tokens("zz\x01zz").error(),
            "token 1 of 1 has a character that is not visible ASCII");
  EXPECT_FALSE(parse_tokens("zz\x7F"));
}

TEST(ParseTokens, RefusesWhatNobodyMeantAsAToken) {
  for (const std::string_view text :
       {"Bearer abc", "abc bearer", "abc # old", "#abc", "\"abc\"", "'abc'", "t\xC3\xB6ken"})
    EXPECT_FALSE(parse_tokens(text)) << text;
  EXPECT_EQ(parse_tokens("bearer-1 a#b a\"b").value(), (Tokens{"bearer-1", "a#b", "a\"b"}));
}

TEST(ParseTokens, SkipsAByteOrderMark) {
  EXPECT_EQ(parse_tokens("\xEF\xBB\xBFsecret").value(), (Tokens{"secret"}));
}

TEST(TokenSet, AcceptsEachOfItsTokensBareOrAsBearer) {
  const TokenSet tokens({"secret", "s3cret-with+more/=", std::string(token_bytes_max, 'z')});
  for (const std::string& token : {std::string("secret"), std::string("s3cret-with+more/="),
                                   std::string(token_bytes_max, 'z')}) {
    for (const std::string before : {"", " ", "Bearer ", "bearer ", "BEARER\t ", " Bearer  "}) {
      EXPECT_TRUE(tokens.accepts(before + token)) << before;
      EXPECT_TRUE(tokens.accepts(before + token + " \t")) << before;
    }
  }
}

TEST(TokenSet, AcceptsNothingElse) {
  const TokenSet tokens({"secret", "other"});
  for (const std::string_view wrong :
       {"", " ", "s", "secre", "secret1", "Secret", "ssecret", "secretother", "secret other",
        "Bearer", "Bearer ", "Bearersecret", "Basic secret", "Bearer Bearer secret", "secre\xF4"}) {
    EXPECT_FALSE(tokens.accepts(wrong)) << wrong;
  }
  EXPECT_FALSE(tokens.accepts(std::string("secret\0", 7)));
  EXPECT_FALSE(tokens.accepts("secret" + std::string(token_bytes_max, 'z')));
  EXPECT_FALSE(tokens.accepts(std::string(token_bytes_max + 1, 'z')));
}

TEST(TokenSet, ComparesEveryByteOfTheLongestToken) {
  const std::string longest(token_bytes_max, 'z');
  const TokenSet tokens({longest});
  for (std::size_t at = 0; at < longest.size(); ++at) {
    std::string wrong = longest;
    wrong[at] = 'y';
    ASSERT_FALSE(tokens.accepts(wrong)) << at;
  }
}

TEST(TokenSet, ComparesLengthsTooWhereverAWordEnds) {
  for (std::size_t known = 1; known < 40; ++known) {
    const TokenSet tokens({std::string(known, 'z')});
    for (std::size_t given = 0; given < 50; ++given)
      EXPECT_EQ(tokens.accepts(std::string(given, 'z')), given == known) << known << " " << given;
    for (std::size_t at = 0; at < known; ++at) {
      std::string wrong(known, 'z');
      wrong[at] = 'y';
      EXPECT_FALSE(tokens.accepts(wrong)) << known << " " << at;
    }
  }
}

TEST(TokenSet, AcceptsNobodyWithoutTokens) {
  EXPECT_FALSE(TokenSet({}).accepts("secret"));
  EXPECT_FALSE(TokenSet({}).accepts(""));
}

TEST(TokenSet, TakesNewTokensForOldOnes) {
  TokenSet tokens({"old"});
  tokens.replace({"old", "new"});
  EXPECT_TRUE(tokens.accepts("old"));
  EXPECT_TRUE(tokens.accepts("new"));
  tokens.replace({"new"});
  EXPECT_FALSE(tokens.accepts("old"));
  EXPECT_TRUE(tokens.accepts("new"));
}

}  // namespace
}  // namespace bddlock::api
