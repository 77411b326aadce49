#include <algorithm>

#include "aws/credential_document.hpp"
#include "aws/credential_sources.hpp"
#include "aws/url_call.hpp"

namespace bddlock::aws {
namespace {

std::unexpected<std::string> container_trouble(const std::string& variable,
                                               const std::string& why) {
  return std::unexpected("the container's credentials (" + variable + ") cannot be had: " + why);
}

// A token sent in the clear, and credentials that come so, must stay inside the machine.
bool stays_inside(const net::Endpoint& endpoint) {
  constexpr std::string_view inside[] = {"localhost", "169.254.170.2", "169.254.170.23",
                                         "fd00:ec2::23", "::1"};
  return endpoint.tls || endpoint.host.starts_with("127.") ||
         std::ranges::find(inside, endpoint.host) != std::end(inside);
}

// The token's file is renewed in place, so it is read each time.
std::expected<std::string, std::string> token_of(const Surroundings& surroundings) {
  const std::string path = surroundings.text("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (path.empty()) return surroundings.text("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  auto text = surroundings.read_file(path);
  if (!text) return std::unexpected("the token's file " + path + " cannot be read");
  while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
  return std::move(*text);
}

Found ask_container(const Surroundings& surroundings, const std::string& variable,
                    const std::string& url) {
  const auto token = token_of(surroundings);
  if (!token) return container_trouble(variable, token.error());
  UrlCall call{.url = url};
  if (!token->empty()) call.headers.emplace_back("Authorization", *token);
  const auto answer = call_url(call, without_proxies(surroundings.net));
  if (!answer) return container_trouble(variable, answer.error().detail);
  if (answer->status != 200)
    return container_trouble(variable, "its service answers " + std::to_string(answer->status));
  auto credentials = parse_credential_json(answer->body);
  if (!credentials) return container_trouble(variable, "the answer " + credentials.error());
  credentials->source = "the container's role (" + variable + ")";
  return std::move(*credentials);
}

}  // namespace

Found from_container(const Surroundings& surroundings) {
  const std::string relative_name = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
  const std::string full_name = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
  if (const std::string path = surroundings.text(relative_name); !path.empty()) {
    if (!path.starts_with('/')) return container_trouble(relative_name, "it must begin with /");
    return ask_container(surroundings, relative_name, surroundings.container_host + path);
  }
  const std::string url = surroundings.text(full_name);
  if (url.empty()) return std::nullopt;
  const auto authority = url.find("://");
  const auto endpoint = net::parse_endpoint(
      url.substr(0, authority == std::string::npos ? authority : url.find('/', authority + 3)));
  if (!endpoint) return container_trouble(full_name, endpoint.error());
  if (!stays_inside(*endpoint))
    return container_trouble(full_name, "it is plain HTTP to another machine");
  return ask_container(surroundings, full_name, url);
}

}  // namespace bddlock::aws
