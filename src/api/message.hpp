// A request and its response as plain values, without HTTP's syntax: what the HTTP server and the
// Lambda function both have. Called by http, answered by api::Api.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/client.hpp"
#include "core/error.hpp"

namespace bddlock::api {

enum class Method { get = 1, post, put, patch, del, head, other };

struct Request {
  Method method = Method::other;
  std::string target;                        // path and query as sent, still percent-encoded
  std::optional<std::string> authorization;  // the header's value
  std::string body;
  // Says when nobody waits for the answer any more, for requests that are answered late. May be
  // null.
  std::shared_ptr<Client> client{};
};

// The rest of a long body, piece by piece: call it again after each piece; an empty piece is the
// end. An error ends it in the middle: the connection must then be broken, so that the client sees
// it.
using Pull =
    std::move_only_function<void(std::move_only_function<void(core::Result<std::string>)>)>;

struct Response {
  unsigned status = 500;
  const char* content_type = "application/json";
  std::string body;
  std::vector<std::pair<const char*, std::string>>
      headers;               // beside Content-Type and Content-Length
  Pull more;                 // empty: `body` is all there is
  std::string code;          // for the access log: the error's code, if it is one
  std::string log_target{};  // for the access log, instead of loggable_target() of the request's;
                             // may be empty
};

using Respond = std::move_only_function<void(Response)>;

}  // namespace bddlock::api
