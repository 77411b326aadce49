// One HTTP request to a server and its answer, with a limit on the whole of it. Names are looked up
// by c-ares (a static glibc must not do it: it would open the host's NSS modules), IP addresses and
// "localhost" need no look-up. Connections are kept and used again: one that died in the meantime
// is replaced, without risk where nothing was sent on it, and for GET and HEAD also where no byte
// of an answer came.
//
// An answer is whole or an error: one that ends before its length or its last chunk is never
// returned. Plain HTTP only in this version. Threads: a Client belongs to one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bddlock::net {

// Of an answer kept in memory; longer ones go through on_body_piece.
inline constexpr std::size_t answer_bytes_max = 64 * 1024 * 1024;

// "http://host:port/prefix", taken apart.
struct Endpoint {
  std::string host;  // a name, or an IP address without brackets
  std::string port;
  std::string prefix;  // without a trailing slash; often empty
};

// The error is a sentence: what is wrong with the text and what an endpoint looks like.
[[nodiscard]] std::expected<Endpoint, std::string> parse_endpoint(std::string_view text);

struct ClientRequest {
  std::string method;
  std::string target;  // below the endpoint's prefix, percent-encoded
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::chrono::milliseconds time_limit{
      30'000};  // for all of it: look-up, connect, send, the whole answer

  // If set, takes the body of a 2xx answer piece by piece, of any length, and ClientResponse::body
  // stays empty. Returning false ends the call with an error. Pieces may have come when the call
  // then fails.
  std::function<bool(std::string_view)> on_body_piece = {};
};

struct ClientResponse {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  [[nodiscard]] std::string header(std::string_view name) const;  // any case; empty if absent
};

enum class Failure {
  not_sent = 1,     // no connection: the server has not seen the request; safe to repeat
  outcome_unknown,  // it broke after something was sent
  timed_out,        // the same, by the time limit (which before anything was sent is not_sent)
};
struct NetError {
  Failure failure;
  std::string detail;  // a sentence: "connection refused by 127.0.0.1:8080"
};

class Connection;

class Client {
 public:
  explicit Client(Endpoint endpoint);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // A method, target or header that would break the request apart (a line break in a token) is
  // not_sent.
  [[nodiscard]] std::expected<ClientResponse, NetError> call(const ClientRequest& request);

 private:
  Endpoint endpoint_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace bddlock::net
