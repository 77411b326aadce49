// Cuts an export into pieces that fit the server's limit for a body, after every line was checked.
// Pure.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace bddlock::cli {

inline constexpr std::size_t slice_bytes_max = 60 * 1024;  // the server takes 64 KiB by default

struct Slice {
  std::string body;            // JSON lines
  std::size_t first_line = 0;  // in the file, from 1; empty lines between are counted
  std::size_t last_line = 0;
  std::size_t stacks = 0;
};

// The errors are sentences, each with its line's number: broken JSON, names that may not be, a
// stack that stands there twice. At most `faults_shown_max` of them.
inline constexpr std::size_t faults_shown_max = 10;
[[nodiscard]] std::expected<std::vector<Slice>, std::vector<std::string>> slices_of(
    std::string_view text);

}  // namespace bddlock::cli
