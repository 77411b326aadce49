// From a host and a port to a connected socket: looks the name up, then tries its addresses.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "net/client.hpp"
#include "net/limits.hpp"
#include "net/socket.hpp"

namespace bddlock::net {

struct Connected {
  std::unique_ptr<Socket> socket;
  std::string peer;  // the address that it is, "127.0.0.1:8080", for sentences
};

// The addresses are tried in their order. Each has 250 ms before the next is tried beside it (as
// RFC 8305 advises), and the first that answers is taken: a network that swallows IPv6 costs no
// more than that. The error is not_sent and tells what became of the first address, which says
// most: "localhost" is tried as ::1 too, where nobody expects a server.
[[nodiscard]] std::expected<Connected, NetError> connect_to(const std::string& host,
                                                            const std::string& port,
                                                            const Limits& limits);

inline constexpr std::chrono::milliseconds next_address_after{250};

}  // namespace bddlock::net
