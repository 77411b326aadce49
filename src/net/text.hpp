// Small pure functions on the texts of URLs and headers. ASCII only, as those are.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace bddlock::net {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Equal but for upper and lower case.
[[nodiscard]] inline bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

[[nodiscard]] inline bool begins_with_word(std::string_view text, std::string_view word) {
  return same_word(text.substr(0, word.size()), word);
}

[[nodiscard]] inline std::string lowered(std::string_view text) {
  std::string all(text);
  std::ranges::transform(all, all.begin(), lower);
  return all;
}

}  // namespace bddlock::net
