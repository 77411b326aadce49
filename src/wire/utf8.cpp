#include "wire/utf8.hpp"

namespace bddlock::wire {
namespace {

struct Sequence {
  std::size_t bytes;
  char32_t bits;   // of the first byte
  char32_t least;  // smaller ones are overlong
};

Sequence sequence_of(unsigned char first) {
  if (first < 0x80) return {1, first, 0};
  if (first >= 0xC2 && first < 0xE0) return {2, first & 0x1Fu, 0x80};
  if (first >= 0xE0 && first < 0xF0) return {3, first & 0x0Fu, 0x800};
  if (first >= 0xF0 && first < 0xF5) return {4, first & 0x07u, 0x10000};
  return {0, 0, 0};
}

bool is_surrogate(char32_t point) { return point >= 0xD800 && point < 0xE000; }

}  // namespace

char32_t next_code_point(std::string_view text, std::size_t& at) {
  const std::size_t start = at++;
  const Sequence sequence = sequence_of(static_cast<unsigned char>(text[start]));
  if (sequence.bytes == 0 || text.size() - start < sequence.bytes) return replacement_character;
  char32_t point = sequence.bits;
  for (std::size_t i = 1; i < sequence.bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[start + i]);
    if ((byte & 0xC0u) != 0x80u) return replacement_character;
    point = (point << 6u) | (byte & 0x3Fu);
  }
  if (point < sequence.least || point > 0x10FFFF || is_surrogate(point)) {
    return replacement_character;
  }
  at = start + sequence.bytes;
  return point;
}

}  // namespace bddlock::wire
