#include <algorithm>

#include "net/authority.hpp"
#include "net/client.hpp"
#include "net/text.hpp"

namespace bddlock::net {
namespace {

constexpr std::string_view example =
    "; expected is for example http://127.0.0.1:8080 or https://locks.example.org/dev";

// For what may have a secret in it, and for what is no URL and may be one: without the text.
std::unexpected<std::string> wrong_and_unsaid(std::string_view why) {
  return std::unexpected("the endpoint is not repeated here, as it may hold a secret: " +
                         std::string(why) + std::string(example));
}

std::unexpected<std::string> wrong(std::string_view text, std::string_view why) {
  return std::unexpected("endpoint \"" + std::string(text) + "\": " + std::string(why) +
                         std::string(example));
}

bool is_path(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::expected<Endpoint, std::string> parse_endpoint(std::string_view text) {
  const bool tls = begins_with_word(text, "https://");
  if (!tls && !begins_with_word(text, "http://"))
    return wrong_and_unsaid("it must begin with http:// or https://");
  std::string_view rest = text.substr(text.find("//") + 2);
  // Anywhere, as a password may have a / in it; a path can say %40.
  if (rest.find('@') != std::string_view::npos)
    return wrong_and_unsaid("it may have no user or password (@); the token is given separately");
  if (rest.find_first_of("?#") != std::string_view::npos)
    return wrong_and_unsaid("it may have no query (?) and no fragment (#)");
  std::string_view authority = rest.substr(0, rest.find('/'));
  std::string_view prefix = rest.substr(authority.size());
  auto host = take_host(authority);
  if (!host) return wrong(text, "the host must be a name or an IP address, IPv6 in brackets");
  auto port = port_of(authority, tls ? "443" : "80");
  if (!port) return wrong(text, "the port must be a number from 1 to 65535");
  if (!is_path(prefix)) return wrong(text, "the path must be percent-encoded");
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  return Endpoint{std::move(*host), std::move(*port), std::string(prefix), tls};
}

}  // namespace bddlock::net
