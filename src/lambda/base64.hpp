// Base64 as gateways write it: the usual alphabet, padded (RFC 4648 section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bddlock::lambda {

[[nodiscard]] std::string to_base64(std::string_view bytes);

// Nothing for what is none.
[[nodiscard]] std::optional<std::string> parse_base64(std::string_view text);

}  // namespace bddlock::lambda
