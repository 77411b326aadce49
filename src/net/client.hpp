// One HTTP request to a server and its answer, with a limit on the whole of it. Names are looked up by
// c-ares (a static glibc must not do it: it would open the host's NSS modules), IP addresses and "localhost"
// need no look-up. Connections are kept and used again.
//
// Threads: a Client belongs to one thread at a time.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bddlock::net {

// "http://host:port/prefix", taken apart.
struct Endpoint {
  std::string host;
  std::string port;
  std::string prefix;  // without a trailing slash; often empty
};

// The error is a sentence: what is wrong with the text and what an endpoint looks like.
[[nodiscard]] std::expected<Endpoint, std::string> parse_endpoint(std::string_view text);

struct ClientRequest {
  std::string method;
  std::string target;  // below the endpoint's prefix, percent-encoded
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds time_limit{30'000};
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
  timed_out,        // the same, by the time limit
};
struct NetError {
  Failure failure;
  std::string detail;  // a sentence: "connection refused by 127.0.0.1:8080"
};

class Client {
 public:
  explicit Client(Endpoint endpoint);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  [[nodiscard]] std::expected<ClientResponse, NetError> call(const ClientRequest& request);

 private:
  class Connection;
  Endpoint endpoint_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace bddlock::net
