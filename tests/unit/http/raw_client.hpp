// A plain blocking socket that sends the bytes it is told and reads what comes, without knowing
// HTTP better than a test needs. Gives up after a minute of silence.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace bddlock::http {

struct RawAnswer {
  unsigned status = 0;
  std::string head;  // up to and with the empty line
  std::string body;  // chunks joined

  [[nodiscard]] bool says(std::string_view line) const {
    return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
  }
};

class RawClient {
 public:
  // `receive_bytes`: the size of the socket's receive buffer, for a client that is slow to read.
  explicit RawClient(std::uint16_t port, int receive_bytes = 0)
      : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{60, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (receive_bytes != 0)
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected = connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  RawClient(RawClient&& other) noexcept
      : connected(other.connected),
        fd_(std::exchange(other.fd_, -1)),
        unread_(std::move(other.unread_)) {}
  ~RawClient() {
    if (fd_ >= 0) close(fd_);
  }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void end_sending() { shutdown(fd_, SHUT_WR); }

  // One answer, or nothing if the connection ended or was silent before it was whole.
  std::optional<RawAnswer> read_answer(bool to_head = false) {
    RawAnswer answer;
    while (unread_.find("\r\n\r\n") == std::string::npos)
      if (!fill()) return std::nullopt;
    answer.head = take(unread_.find("\r\n\r\n") + 4);
    answer.status = static_cast<unsigned>(std::atoi(answer.head.c_str() + 9));
    if (to_head || answer.status / 100 == 1 || answer.status == 204) return answer;
    if (answer.says("Transfer-Encoding: chunked")) return read_chunks(answer);
    const auto at = answer.head.find("Content-Length: ");
    if (at == std::string::npos) {
      answer.body = read_all();
      return answer;
    }
    const auto size = static_cast<std::size_t>(std::atoll(answer.head.c_str() + at + 16));
    while (unread_.size() < size)
      if (!fill()) return std::nullopt;
    answer.body = take(size);
    return answer;
  }

  // Some more bytes, which the next answer begins with; false at the end of the connection.
  bool read_some() { return fill(); }

  // Everything up to the end of the connection.
  std::string read_all() {
    while (fill()) {
    }
    return std::exchange(unread_, {});
  }

  // Waits, reading nothing, until the other side has reset the connection.
  bool wait_for_reset() {
    pollfd polled{fd_, 0, 0};
    return poll(&polled, 1, 60'000) == 1 && (polled.revents & POLLERR) != 0;
  }

  enum class End { open, closed, reset };
  // How the connection ended, after what was still unread.
  End end() {
    while (fill()) {
    }
    return end_;
  }

 private:
  std::string take(std::size_t count) {
    std::string bytes = unread_.substr(0, count);
    unread_.erase(0, count);
    return bytes;
  }

  bool fill() {
    if (end_ != End::open) return false;
    std::this_thread::sleep_for(pause);
    std::array<char, 65536> buffer;
    const auto count = recv(fd_, buffer.data(), buffer.size(), 0);
    if (count == 0) end_ = End::closed;
    if (count < 0 && errno == ECONNRESET) end_ = End::reset;
    if (count <= 0) return false;
    unread_.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }

  std::optional<RawAnswer> read_chunks(RawAnswer& answer) {
    for (;;) {
      while (unread_.find("\r\n") == std::string::npos)
        if (!fill()) return std::nullopt;
      const std::string line = take(unread_.find("\r\n") + 2);
      const auto size = std::strtoul(line.c_str(), nullptr, 16);
      while (unread_.size() < size + 2)
        if (!fill()) return std::nullopt;
      answer.body += take(size);
      EXPECT_EQ(take(2), "\r\n");
      if (size == 0) return answer;
    }
  }

 public:
  bool connected;
  std::chrono::milliseconds pause{0};  // before each read, for a slow client

 private:
  int fd_;
  std::string unread_;
  End end_ = End::open;
};

inline std::string get(std::string_view target, std::string_view more_header = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more_header) +
         "\r\n";
}

}  // namespace bddlock::http
