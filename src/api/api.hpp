// Request in, response out: finds the route, checks the token, reads the body, calls the service,
// and turns its answer into a response. The route table is in routes.cpp, errors become statuses in
// http_status.cpp.
//
// Threads: handle() from any thread; `respond` is called exactly once, at once or later on a lane's
// thread. The Api, the service and the tokens must outlive every request, and what is left of a
// long answer's body (Response::more).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "api/auth.hpp"
#include "api/message.hpp"
#include "core/instant.hpp"
#include "service/service.hpp"

namespace bddlock::api {

class Responder;

// All of its functions may be called from any thread at any time.
struct ApiOptions {
  bool auth_required = true;              // false only with --no-auth on loopback
  std::function<std::uint64_t()> random;  // needed: the order of get-available's answers
  std::function<core::Instant()>
      now;  // needed: `lastUsed` of an imported line that has none, and new ids
  // A longer waitSeconds counts as this one: where a call that waits is dear.
  std::optional<core::seconds> wait_max{};

  // For the event log: a request met an error, of the store or of ours. `detail` is what clients
  // are not told. May be empty.
  std::function<void(std::string_view code, std::string_view detail)> on_trouble;
};

class Api {
 public:
  // An option that is needed and empty is a bug of the caller: the process ends with a message.
  Api(service::Service& service, const TokenSet& tokens, ApiOptions options);

  // A HEAD is answered as its GET would be, body and all: whoever speaks HTTP leaves the body out.
  void handle(Request request, Respond respond);

  // For a path that only its caller has, and that wants a token: the answer to a request without a
  // valid one; nothing where it has one.
  [[nodiscard]] std::optional<Response> turn_away(const Request& request) const;

 private:
  // Takes what it needs out of the request.
  void route(Request& request, Responder& respond);

  service::Service& service_;
  const TokenSet& tokens_;
  ApiOptions options_;
};

}  // namespace bddlock::api
