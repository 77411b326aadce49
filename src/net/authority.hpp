// The part of a URL that says where: "host:port". Shared by endpoints and proxies.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bddlock::net {

// Takes the host off the front of `authority`: a name, or an IPv6 address in brackets, which are
// left out. Nothing if there is no valid one.
[[nodiscard]] std::optional<std::string> take_host(std::string_view& authority);

// What is left after the host: "" gives `fallback`, ":8080" gives "8080", all else nothing.
[[nodiscard]] std::optional<std::string> port_of(std::string_view rest, std::string_view fallback);

}  // namespace bddlock::net
