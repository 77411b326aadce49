#include "api/cursor.hpp"

#include <cstdint>

namespace bddlock::api {
namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(std::string_view bytes) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const char byte : bytes) {
    bits = (bits << 8u) | static_cast<unsigned char>(byte);
    for (bit_count += 8; bit_count >= 6; bit_count -= 6)
      out += digits[(bits >> (bit_count - 6)) & 63u];
  }
  if (bit_count > 0) out += digits[(bits << (6 - bit_count)) & 63u];
  return out;
}

std::optional<std::string> decode(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const char c : text) {
    const std::size_t digit = digits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6u) | static_cast<std::uint32_t>(digit);
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    out += static_cast<char>((bits >> bit_count) & 255u);
  }
  return out;
}

}  // namespace

std::string to_cursor(const core::StackName& last) { return encode(last.text()); }

std::optional<core::StackName> parse_cursor(std::string_view cursor) {
  auto name = decode(cursor);
  // Encoding it again finds stray bits and cut-off digits.
  if (!name || core::fault_in_name(*name) || encode(*name) != cursor) return std::nullopt;
  return core::StackName(std::move(*name));
}

}  // namespace bddlock::api
