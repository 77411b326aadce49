// Called by proxy.cpp.
#include "net/no_proxy.hpp"

#include <charconv>
#include <optional>

#include "net/address.hpp"
#include "net/text.hpp"

namespace bddlock::net {
namespace {

// One entry, taken apart.
struct Entry {
  std::string_view host;
  std::string_view port;  // empty: any
};

std::string_view without_brackets(std::string_view host) {
  return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

Entry split(std::string_view entry) {
  if (parse_ip(entry)) return {entry, {}};  // an IPv6 address is full of colons
  const auto colon = entry.rfind(':');
  const auto bracket = entry.rfind(']');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || bracket < colon);
  return {without_brackets(entry.substr(0, has_port ? colon : entry.size())),
          has_port ? entry.substr(colon + 1) : std::string_view()};
}

bool is_in_network(std::string_view entry, const IpAddress& ip) {
  const auto slash = entry.find('/');
  const auto network = parse_ip(without_brackets(entry.substr(0, slash)));
  const auto text = entry.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (!network || error != std::errc() || end != text.data() + text.size()) return false;
  if (network->is_v4() != ip.is_v4() || bits > (ip.is_v4() ? 32U : 128U)) return false;
  return network->shares(ip, ip.is_v4() ? 96 + bits : bits);
}

std::string_view without_dots(std::string_view name) {
  while (name.starts_with('*') || name.starts_with('.')) name.remove_prefix(1);
  while (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

bool is_below(std::string_view domain, std::string_view host) {
  if (domain.empty() || host.size() < domain.size()) return false;
  const auto head = host.size() - domain.size();
  return same_word(host.substr(head), domain) && (head == 0 || host[head - 1] == '.');
}

bool matches(std::string_view text, std::string_view host, const std::optional<IpAddress>& ip,
             std::string_view port) {
  if (text == "*") return true;
  if (text.find('/') != std::string_view::npos) return ip && is_in_network(text, *ip);
  const Entry entry = split(text);
  if (!entry.port.empty() && entry.port != port) return false;
  if (const auto named = parse_ip(entry.host)) return ip && named->bytes == ip->bytes;
  return entry.host == "*" || (!ip && is_below(without_dots(entry.host), without_dots(host)));
}

}  // namespace

bool is_in_no_proxy(std::string_view list, const std::string& host, const std::string& port) {
  constexpr std::string_view separators = ", \t\r\n";
  const auto ip = parse_ip(host);
  while (!list.empty()) {
    const auto begin = list.find_first_not_of(separators);
    if (begin == std::string_view::npos) return false;
    list.remove_prefix(begin);
    const auto entry = list.substr(0, list.find_first_of(separators));
    list.remove_prefix(entry.size());
    if (matches(entry, host, ip, port)) return true;
  }
  return false;
}

}  // namespace bddlock::net
