#include "core/plain.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace bddlock::core {
namespace {

// Sixteen bytes that are looked at together, where the processor can. A comparison of two gives a
// block with all bits of a byte set where it holds.
using Block = unsigned char __attribute__((vector_size(16)));
using Marks = signed char __attribute__((vector_size(16)));

constexpr Block filled_with(unsigned char byte) { return Block{} + byte; }

Marks not_plain(Block bytes) {
  return (bytes < ' ') | (bytes > '~') | (bytes == '"') | (bytes == '\\');
}
Marks not_ascii(Block bytes) { return bytes > 0x7f; }

// Where the first mark is; 16: nowhere.
std::size_t first_of(Marks marks) {
  static_assert(std::endian::native == std::endian::little);
  std::array<std::uint64_t, 2> halves;
  static_assert(sizeof halves == sizeof marks);
  std::memcpy(halves.data(), &marks, sizeof halves);
  if (halves[0] != 0) return static_cast<std::size_t>(std::countr_zero(halves[0])) / 8;
  return 8 + static_cast<std::size_t>(std::countr_zero(halves[1])) / 8;
}

Block block_at(std::string_view text, std::size_t at) {
  Block bytes;
  std::memcpy(&bytes, text.data() + at, sizeof bytes);
  return bytes;
}

// How many bytes of `text` come before the first that `special` marks. A short text is filled up
// with spaces, which are not special; of a longer one the last block overlaps the one before it,
// which is known to have none.
template <Marks (*special)(Block)>
std::size_t bytes_before(std::string_view text) {
  constexpr std::size_t step = sizeof(Block);
  if (text.empty()) return 0;
  if (text.size() < step) {
    Block bytes = filled_with(' ');
    std::memcpy(&bytes, text.data(), text.size());
    return std::min(first_of(special(bytes)), text.size());
  }
  for (std::size_t at = 0;; at = std::min(at + step, text.size() - step)) {
    const std::size_t found = first_of(special(block_at(text, at)));
    if (found < step) return at + found;
    if (at + step == text.size()) return text.size();
  }
}

}  // namespace

std::size_t plain_bytes(std::string_view text) { return bytes_before<not_plain>(text); }

std::size_t ascii_bytes(std::string_view text) { return bytes_before<not_ascii>(text); }

}  // namespace bddlock::core
