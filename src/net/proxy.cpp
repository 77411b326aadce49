// Called by client.cpp and cli.
#include "net/proxy.hpp"

#include <cstdint>

#include "net/address.hpp"
#include "net/authority.hpp"
#include "net/no_proxy.hpp"
#include "net/text.hpp"

namespace bddlock::net {
namespace {

std::unexpected<std::string> wrong(const ProxySetting& setting, std::string_view why) {
  return std::unexpected(
      "the proxy in " + setting.from + ", which is not repeated here as it may hold a password, " +
      std::string(why) + "; expected is for example http://proxy.example.org:3128");
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? digit(text[i + 1]) : -1;
    const int low = high >= 0 ? digit(text[i + 2]) : -1;
    if (low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const auto three = bytes.substr(i, 3);
    for (std::size_t k = 0; k < 3; ++k)
      group = (group << 8) | (k < three.size() ? static_cast<unsigned char>(three[k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      text += k <= three.size() ? letters[(group >> (18 - 6 * k)) & 63] : '=';
  }
  return text;
}

// "user:password", percent-encoded, as the header's value.
std::optional<std::string> basic(std::string_view user_and_password) {
  const auto user = percent_decoded(user_and_password.substr(0, user_and_password.find(':')));
  const auto colon = user_and_password.find(':');
  const auto password =
      percent_decoded(colon == std::string_view::npos ? "" : user_and_password.substr(colon + 1));
  if (!user || !password) return std::nullopt;
  return "Basic " + base64(*user + ":" + *password);
}

}  // namespace

std::string Proxy::name() const {
  return "the proxy " + host_and_port(host, port) + " (" + from + ")";
}

std::expected<Proxy, std::string> parse_proxy(const ProxySetting& setting) {
  std::string_view rest = setting.url;
  Proxy proxy{.host = {}, .port = {}, .from = setting.from};
  if (const auto scheme = rest.find("://"); scheme != std::string_view::npos) {
    proxy.tls = same_word(rest.substr(0, scheme), "https");
    if (!proxy.tls && !same_word(rest.substr(0, scheme), "http"))
      return wrong(setting,
                   "must be an http:// or https:// proxy; no others, such as SOCKS, are known");
    rest.remove_prefix(scheme + 3);
  }
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    auto authorization = basic(rest.substr(0, at));
    if (!authorization)
      return wrong(setting,
                   "has a % in its user or password that begins no %XX (a % itself is %25)");
    proxy.authorization = std::move(*authorization);
    rest.remove_prefix(at + 1);
  }
  std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  auto host = take_host(authority);
  if (!host) return wrong(setting, "has no valid host, a name or an IP address");
  auto port = port_of(authority, proxy.tls ? "443" : "80");
  if (!port) return wrong(setting, "has a port that is no number from 1 to 65535");
  proxy.host = std::move(*host);
  proxy.port = std::move(*port);
  return proxy;
}

std::expected<std::optional<Proxy>, std::string> proxy_for(const Endpoint& endpoint,
                                                           const Surroundings& surroundings) {
  const auto& setting = endpoint.tls ? surroundings.https_proxy : surroundings.http_proxy;
  const auto ip = parse_ip(endpoint.host);
  if (setting.url.empty() || is_localhost(endpoint.host) || (ip && ip->is_loopback()) ||
      is_in_no_proxy(surroundings.no_proxy, endpoint.host, endpoint.port))
    return std::nullopt;
  auto proxy = parse_proxy(setting);
  if (!proxy) return std::unexpected(std::move(proxy.error()));
  return std::optional(std::move(*proxy));
}

}  // namespace bddlock::net
