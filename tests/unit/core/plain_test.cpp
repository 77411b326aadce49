#include "core/plain.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bddlock::core {
namespace {

bool is_special(int byte) { return byte < 0x20 || byte > 0x7E || byte == '"' || byte == '\\'; }

TEST(PlainBytes, EndAtEachSpecialByteWhereverItStands) {
  for (int byte = 0; byte < 256; ++byte)
    for (std::size_t size = 1; size < 40; ++size)
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, '~');
        text[at] = static_cast<char>(byte);
        EXPECT_EQ(plain_bytes(text), is_special(byte) ? at : size) << byte << " at " << at;
      }
}

TEST(PlainBytes, EndAtTheFirstOfSeveral) {
  EXPECT_EQ(plain_bytes("abc\n\"defghijkl"), 3U);
  EXPECT_EQ(plain_bytes("abcdefgh !#[]\\\x80"), 13U);
  EXPECT_EQ(plain_bytes(std::string_view("12345678abcdefg\0", 16)), 15U);
}

TEST(PlainBytes, AreAllOfATextWithoutSpecialOnes) {
  EXPECT_TRUE(is_plain(""));
  EXPECT_TRUE(is_plain(" a stack's name, of any length: #[]{}<>'`|^~"));
  EXPECT_FALSE(is_plain("a\tb"));
}

TEST(AsciiBytes, EndAtEachOtherByteWhereverItStands) {
  for (int byte = 0; byte < 256; ++byte)
    for (std::size_t size = 1; size < 40; ++size)
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, '"');
        text[at] = static_cast<char>(byte);
        EXPECT_EQ(ascii_bytes(text), byte >= 0x80 ? at : size) << byte << " at " << at;
      }
  EXPECT_EQ(ascii_bytes(""), 0U);
}

}  // namespace
}  // namespace bddlock::core
