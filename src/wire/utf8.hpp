// UTF-8, one code point at a time. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace bddlock::wire {

inline constexpr char32_t replacement_character = 0xFFFD;

// Reads the code point at `at` and moves `at` behind it. A byte that begins no valid sequence
// (overlong, surrogate, past U+10FFFF, cut off) counts as one replacement_character. REQUIRES: at <
// text.size().
[[nodiscard]] char32_t next_code_point(std::string_view text, std::size_t& at);

// Of C0, DEL and C1: nothing that a terminal or a log should be sent.
[[nodiscard]] constexpr bool is_control(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0);
}

}  // namespace bddlock::wire
