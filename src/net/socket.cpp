// Called by connect.cpp and connection.cpp.
#include "net/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace bddlock::net {
namespace {

Transfer failed(Transfer::State if_not_now) {
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {.state = if_not_now};
  return {.state = Transfer::State::broken, .why = std::generic_category().message(errno)};
}

}  // namespace

Socket::Socket(int family)
    : descriptor_(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  if (!is_open()) return;  // and errno says why
  const int yes = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

Socket::~Socket() {
  if (is_open()) close(descriptor_);
}

Transfer Socket::read_some(std::span<char> into) {
  const auto count = recv(descriptor_, into.data(), into.size(), 0);
  if (count < 0) return errno == EINTR ? read_some(into) : failed(Transfer::State::must_read);
  if (count == 0) return {.state = Transfer::State::ended};
  return {.state = Transfer::State::moved, .bytes = static_cast<std::size_t>(count)};
}

Transfer Socket::write_some(std::string_view bytes) {
  const auto count = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count < 0) return errno == EINTR ? write_some(bytes) : failed(Transfer::State::must_write);
  return {.state = Transfer::State::moved, .bytes = static_cast<std::size_t>(count)};
}

}  // namespace bddlock::net
