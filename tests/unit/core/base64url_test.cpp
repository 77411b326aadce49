#include "core/base64url.hpp"

#include <gtest/gtest.h>

#include <random>

namespace bddlock::core {
namespace {

// RFC 4648 section 10, without the padding.
TEST(Base64url, WritesTheVectorsOfTheStandard) {
  EXPECT_EQ(to_base64url(""), "");
  EXPECT_EQ(to_base64url("f"), "Zg");
  EXPECT_EQ(to_base64url("fo"), "Zm8");
  EXPECT_EQ(to_base64url("foo"), "Zm9v");
  EXPECT_EQ(to_base64url("foob"), "Zm9vYg");
  EXPECT_EQ(to_base64url("fooba"), "Zm9vYmE");
  EXPECT_EQ(to_base64url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(to_base64url("\xfb\xff\xbf"), "-_-_");
}

TEST(Base64url, ReadsWhatItWrote) {
  std::mt19937 random{1};
  for (std::size_t size = 0; size < 100; ++size) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random() & 255);
    EXPECT_EQ(parse_base64url(to_base64url(bytes)), bytes);
  }
}

TEST(Base64url, ReadsNothingElse) {
  for (const char* text :
       {"A", "AAAAA", "Zg==", "Zm8=", "Zm9+", "Zm9/", "Zm 9", "Zh", "Zm9\xc3", "AB", "AAB"})
    EXPECT_EQ(parse_base64url(text), std::nullopt) << text;
}

}  // namespace
}  // namespace bddlock::core
