// The few socket calls that the load needs, to loopback only. Threads: one at a time each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace bddlock::bench {

class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Socket();

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }

  void set_nonblocking() const;
  // Requests are small and one at a time, so that one that does not fit at once is a failure.
  [[nodiscard]] bool send(std::string_view bytes) const;
  // Appends what is there. False: the other side closed, or an error.
  [[nodiscard]] bool receive(std::string& into) const;

 private:
  int fd_ = -1;
};

// Empty if nobody listens there. Without delay of small packets.
[[nodiscard]] Socket connect_loopback(std::uint16_t port);

}  // namespace bddlock::bench
