// A real Server on a free port, served by a thread of its own until the test ends.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/server.hpp"

namespace bddlock::http {

struct AccessLine {
  std::string method, target, code, peer;
  unsigned status;
  std::size_t bytes;
  std::chrono::microseconds took;
};

inline api::Response plain(unsigned status, std::string body) {
  api::Response response;
  response.status = status;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

// Answers with what it was asked.
inline void echo(api::Request request, api::Respond respond) {
  respond(
      plain(200, request.target + "|" + request.authorization.value_or("-") + "|" + request.body));
}

class RunningServer {
 public:
  explicit RunningServer(OnRequest on_request = echo, Limits limits = {}, OnTick tick = {})
      : server_(Server::listen("127.0.0.1", 0, limits, std::move(on_request),
                               [this](const Access& access) { note(access); })
                    .value()),
        port(server_->local_port()) {
    if (tick) server_->every(std::chrono::seconds(1), std::move(tick));
    thread_ = std::thread([this] {
      server_->run(false);
      ended = true;
    });
  }
  ~RunningServer() { stop_and_wait(); }

  void stop() { server_->stop(); }
  void hold_answers() { server_->hold_answers(); }
  void let_answers_go() { server_->let_answers_go(); }
  void stop_and_wait() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
  }

  std::vector<AccessLine> accesses() {
    const std::lock_guard lock(mutex_);
    return accesses_;
  }

 private:
  void note(const Access& a) {
    const std::lock_guard lock(mutex_);
    accesses_.push_back({std::string(a.method), std::string(a.target), std::string(a.code),
                         std::string(a.peer), a.status, a.bytes, a.took});
  }

  std::mutex mutex_;
  std::vector<AccessLine> accesses_;
  std::unique_ptr<Server> server_;
  std::thread thread_;

 public:
  const std::uint16_t port;
  std::atomic<bool> ended = false;
};

}  // namespace bddlock::http
