#include "core/plain.hpp"

#include <cstdint>
#include <cstring>

namespace bddlock::core {
namespace {

using Word = std::uint64_t;

constexpr Word each_byte(unsigned char byte) { return Word{0x0101010101010101} * byte; }
constexpr Word top_bits = each_byte(0x80);

// A top bit is set where a byte is below `limit` (1 to 128), and perhaps at bytes above such a one.
constexpr Word below(Word bytes, unsigned char limit) {
  return (bytes - each_byte(limit)) & ~bytes & top_bits;
}
constexpr Word equal(Word bytes, char c) {
  return below(bytes ^ each_byte(static_cast<unsigned char>(c)), 1);
}

bool is_plain_byte(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

}  // namespace

std::size_t plain_bytes(std::string_view text) {
  std::size_t at = 0;
  for (; at + sizeof(Word) <= text.size(); at += sizeof(Word)) {
    Word bytes = 0;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    const Word special = (bytes & top_bits) | below(bytes, ' ') | equal(bytes, '"') |
                         equal(bytes, '\\') | equal(bytes, '\x7f');
    if (special != 0) break;
  }
  while (at < text.size() && is_plain_byte(text[at])) ++at;
  return at;
}

}  // namespace bddlock::core
