// Every code that an error of the API can carry (RFC 9457's documents, and the access log for the
// seed's API). A code is stable: clients act on it. docs/api.md and openapi.json list them all, and
// a test checks that they do.
#pragma once

#include <array>
#include <string_view>

#include "core/decide.hpp"
#include "core/error.hpp"
#include "service/answers.hpp"

namespace bddlock::api {

// The enumerators are the codes that clients see.
enum class Code {
  invalid_request = 1,
  unauthorized,
  forbidden,
  path_unknown,
  method_not_allowed,
  repo_unknown,
  stack_unknown,
  claim_unknown,
  request_unknown,
  none_available,
  stack_unavailable,
  never_satisfiable,
  request_conflict,
  request_granted,
  stack_exists,
  stack_in_use,
  nothing_to_end,
  fencing_token_moved,
  request_ended,
  claim_lost,
  request_timeout,
  body_too_large,
  header_too_large,
  internal_error,
  not_on_lambda,
  store_unavailable,
  outcome_unknown,
  too_many_connections,
};

inline constexpr std::array all_codes{
    Code::invalid_request,      Code::unauthorized,       Code::forbidden,
    Code::path_unknown,         Code::method_not_allowed, Code::repo_unknown,
    Code::stack_unknown,        Code::claim_unknown,      Code::request_unknown,
    Code::none_available,       Code::stack_unavailable,  Code::never_satisfiable,
    Code::request_conflict,     Code::request_granted,    Code::stack_exists,
    Code::stack_in_use,         Code::nothing_to_end,     Code::fencing_token_moved,
    Code::request_ended,        Code::claim_lost,         Code::request_timeout,
    Code::body_too_large,       Code::header_too_large,   Code::internal_error,
    Code::not_on_lambda,        Code::store_unavailable,  Code::outcome_unknown,
    Code::too_many_connections,
};

[[nodiscard]] std::string_view to_text(Code code);

[[nodiscard]] Code code_of(core::Refusal why);
[[nodiscard]] Code code_of(service::NoClaim why);
[[nodiscard]] Code code_of(core::Errc why);

// The one place where an error becomes a status (http_status.cpp).
[[nodiscard]] unsigned status_of(Code code);

// The status in words, as RFC 9110 has them: "Not Found".
[[nodiscard]] std::string_view reason_of(unsigned status);

}  // namespace bddlock::api
