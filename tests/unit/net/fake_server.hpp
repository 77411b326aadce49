// A server that does what a test tells it, on a raw socket: also what no good server does.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace bddlock::net {

// One accepted connection, on the fake server's thread.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}

  // Reads one request, by its Content-Length; empty when the client has ended the connection.
  std::string read_request() {
    std::size_t wanted = std::string::npos;
    for (;;) {
      const auto head = unread_.find("\r\n\r\n");
      if (head != std::string::npos && wanted == std::string::npos) {
        const auto at = unread_.find("Content-Length: ");
        const bool has_body = at != std::string::npos && at < head;
        wanted = head + 4 +
                 (has_body ? static_cast<std::size_t>(std::stoul(unread_.substr(at + 16))) : 0);
      }
      if (wanted != std::string::npos && unread_.size() >= wanted) break;
      std::array<char, 4096> buffer;
      const auto count = recv(fd_, buffer.data(), buffer.size(), 0);
      if (count <= 0) return {};
      unread_.append(buffer.data(), static_cast<std::size_t>(count));
    }
    std::string request = unread_.substr(0, wanted);
    unread_.erase(0, wanted);
    return request;
  }

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void answer(std::string_view body) const {
    send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body));
  }
  // Until the client ends the connection.
  void wait_for_end() {
    while (!read_request().empty()) {
    }
  }
  void reset() const {
    const linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 private:
  int fd_;
  std::string unread_;
};

class FakeServer {
 public:
  // `script` is called for each connection with how many came before it; the connection ends with
  // it.
  explicit FakeServer(std::function<void(Peer&, int)> script)
      : fd_(socket(AF_INET, SOCK_STREAM, 0)), script_(std::move(script)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at);
    listen(fd_, 16);
    socklen_t size = sizeof at;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeServer() {
    shutdown(fd_, SHUT_RDWR);
    thread_.join();
    close(fd_);
  }

  std::uint16_t port = 0;
  std::atomic<int> connections = 0;

 private:
  void serve() {
    for (int fd = accept(fd_, nullptr, nullptr); fd >= 0; fd = accept(fd_, nullptr, nullptr)) {
      Peer peer(fd);
      script_(peer, connections++);
      close(fd);
    }
  }

  int fd_;
  std::function<void(Peer&, int)> script_;
  std::thread thread_;
};

}  // namespace bddlock::net
