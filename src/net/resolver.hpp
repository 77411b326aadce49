// From a host name to addresses, by c-ares: /etc/hosts, then the servers of /etc/resolv.conf,
// whatever /etc/nsswitch.conf says. A static glibc must not do this itself. Blocks the calling
// thread within its limits. Any thread.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "net/limits.hpp"

namespace bddlock::net {

// As text, IPv4 or IPv6, in the order in which they are to be tried; at least one. An IP address is
// returned as it is, "localhost" as the loopback addresses, both without a look-up. The error is a
// sentence.
[[nodiscard]] std::expected<std::vector<std::string>, std::string> resolve(const std::string& host,
                                                                           const Limits& limits);

}  // namespace bddlock::net
