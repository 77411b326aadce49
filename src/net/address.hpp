// IP addresses between text, numbers and the kernel's form. Pure, but for the names of interfaces.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bddlock::net {

// Of both families. IPv4 is kept in its IPv6 form, ::ffff:a.b.c.d, so that both spellings of one
// address are equal.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  std::uint32_t scope = 0;  // the interface of fe80::1%eth0

  [[nodiscard]] bool is_v4() const;
  [[nodiscard]] bool is_loopback() const;  // 127.0.0.0/8 and ::1
  // Whether the first `bits` (of 128) are those of the other.
  [[nodiscard]] bool shares(const IpAddress& other, unsigned bits) const;
};

// "127.0.0.1", "::1", "fe80::1%eth0"; nothing for everything else.
[[nodiscard]] std::optional<IpAddress> parse_ip(std::string_view text);

// "localhost", in any case, with or without the dot at its end.
[[nodiscard]] bool is_localhost(std::string_view host);

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};
[[nodiscard]] SocketAddress socket_address(const IpAddress& ip, std::uint16_t port);

// "127.0.0.1:8080", "[::1]:8080".
[[nodiscard]] std::string host_and_port(const std::string& host, const std::string& port);

}  // namespace bddlock::net
