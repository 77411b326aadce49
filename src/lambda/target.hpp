// From what gateways make of a request's path and query back to a target as a client sends it.
// Pure.
#pragma once

#include <string>
#include <string_view>

namespace bddlock::lambda {

// REST APIs and function URLs hand over the path as it was sent, HTTP APIs percent-decoded (both
// payload formats; a %2F has become a / by then).
enum class PathForm { as_sent = 1, decoded };

// Percent-encodes what cannot stand in a target's path, and of a decoded one each % too. It begins
// with a slash.
[[nodiscard]] std::string target_path(std::string_view path, PathForm form);

// Percent-encodes all but RFC 3986's unreserved characters.
[[nodiscard]] std::string query_word(std::string_view text);

}  // namespace bddlock::lambda
