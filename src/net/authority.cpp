// Called by endpoint.cpp and proxy.cpp.
#include "net/authority.hpp"

#include <algorithm>
#include <charconv>

#include "net/address.hpp"

namespace bddlock::net {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

// The zone of a link-local address, fe80::1%eth0, is written %25eth0 in a URL (RFC 6874), or as it
// is.
bool is_v6(const std::string& host) {
  const auto zone = host.find('%');
  return host.find(':') != std::string::npos && parse_ip(host) &&
         (zone == std::string::npos ||
          std::ranges::all_of(host.substr(zone + 1), is_name_character));
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

}  // namespace

std::optional<std::string> take_host(std::string_view& authority) {
  const bool bracketed = authority.starts_with('[');
  const auto end =
      bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (end == std::string_view::npos) return std::nullopt;
  std::string host(authority.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end));
  authority.remove_prefix(bracketed ? end + 1 : end);
  if (const auto zone = host.find("%25"); zone != std::string::npos) host.erase(zone + 1, 2);
  const bool good = bracketed ? is_v6(host) : std::ranges::all_of(host, is_name_character);
  if (host.empty() || host.size() > 253 || !good) return std::nullopt;
  return host;
}

std::optional<std::string> port_of(std::string_view rest, std::string_view fallback) {
  if (rest.empty()) return std::string(fallback);
  if (!rest.starts_with(':') || !is_port(rest.substr(1))) return std::nullopt;
  return std::string(rest.substr(1));
}

}  // namespace bddlock::net
