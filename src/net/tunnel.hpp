// A tunnel through a proxy to an https:// endpoint. Threads: one at a time.
#pragma once

#include <optional>

#include "net/client.hpp"
#include "net/proxy.hpp"
#include "net/stream.hpp"

namespace bddlock::net {

// Asks the proxy at the other end of `stream` for one; when it has agreed, the stream leads to the
// endpoint. The error is not_sent, of Step::proxy: what the proxy did, why, and what to do.
[[nodiscard]] std::optional<NetError> open_tunnel(Stream& stream, const Endpoint& endpoint,
                                                  const Proxy& proxy, const Limits& limits);

// What a 407 means; also for http:// endpoints, which need no tunnel.
[[nodiscard]] NetError proxy_wants_password(const Proxy& proxy);

}  // namespace bddlock::net
