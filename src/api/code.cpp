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
    case Code::repo_unknown:
      return "repo_unknown";
    case Code::stack_unknown:
      return "stack_unknown";
    case Code::claim_unknown:
      return "claim_unknown";
    case Code::request_unknown:
      return "request_unknown";
    case Code::none_available:
      return "none_available";
    case Code::stack_unavailable:
      return "stack_unavailable";
    case Code::never_satisfiable:
      return "never_satisfiable";
    case Code::request_conflict:
      return "request_conflict";
    case Code::request_granted:
      return "request_granted";
    case Code::stack_exists:
      return "stack_exists";
    case Code::stack_in_use:
      return "stack_in_use";
    case Code::nothing_to_end:
      return "nothing_to_end";
    case Code::fencing_token_moved:
      return "fencing_token_moved";
    case Code::request_ended:
      return "request_ended";
    case Code::claim_lost:
      return "claim_lost";
    case Code::request_timeout:
      return "request_timeout";
    case Code::body_too_large:
      return "body_too_large";
    case Code::header_too_large:
      return "header_too_large";
    case Code::internal_error:
      return "internal_error";
    case Code::not_on_lambda:
      return "not_on_lambda";
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
    case core::Refusal::claim_lost:
      return Code::claim_lost;
    case core::Refusal::fencing_token_moved:
      return Code::fencing_token_moved;
  }
  return Code::internal_error;
}

Code code_of(service::NoClaim why) {
  switch (why) {
    case service::NoClaim::none_available:
      return Code::none_available;
    case service::NoClaim::stack_unavailable:
      return Code::stack_unavailable;
    case service::NoClaim::never_satisfiable:
      return Code::never_satisfiable;
    case service::NoClaim::request_conflict:
      return Code::request_conflict;
    case service::NoClaim::request_ended:
      return Code::request_ended;
    case service::NoClaim::repo_unknown:
      return Code::repo_unknown;
    case service::NoClaim::stack_unknown:
      return Code::stack_unknown;
    case service::NoClaim::request_unknown:
      return Code::request_unknown;
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
