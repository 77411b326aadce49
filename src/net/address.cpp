#include "net/address.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <span>

#include "net/text.hpp"

namespace bddlock::net {
namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::uint32_t scope_of(const std::string& zone) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(zone.data(), zone.data() + zone.size(), number);
  if (error == std::errc() && end == zone.data() + zone.size()) return number;
  return if_nametoindex(zone.c_str());
}

}  // namespace

bool IpAddress::is_v4() const { return std::ranges::equal(v4_prefix, std::span(bytes).first(12)); }

bool IpAddress::is_loopback() const {
  static const IpAddress one{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  return (is_v4() && bytes[12] == 127) || bytes == one.bytes;
}

bool IpAddress::shares(const IpAddress& other, unsigned bits) const {
  const auto whole = bits / 8;
  const auto rest = bits % 8;
  if (!std::equal(bytes.begin(), bytes.begin() + whole, other.bytes.begin())) return false;
  return rest == 0 || ((bytes[whole] ^ other.bytes[whole]) >> (8 - rest)) == 0;
}

std::optional<IpAddress> parse_ip(std::string_view text) {
  IpAddress ip;
  const auto percent = text.find('%');
  const std::string address(text.substr(0, percent));
  if (address.find('\0') != std::string::npos) return std::nullopt;
  if (in_addr v4{}; percent == std::string_view::npos && inet_pton(AF_INET, address.c_str(), &v4)) {
    std::ranges::copy(v4_prefix, ip.bytes.begin());
    std::memcpy(ip.bytes.data() + v4_prefix.size(), &v4, sizeof v4);
    return ip;
  }
  if (inet_pton(AF_INET6, address.c_str(), ip.bytes.data()) != 1) return std::nullopt;
  if (percent != std::string_view::npos) ip.scope = scope_of(std::string(text.substr(percent + 1)));
  return ip;
}

bool is_localhost(std::string_view host) {
  return same_word(host.ends_with('.') ? host.substr(0, host.size() - 1) : host, "localhost");
}

SocketAddress socket_address(const IpAddress& ip, std::uint16_t port) {
  SocketAddress address;
  if (ip.is_v4()) {
    sockaddr_in v4{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {}, .sin_zero = {}};
    std::memcpy(&v4.sin_addr, ip.bytes.data() + v4_prefix.size(), sizeof v4.sin_addr);
    std::memcpy(&address.storage, &v4, address.size = sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_scope_id = ip.scope;
    std::memcpy(&v6.sin6_addr, ip.bytes.data(), sizeof v6.sin6_addr);
    std::memcpy(&address.storage, &v6, address.size = sizeof v6);
  }
  return address;
}

std::string host_and_port(const std::string& host, const std::string& port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

}  // namespace bddlock::net
