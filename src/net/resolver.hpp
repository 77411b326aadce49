// From a host name to addresses, by c-ares: /etc/hosts, then the servers of /etc/resolv.conf. A
// static glibc must not do this itself. Blocks the calling thread until the deadline at most. Any
// thread.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <vector>

namespace bddlock::net {

// As text, IPv4 or IPv6, in the order in which they are to be tried. An IP address is returned as
// it is, "localhost" as the loopback addresses, both without a look-up. The error is a sentence.
[[nodiscard]] std::expected<std::vector<std::string>, std::string> resolve(
    const std::string& host, std::chrono::steady_clock::time_point deadline);

}  // namespace bddlock::net
