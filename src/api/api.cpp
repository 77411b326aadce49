// Called by the HTTP server (and later the Lambda function), calls the handlers of routes.cpp.
#include "api/api.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "api/call.hpp"
#include "api/routes.hpp"

namespace bddlock::api {
namespace {

constexpr int exit_bug = 70;

bool is_blank(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c == ' ' || c == '\t'; });
}

Response nothing_there(const Target& target, const Match& match) {
  if (target.fault) return problem(Code::invalid_request, *target.fault);
  if (match.allow.empty()) {
    return problem(Code::path_unknown,
                   "there is nothing at this path; /openapi.json lists what there is");
  }
  Response response = problem(Code::method_not_allowed,
                              "this path does not take this method; it takes " + match.allow);
  response.headers.emplace_back("Allow", match.allow);
  return response;
}

struct NotLetIn {
  Code code;
  std::string_view detail;
};

// As API Gateway does it: 401 without the header, 403 with a wrong token. Nothing: the call may go
// on.
std::optional<NotLetIn> reason_to_stop(const TokenSet& tokens,
                                       const std::optional<std::string>& authorization) {
  if (!authorization || is_blank(*authorization))
    return NotLetIn{Code::unauthorized,
                    "a token is needed in the Authorization header, bare or behind \"Bearer \""};
  if (tokens.accepts(*authorization)) return std::nullopt;
  return NotLetIn{Code::forbidden, "the token in the Authorization header is not valid here"};
}

}  // namespace

Api::Api(service::Service& service, const TokenSet& tokens, ApiOptions options)
    : service_(service), tokens_(tokens), options_(std::move(options)) {
  if (options_.random && options_.now) return;
  std::fputs("bug: the API needs a source of random numbers and a clock\n", stderr);
  std::exit(exit_bug);
}

void Api::handle(Request request, Respond respond) {
  Responder responder(std::move(respond), options_);
  try {
    route(request, responder);
  } catch (const std::exception& error) {
    responder.fail(
        error);  // does nothing if a handler had it: it has answered when it was destroyed
  }
}

std::optional<Response> Api::turn_away(const Request& request) const {
  const auto stop =
      options_.auth_required ? reason_to_stop(tokens_, request.authorization) : std::nullopt;
  if (!stop) return std::nullopt;
  return problem(stop->code, stop->detail);
}

void Api::route(Request& request, Responder& respond) {
  const Target target = parse_target(request.target);
  Match match = find_route(request.method, target);
  if (match.route == nullptr) return respond(nothing_there(target, match));
  const Route& route = *match.route;
  respond.set_style(route.style);
  if (route.needs_auth && options_.auth_required)
    if (const auto stop = reason_to_stop(tokens_, request.authorization))
      return respond.fail(stop->code, stop->detail);
  if (target.fault) return respond.fail(Code::invalid_request, *target.fault);
  auto query = Query::parse(route.refuses_unknown_query() ? target.query : "", route.query);
  if (!query) return respond.fail(Code::invalid_request, query.error());
  route.handler(Call{service_, options_, route, std::move(match.parameter),
                     std::move(match.second_parameter), std::move(*query), std::move(request.body),
                     std::move(request.client), std::move(respond)});
}

}  // namespace bddlock::api
