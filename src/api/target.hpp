// A request's target taken apart: path segments and query, percent-decoded (RFC 3986). Nothing is
// normalised: ".." and an empty segment are names like others. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>

namespace bddlock::api {

// The decoded text, or a sentence: a bad escape, a zero byte, no UTF-8.
[[nodiscard]] std::expected<std::string, std::string> percent_decode(std::string_view text);

inline constexpr std::size_t segments_max = 8;

// Borrows from the text.
struct Target {
  Target() = default;
  Target(Target&&) = default;
  Target& operator=(Target&&) = default;

  std::array<std::string_view, segments_max> segments;  // decoded; as sent where that cannot be
  std::size_t segment_count = 0;                        // 0: too many, or no path at all
  std::optional<std::string> fault;                     // why a segment could not be decoded
  std::string_view query;                               // as sent, behind the "?"

  std::forward_list<std::string> unescaped;  // what those segments borrow that had escapes
};

// `text` is in origin-form, "/a/b?c"; anything else has no segments.
[[nodiscard]] Target parse_target(std::string_view text);

}  // namespace bddlock::api
