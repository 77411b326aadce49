#include "core/base64url.hpp"

#include <array>
#include <cstdint>

namespace bddlock::core {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> values = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return table;
}();

int value_of(char c) { return values[static_cast<unsigned char>(c)]; }

// The bytes of the first four characters. False if one of them is no such character.
bool put_three_bytes(char* to, std::string_view text) {
  const int first = value_of(text[0]), second = value_of(text[1]), third = value_of(text[2]),
            fourth = value_of(text[3]);
  if ((first | second | third | fourth) < 0) return false;
  const int bits = first << 18 | second << 12 | third << 6 | fourth;
  to[0] = static_cast<char>(bits >> 16 & 255);
  to[1] = static_cast<char>(bits >> 8 & 255);
  to[2] = static_cast<char>(bits & 255);
  return true;
}

}  // namespace

std::string to_base64url(std::string_view bytes) {
  std::string text((bytes.size() * 4 + 2) / 3, '\0');
  char* to = text.data();
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) *to++ = alphabet[(bits >> (count - 6)) & 63];
  }
  if (count > 0) *to = alphabet[(bits << (6 - count)) & 63];
  return text;
}

std::optional<std::string> parse_base64url(std::string_view text) {
  std::string bytes(text.size() * 3 / 4, '\0');
  char* to = bytes.data();
  for (; text.size() >= 4; text.remove_prefix(4), to += 3)
    if (!put_three_bytes(to, text)) return std::nullopt;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = value_of(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      *to++ = static_cast<char>((bits >> count) & 255);
    }
  }
  if (count >= 6 || (bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace bddlock::core
