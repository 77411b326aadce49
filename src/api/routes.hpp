// The route table: everything this server answers, in one constant array (routes.cpp). What is not
// in it is 404, and a method that is not in it for a path that is, is 405.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "api/message.hpp"
#include "api/responses.hpp"
#include "api/target.hpp"

namespace bddlock::api {

struct Call;
using Handler = void (*)(Call);

struct Route {
  Method method;             // a route for get serves head as well
  std::string_view pattern;  // "/claim-stack/{stackName}"; a parameter matches one segment, never
                             // an empty one; two at most
  Handler handler;
  Style style;
  bool needs_auth;
  std::string_view summary;                 // the same as in openapi.json
  std::span<const std::string_view> query;  // the parameters that it knows

  // The seed's routes and the open ones take any query string and ignore it; the API v1 refuses
  // what it does not know.
  [[nodiscard]] bool refuses_unknown_query() const { return pattern.starts_with("/v1/"); }
};

[[nodiscard]] std::span<const Route> all_routes();

[[nodiscard]] std::string_view to_text(Method method);  // "GET"

struct Match {
  const Route* route = nullptr;
  std::string parameter;  // of the pattern's first and second {...}
  std::string second_parameter;
  std::string
      allow;  // where only the method does not fit: those that do, as the Allow header has them
};

// Where no route matches, the first segment is dropped once and matching is tried again, so that
// endpoints with a stage or a prefix ("/dev/claim-stack/x") go on working.
[[nodiscard]] Match find_route(Method method, const Target& target);

}  // namespace bddlock::api
