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

}  // namespace bddlock::wire
