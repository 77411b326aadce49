// One HTTP or HTTPS request to a server and its answer, with a limit on the whole of it. Names are
// looked up by c-ares (a static glibc must not do it: it would open the host's NSS modules), IP
// addresses and "localhost" need no look-up. Connections, also those through a proxy, are kept and
// used again: one that died in the meantime is replaced, without risk where nothing was sent on it,
// and for GET and HEAD also where no byte of an answer came.
//
// HTTPS is TLS 1.2 or later on OpenSSL. The server's certificate and its name are always verified,
// and there is no switch for that; OpenSSL is first touched by the first call that needs it.
//
// An answer is whole or an error: one that ends before its length, its last chunk or, where only
// the end of the connection tells, TLS's own end is never returned. Threads: a Client belongs to
// one thread at a time.
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

#include "net/surroundings.hpp"

namespace bddlock::net {

// Of an answer kept in memory; longer ones go through on_body_piece.
inline constexpr std::size_t answer_bytes_max = 64 * 1024 * 1024;

// "https://host:port/prefix", taken apart.
struct Endpoint {
  std::string host;    // a name, or an IP address without brackets
  std::string port;    // as given, else 80, or 443 for https
  std::string prefix;  // without a trailing slash; often empty
  bool tls = false;    // https
};

// The error is a sentence: what is wrong with the text and what an endpoint looks like.
[[nodiscard]] std::expected<Endpoint, std::string> parse_endpoint(std::string_view text);

struct ClientRequest {
  std::string method;
  std::string target;  // below the endpoint's prefix, percent-encoded
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::chrono::milliseconds time_limit{
      30'000};  // for all of it: look-up, proxy, connect, TLS, send, the whole answer

  // If set, takes the body of a 2xx answer piece by piece, of any length, and ClientResponse::body
  // stays empty. Returning false ends the call with an error. Pieces may have come when the call
  // then fails.
  std::function<bool(std::string_view)> on_body_piece = {};

  // If set, ends the call soon after it returns true: it is asked at least every 25 ms while the
  // call waits, on the calling thread, and so reads best an atomic flag that another thread sets.
  // Such a call is not_sent or outcome_unknown, as if the connection had broken then, with a detail
  // that begins with "stopped".
  std::function<bool()> should_stop = {};
};

struct ClientResponse {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // The proxy that an http:// answer came through, for sentences: it may have made it up itself.
  // Empty: none, or a tunnel, where only the server can have answered.
  std::string proxy = {};
  [[nodiscard]] std::string header(std::string_view name) const;  // any case; empty if absent
};

enum class Failure {
  not_sent = 1,     // the server has not seen the request, or not as one; safe to repeat
  outcome_unknown,  // it broke after something was sent
  timed_out,        // the same, by the time limit (which before anything was sent is not_sent)
};
// How far a call came.
enum class Step {
  look_up = 1,  // the server's name, or the proxy's
  proxy,        // something that the proxy did or that its setting has wrong
  connect,
  tls,      // the handshake: the certificate, most often
  request,  // sending it and reading its answer
};
struct NetError {
  Failure failure = Failure::not_sent;
  // A sentence without a full stop: "connection refused by 127.0.0.1:8080: no server listens
  // there". It never holds a proxy's password.
  std::string detail = {};
  Step step = Step::request;
  // Whether a repeat would find the same until somebody changes a setting, a certificate or a
  // proxy.
  bool permanent = false;
};

class Connection;
struct Route;
struct Limits;

class Client {
 public:
  explicit Client(Endpoint endpoint, Surroundings surroundings = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // A method, target or header that would break the request apart (a line break in a token) is
  // not_sent.
  [[nodiscard]] std::expected<ClientResponse, NetError> call(const ClientRequest& request);

 private:
  [[nodiscard]] std::expected<ClientResponse, NetError> call(const ClientRequest& request,
                                                             const Limits& limits);

  Endpoint endpoint_;
  Surroundings surroundings_;
  std::unique_ptr<Route> route_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace bddlock::net
