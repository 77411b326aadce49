// A server that does what a test tells it, on a raw socket and by TLS: also what no good server
// does.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace bddlock::net {

// One accepted connection, on the fake server's thread.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd), tls_(nullptr, SSL_free) {}

  // From here on all goes by TLS. False: the handshake failed.
  bool start_tls(SSL_CTX& context) {
    tls_.reset(SSL_new(&context));
    SSL_set_fd(tls_.get(), fd_);
    return SSL_accept(tls_.get()) == 1;
  }
  // The host that the client asked for in the handshake; empty: none.
  [[nodiscard]] std::string server_name() const {
    const char* name = SSL_get_servername(tls_.get(), TLSEXT_NAMETYPE_host_name);
    return name != nullptr ? name : "";
  }
  // Ends TLS as it should be ended.
  void say_goodbye() const { SSL_shutdown(tls_.get()); }

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
      const auto count = read(buffer);
      if (count <= 0) return {};
      unread_.append(buffer.data(), static_cast<std::size_t>(count));
    }
    std::string request = unread_.substr(0, wanted);
    unread_.erase(0, wanted);
    return request;
  }

  // False: the client has gone.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                             : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
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
  // As a proxy does it: all bytes of either side go to the other, until one ends.
  void relay_to(std::uint16_t port) const {
    const int other = socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in at = loopback(port);
    if (connect(other, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0)
      while (relay(other)) {
      }
    close(other);
  }
  void wait_for_bytes() const {
    char byte = 0;
    static_cast<void>(recv(fd_, &byte, 1, MSG_PEEK));
  }
  // Raw bytes, until the client ends: to close before would reset the connection, and that would
  // take the last word from it.
  void drain() const {
    std::array<char, 4096> buffer;
    while (recv(fd_, buffer.data(), buffer.size(), 0) > 0) {
    }
  }
  void reset() const {
    const linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
  }

 private:
  [[nodiscard]] bool relay(int other) const {
    std::array<pollfd, 2> both{{{fd_, POLLIN, 0}, {other, POLLIN, 0}}};
    if (!tls_ || SSL_pending(tls_.get()) == 0) poll(both.data(), both.size(), -1);
    std::array<char, 4096> buffer;
    if (both[1].revents != 0) {
      const auto count = recv(other, buffer.data(), buffer.size(), 0);
      return count > 0 && send({buffer.data(), static_cast<std::size_t>(count)});
    }
    const auto count = read(buffer);
    return count > 0 &&
           ::send(other, buffer.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
  }

  [[nodiscard]] ssize_t read(std::span<char> into) const {
    return tls_ ? SSL_read(tls_.get(), into.data(), static_cast<int>(into.size()))
                : recv(fd_, into.data(), into.size(), 0);
  }

  int fd_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_;
  std::string unread_;
};

class FakeServer {
 public:
  // `script` is called for each connection with how many came before it; the connection ends with
  // it.
  explicit FakeServer(std::function<void(Peer&, int)> script)
      : fd_(socket(AF_INET, SOCK_STREAM, 0)), script_(std::move(script)) {
    sockaddr_in at = Peer::loopback(0);
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
    // OpenSSL writes with write(); the client's thread keeps its SIGPIPE, as there must be none.
    sigset_t pipe{};
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
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
