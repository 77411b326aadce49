// Whether an endpoint is called through a proxy, and through which. Pure.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "net/client.hpp"

namespace bddlock::net {

struct Proxy {
  std::string host;
  std::string port;                // as given, else 80, or 443 for https
  bool tls = false;                // https://: TLS to the proxy itself, too
  std::string authorization = {};  // "Basic ...", from user:password@ in the URL; empty: none
  std::string from = {};           // the variable that names it, for sentences

  [[nodiscard]] std::string name() const;  // "the proxy 10.0.0.1:3128 (HTTPS_PROXY)"
};

// "http://user:password@host:port", also without the scheme and with https://. User and password
// are percent-decoded; a path is ignored. The error is a sentence that does not repeat the URL.
[[nodiscard]] std::expected<Proxy, std::string> parse_proxy(const ProxySetting& setting);

// The proxy of the endpoint's kind, or nothing where none is set, where no_proxy names the host,
// and always for "localhost" and loopback addresses. The error is that of parse_proxy.
[[nodiscard]] std::expected<std::optional<Proxy>, std::string> proxy_for(
    const Endpoint& endpoint, const Surroundings& surroundings);

}  // namespace bddlock::net
