// A request as the bytes that go out. Pure.
#pragma once

#include <string>

#include "net/client.hpp"
#include "net/proxy.hpp"

namespace bddlock::net {

// Why the request cannot be sent: it would break apart, as with a line break in a token. Names the
// place, never the value, which may be one. Empty: it can.
[[nodiscard]] std::string unsendable(const ClientRequest& request);

// The Host header of requests to the endpoint: for those who sign it, too.
[[nodiscard]] std::string host_header(const Endpoint& endpoint);

// `proxy`: the request goes to it as it is, not through a tunnel: its target is then a whole URL,
// and the proxy's password is with it. User-Agent is "bdd-lock" unless the request has its own.
[[nodiscard]] std::string text_of(const ClientRequest& request, const Endpoint& endpoint,
                                  const Proxy* proxy);

// What goes before a tunnel's first byte: CONNECT.
[[nodiscard]] std::string tunnel_text(const Endpoint& endpoint, const Proxy& proxy);

}  // namespace bddlock::net
