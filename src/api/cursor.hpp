// Where a list goes on: the last name of a page, as opaque text that fits into a URL (base64url
// without padding, RFC 4648). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/name.hpp"

namespace bddlock::api {

[[nodiscard]] std::string to_cursor(const core::StackName& last);

// Nothing if to_cursor has not made it.
[[nodiscard]] std::optional<core::StackName> parse_cursor(std::string_view cursor);

}  // namespace bddlock::api
