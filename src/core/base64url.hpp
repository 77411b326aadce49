// Base64 with the URL-safe alphabet and no padding (RFC 4648 section 5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bddlock::core {

[[nodiscard]] std::string to_base64url(std::string_view bytes);

// Nothing for other characters, a length that cannot be, or left-over bits that are not zero: each
// text has exactly one spelling.
[[nodiscard]] std::optional<std::string> parse_base64url(std::string_view text);

}  // namespace bddlock::core
