// Reads one request from the bytes of a connection. Beast's parser does the syntax; this adds what
// it leaves open and a server must refuse, because two readers could disagree about it (request
// smuggling): a repeated or listed Content-Length, any Transfer-Encoding but one "chunked", folded
// header lines, and headers that arrive in small pieces for ever. It keeps only what api::Request
// needs, no map of fields.
//
// A missing Host is accepted: there is one site here, and the seed's clients are not all browsers.
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "api/message.hpp"

namespace bddlock::http {

struct ReceivedRequest {
  api::Request request;
  std::string method;  // as sent; request.method is `other` for those without a name here
  bool http_1_0 = false;
  bool keep_alive = true;
};

// Why bytes are no request, as the answer says it: an HTTP status, a stable code, and a sentence
// with what is wrong and what is allowed. The sentence holds none of the client's bytes.
struct Malformed {
  unsigned status = 400;
  const char* code = "invalid_request";
  std::string detail;
};

class RequestParser {
 public:
  enum class State { incomplete, complete, malformed };

  RequestParser(std::size_t header_bytes_max, std::size_t body_bytes_max);
  RequestParser(RequestParser&&) noexcept;
  RequestParser& operator=(RequestParser&&) noexcept;
  ~RequestParser();

  // Takes what it can use of `bytes` and returns how many that was. While the state is incomplete,
  // the rest is to be presented again, with what follows it.
  [[nodiscard]] std::size_t take(std::string_view bytes);

  [[nodiscard]] State state() const;
  // The client waits for "100 Continue" before it sends the body.
  [[nodiscard]] bool awaits_continue() const;
  // What is known so far; whole once the state is complete. May be moved from then.
  [[nodiscard]] ReceivedRequest& received();
  // The state is malformed.
  [[nodiscard]] const Malformed& malformed() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bddlock::http
