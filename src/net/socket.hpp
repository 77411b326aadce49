// A TCP socket as a Stream. Programs that this one starts do not inherit it.
#pragma once

#include <sys/socket.h>

#include "net/stream.hpp"

namespace bddlock::net {

class Socket final : public Stream {
 public:
  // A new one, not yet connected. is_open() is false where the machine has none left.
  explicit Socket(int family);
  ~Socket() override;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const override { return descriptor_; }

  [[nodiscard]] Transfer read_some(std::span<char> into) override;
  // A socket whose other side is gone is `broken`; there is no SIGPIPE.
  [[nodiscard]] Transfer write_some(std::string_view bytes) override;

 private:
  int descriptor_;
};

}  // namespace bddlock::net
