// The one place where an error becomes a status. status_of has no default: a code that is new does
// not compile until it has its status.
#include "api/code.hpp"

namespace bddlock::api {

unsigned status_of(Code code) {
  switch (code) {
    case Code::invalid_request:
      return 400;
    case Code::unauthorized:
      return 401;
    case Code::forbidden:
      return 403;
    case Code::path_unknown:
      return 404;
    case Code::method_not_allowed:
      return 405;
    case Code::repo_unknown:
    case Code::stack_unknown:
    case Code::claim_unknown:
    case Code::request_unknown:
      return 404;
    case Code::none_available:
    case Code::stack_unavailable:
    case Code::never_satisfiable:
    case Code::request_conflict:
    case Code::request_granted:
    case Code::stack_exists:
    case Code::stack_in_use:
    case Code::nothing_to_end:
    case Code::fencing_token_moved:
      return 409;
    case Code::request_ended:
    case Code::claim_lost:
      return 410;
    case Code::request_timeout:
      return 408;
    case Code::body_too_large:
      return 413;
    case Code::header_too_large:
      return 431;
    case Code::internal_error:
      return 500;
    case Code::not_on_lambda:
      return 501;
    case Code::store_unavailable:
    case Code::outcome_unknown:
    case Code::too_many_connections:
      return 503;
  }
  return 500;
}

std::string_view reason_of(unsigned status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

}  // namespace bddlock::api
