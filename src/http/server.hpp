// The HTTP/1.1 server: connections in, api::Request out, and back. Keep-alive and pipelining
// (answers in the order of the requests), limits on everything a client can make large or slow.
// Beast stays behind this header.
//
// Threads: run() serves on the calling thread until stop() has finished; stop() and local_port()
// may be called from any thread or signal-safe context that asio allows (a posted handler).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "api/message.hpp"

namespace bddlock::http {

struct Limits {
  std::size_t header_bytes = 8 * 1024;  // request line and header; more is 431
  std::size_t body_bytes = 64 * 1024;   // more is 413
  std::chrono::milliseconds request_time{
      10'000};  // from a request's first byte to its last, and to take
                // each piece of an answer; longer is 408 and the end
  std::chrono::milliseconds idle_time{75'000};  // between requests on one connection
  std::size_t connections = 10'000;             // one more is answered 503 and closed
  std::size_t pipelined =
      64;  // unanswered requests of one connection; the rest waits in the socket
  std::chrono::milliseconds drain_time{8'000};  // for what is in flight when it stops
};

// What is known of a request when its answer was sent; for the access log.
struct Access {
  std::string_view peer;
  std::string_view method;
  std::string_view target;  // never holds a token: tokens are in headers only
  unsigned status;
  std::size_t bytes;  // of the answer's body
  std::chrono::microseconds took;
  std::string_view code;
};

using OnRequest = std::function<void(api::Request&&, api::Respond&&)>;
using OnAccess = std::function<void(const Access&)>;
using OnTick = std::function<void()>;

class Server {
 public:
  // Binds and listens, so that a port in use is known before anything else starts. `address` is an
  // IP address; port 0 takes a free one.
  [[nodiscard]] static std::expected<std::unique_ptr<Server>, std::string> listen(
      const std::string& address, std::uint16_t port, Limits limits, OnRequest on_request,
      OnAccess on_access);
  virtual ~Server() = default;

  [[nodiscard]] virtual std::uint16_t local_port() const = 0;

  // Calls `tick` on the serving thread again and again. Before run(); one call for each interval.
  virtual void every(std::chrono::milliseconds interval, OnTick tick) = 0;

  // Calls `stopping` on the serving thread when it begins to stop: whoever keeps requests waiting
  // should answer them now. Before run().
  virtual void when_stopping(OnTick stopping) = 0;

  // Between the two, answers are collected; then all of them wake the serving thread at once. For
  // whoever gives many in a row. Any thread; each hold_answers() has its let_answers_go() soon.
  virtual void hold_answers() = 0;
  virtual void let_answers_go() = 0;

  // Serves until SIGTERM, SIGINT or SIGHUP (where `on_signals` is set) or stop(): then it accepts
  // no more, finishes what is in flight, at most drain_time long, and returns.
  virtual void run(bool on_signals) = 0;
  virtual void stop() = 0;
};

}  // namespace bddlock::http
