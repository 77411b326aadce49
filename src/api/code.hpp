// Every code that an error of the API can carry (RFC 9457's documents, and the access log for the
// seed's API). A code is stable: clients act on it. docs/api.md and openapi.json list them all, and
// a test checks that they do.
#pragma once

#include <array>
#include <string_view>

#include "core/decide.hpp"
#include "core/error.hpp"

namespace bddlock::api {

// The enumerators are the codes that clients see.
enum class Code {
  invalid_request = 1,
  unauthorized,
  forbidden,
  path_unknown,
  method_not_allowed,
  stack_unknown,
  stack_exists,
  stack_unavailable,
  stack_in_use,
  nothing_to_end,
  request_timeout,
  body_too_large,
  header_too_large,
  internal_error,
  store_unavailable,
  outcome_unknown,
  too_many_connections,
};

inline constexpr std::array all_codes{
    Code::invalid_request,  Code::unauthorized,         Code::forbidden,
    Code::path_unknown,     Code::method_not_allowed,   Code::stack_unknown,
    Code::stack_exists,     Code::stack_unavailable,    Code::stack_in_use,
    Code::nothing_to_end,   Code::request_timeout,      Code::body_too_large,
    Code::header_too_large, Code::internal_error,       Code::store_unavailable,
    Code::outcome_unknown,  Code::too_many_connections,
};

[[nodiscard]] std::string_view to_text(Code code);

[[nodiscard]] Code code_of(core::Refusal why);
[[nodiscard]] Code code_of(core::Errc why);

// The one place where an error becomes a status (http_status.cpp).
[[nodiscard]] unsigned status_of(Code code);

// The status in words, as RFC 9110 has them: "Not Found".
[[nodiscard]] std::string_view reason_of(unsigned status);

}  // namespace bddlock::api
