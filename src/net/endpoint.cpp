#include <algorithm>
#include <charconv>
#include <optional>

#include "net/client.hpp"

namespace bddlock::net {
namespace {

constexpr std::string_view example =
    "; expected is for example http://127.0.0.1:8080 or http://locks.example.org/dev";

// For what may have a secret in it, and for what is no URL and may be one: without the text.
std::unexpected<std::string> wrong_and_unsaid(std::string_view why) {
  return std::unexpected("the endpoint is not repeated here, as it may hold a secret: " +
                         std::string(why) + std::string(example));
}

std::unexpected<std::string> wrong(std::string_view text, std::string_view why) {
  return std::unexpected("endpoint \"" + std::string(text) + "\": " + std::string(why) +
                         std::string(example));
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

bool is_address_character(char c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' ||
         c == '.' || c == '%';
}

bool starts_with_scheme(std::string_view text, std::string_view scheme) {
  return text.size() >= scheme.size() &&
         std::ranges::equal(text.substr(0, scheme.size()), scheme, {}, [](char c) {
           return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
         });
}

// Takes the host off the front of `authority`; an IPv6 address is in brackets.
std::optional<std::string> take_host(std::string_view& authority) {
  const bool bracketed = authority.starts_with('[');
  const auto end =
      bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (end == std::string_view::npos) return std::nullopt;
  const auto host = authority.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end);
  authority.remove_prefix(bracketed ? end + 1 : end);
  const bool good = std::ranges::all_of(host, bracketed ? is_address_character : is_name_character);
  if (host.empty() || host.size() > 253 || !good) return std::nullopt;
  return std::string(host);
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

bool is_path(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::expected<Endpoint, std::string> parse_endpoint(std::string_view text) {
  constexpr std::string_view http = "http://";
  if (starts_with_scheme(text, "https://"))
    return wrong_and_unsaid("this version speaks http only, not https");
  if (!starts_with_scheme(text, http)) return wrong_and_unsaid("it must begin with http://");
  std::string_view rest = text.substr(http.size());
  // Anywhere, as a password may have a / in it; a path can say %40.
  if (rest.find('@') != std::string_view::npos)
    return wrong_and_unsaid("it may have no user or password (@); the token is given separately");
  if (rest.find_first_of("?#") != std::string_view::npos)
    return wrong_and_unsaid("it may have no query (?) and no fragment (#)");
  std::string_view authority = rest.substr(0, rest.find('/'));
  std::string_view prefix = rest.substr(authority.size());
  auto host = take_host(authority);
  if (!host) return wrong(text, "the host must be a name or an IP address, IPv6 in brackets");
  Endpoint endpoint{std::move(*host), "80", ""};
  if (!authority.empty()) {
    if (!authority.starts_with(':') || !is_port(authority.substr(1)))
      return wrong(text, "the port must be a number from 1 to 65535");
    endpoint.port = authority.substr(1);
  }
  if (!is_path(prefix)) return wrong(text, "the path must be percent-encoded");
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  endpoint.prefix = prefix;
  return endpoint;
}

}  // namespace bddlock::net
