// Where a list goes on, as opaque text that fits into a URL (base64url without padding, RFC 4648):
// the last name of a page, the last event, or the last request. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/name.hpp"
#include "service/service.hpp"

namespace bddlock::api {

[[nodiscard]] std::string to_cursor(const core::StackName& last);
[[nodiscard]] std::string to_cursor(const core::RepoName& last);
[[nodiscard]] std::string to_cursor(std::int64_t last_event);
[[nodiscard]] std::string to_cursor(const service::RequestsAfter& last);

// Nothing if to_cursor has not made it.
[[nodiscard]] std::optional<core::StackName> parse_cursor(std::string_view cursor);
[[nodiscard]] std::optional<core::RepoName> parse_repo_cursor(std::string_view cursor);
[[nodiscard]] std::optional<std::int64_t> parse_event_cursor(std::string_view cursor);
[[nodiscard]] std::optional<service::RequestsAfter> parse_request_cursor(std::string_view cursor);

}  // namespace bddlock::api
