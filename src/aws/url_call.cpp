#include "aws/url_call.hpp"

namespace bddlock::aws {

std::expected<net::ClientResponse, UrlError> call_url(const UrlCall& call,
                                                      const net::Surroundings& surroundings) {
  // An endpoint has no query, so the path goes into the request.
  const auto host = call.url.find("://");
  const auto path = host == std::string::npos ? host : call.url.find_first_of("/?", host + 3);
  const auto endpoint = net::parse_endpoint(call.url.substr(0, path));
  if (!endpoint) return std::unexpected(UrlError{endpoint.error(), true});
  std::string target = path == std::string::npos ? "/" : call.url.substr(path);
  if (target.starts_with('?')) target.insert(0, "/");
  net::Client client(*endpoint, surroundings);
  auto answer = client.call({.method = call.method,
                             .target = std::move(target),
                             .headers = call.headers,
                             .body = call.body,
                             .time_limit = call.time_limit});
  if (!answer) return std::unexpected(UrlError{std::move(answer.error().detail)});
  return std::move(*answer);
}

net::Surroundings without_proxies(const net::Surroundings& surroundings) {
  net::Surroundings direct = surroundings;
  direct.http_proxy = {};
  direct.https_proxy = {};
  return direct;
}

}  // namespace bddlock::aws
