// What the parser refuses beside syntax, and how each refusal reads. Pure functions on text; called
// by request_parser.cpp.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/request_parser.hpp"

namespace bddlock::http {

[[nodiscard]] api::Method method_named(std::string_view method);

// Path and query of a request target: "/a?b" as it is, "http://host/a?b" (which a server must
// accept) without scheme and host, "*" as it is. Nothing for any other form.
[[nodiscard]] std::optional<std::string_view> origin_form(std::string_view target);

// A line of the header that begins with a space or a tab continues the one before it (obs-fold).
[[nodiscard]] bool has_folded_line(std::string_view header);

// Whether there is an LF without a CR before it at or behind `from`.
[[nodiscard]] bool has_bare_line_feed(std::string_view bytes, std::size_t from);

// Whether the text is that token, in any case and between spaces.
[[nodiscard]] bool same_token(std::string_view text, std::string_view token);

[[nodiscard]] Malformed header_too_large(std::size_t header_bytes_max);
[[nodiscard]] Malformed body_too_large(std::size_t body_bytes_max);
[[nodiscard]] Malformed chunk_header_too_large(std::size_t header_bytes_max);
[[nodiscard]] Malformed folded_line();
[[nodiscard]] Malformed bare_line_feed();
// `rest` begins at the request line: another version of HTTP is 505, anything else 400.
[[nodiscard]] Malformed bad_version(std::string_view rest);
[[nodiscard]] Malformed bad_start(std::string_view part);
[[nodiscard]] Malformed bad_content_length();
[[nodiscard]] Malformed two_lengths();
[[nodiscard]] Malformed chunked_in_http_1_0();
[[nodiscard]] Malformed unknown_transfer_encoding();
[[nodiscard]] Malformed unknown_expectation();
[[nodiscard]] Malformed repeated(std::string_view header);
[[nodiscard]] Malformed bad_chunk();
[[nodiscard]] Malformed bad_field();
// The connection ended before the request did.
[[nodiscard]] Malformed ended_early();
[[nodiscard]] Malformed too_slow(std::size_t request_time_ms);

}  // namespace bddlock::http
