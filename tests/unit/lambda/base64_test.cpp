#include "lambda/base64.hpp"

#include <gtest/gtest.h>

namespace bddlock::lambda {
namespace {

TEST(Base64, IsThatOfTheRfc) {  // RFC 4648, section 10
  const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(parse_base64(text), bytes);
  }
}

TEST(Base64, HasPlusAndSlash) {
  EXPECT_EQ(to_base64("\xFB\xFF\xBF"), "+/+/");
  EXPECT_EQ(parse_base64("+/+/"), "\xFB\xFF\xBF");
}

TEST(Base64, IsNothingElse) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "====", "Z===", "-_-_", "Zm9v ", "Zh==", "=Zg="})
    EXPECT_EQ(parse_base64(text), std::nullopt) << text;
}

}  // namespace
}  // namespace bddlock::lambda
