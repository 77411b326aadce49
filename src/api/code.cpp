#include "api/code.hpp"

namespace bddlock::api {

std::string_view to_text(Code code) {
  switch (code) {
    case Code::invalid_request:
      return "invalid_request";
    case Code::unauthorized:
      return "unauthorized";
    case Code::forbidden:
      return "forbidden";
    case Code::path_unknown:
      return "path_unknown";
    case Code::method_not_allowed:
      return "method_not_allowed";
    case Code::stack_unknown:
      return "stack_unknown";
    case Code::stack_exists:
      return "stack_exists";
    case Code::stack_unavailable:
      return "stack_unavailable";
    case Code::stack_in_use:
      return "stack_in_use";
    case Code::nothing_to_end:
      return "nothing_to_end";
    case Code::request_timeout:
      return "request_timeout";
    case Code::body_too_large:
      return "body_too_large";
    case Code::header_too_large:
      return "header_too_large";
    case Code::internal_error:
      return "internal_error";
    case Code::store_unavailable:
      return "store_unavailable";
    case Code::outcome_unknown:
      return "outcome_unknown";
    case Code::too_many_connections:
      return "too_many_connections";
  }
  return "internal_error";
}

Code code_of(core::Refusal why) {
  switch (why) {
    case core::Refusal::stack_unknown:
      return Code::stack_unknown;
    case core::Refusal::stack_exists:
      return Code::stack_exists;
    case core::Refusal::stack_unavailable:
      return Code::stack_unavailable;
    case core::Refusal::stack_in_use:
      return Code::stack_in_use;
    case core::Refusal::nothing_to_end:
      return Code::nothing_to_end;
  }
  return Code::internal_error;
}

Code code_of(core::Errc why) {
  switch (why) {
    case core::Errc::store_unavailable:
      return Code::store_unavailable;
    case core::Errc::outcome_unknown:
      return Code::outcome_unknown;
  }
  return Code::internal_error;
}

}  // namespace bddlock::api
