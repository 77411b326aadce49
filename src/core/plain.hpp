// Texts in which nothing is special: almost all that comes in and goes out, so whoever checks or
// escapes texts passes over these in one go.
#pragma once

#include <cstddef>
#include <string_view>

namespace bddlock::core {

// How many bytes at the front of `text` are visible ASCII or spaces, but neither quotes (") nor
// backslashes: such are UTF-8, have no control character, and stand in JSON as they are.
[[nodiscard]] std::size_t plain_bytes(std::string_view text);

// How many bytes at the front of `text` are ASCII, whatever they are.
[[nodiscard]] std::size_t ascii_bytes(std::string_view text);

[[nodiscard]] inline bool is_plain(std::string_view text) {
  return plain_bytes(text) == text.size();
}

}  // namespace bddlock::core
