// Called by client.cpp and tunnel.cpp.
#include "net/request_text.hpp"

#include <algorithm>

#include "net/address.hpp"
#include "net/text.hpp"

namespace bddlock::net {
namespace {

bool has_control(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; });
}

bool is_plain(std::string_view text) {
  return !text.empty() && !has_control(text) && text.find_first_of(" \t") == std::string_view::npos;
}

// The zone of a link-local address means something on this machine only.
std::string authority_of(const Endpoint& endpoint) {
  return host_and_port(endpoint.host.substr(0, endpoint.host.find('%')), endpoint.port);
}

std::string proxy_header(const Proxy* proxy) {
  if (proxy == nullptr || proxy->authorization.empty()) return {};
  return "Proxy-Authorization: " + proxy->authorization + "\r\n";
}

bool has_header(const ClientRequest& request, std::string_view name) {
  return std::ranges::any_of(request.headers,
                             [&](const auto& header) { return same_word(header.first, name); });
}

}  // namespace

// Without the port where it is the usual one (and both forms would be right).
std::string host_header(const Endpoint& endpoint) {
  std::string host = authority_of(endpoint);
  const std::string_view usual = endpoint.tls ? ":443" : ":80";
  if (endpoint.port == usual.substr(1)) host.erase(host.size() - usual.size());
  return host;
}

std::string unsendable(const ClientRequest& request) {
  if (!is_plain(request.method)) return "the method is not one word";
  if (!is_plain(request.target) || !request.target.starts_with('/'))
    return "the target must begin with / and be percent-encoded";
  for (const auto& [name, value] : request.headers)
    if (!is_plain(name) || name.find(':') != std::string::npos || has_control(value))
      return "the value of the header " + name + " has a line break or another control character";
  return {};
}

std::string text_of(const ClientRequest& request, const Endpoint& endpoint, const Proxy* proxy) {
  std::string text = request.method + " ";
  if (proxy != nullptr) text += "http://" + host_header(endpoint);
  text += endpoint.prefix + request.target + " HTTP/1.1\r\nHost: " + host_header(endpoint) + "\r\n";
  if (!has_header(request, "User-Agent")) text += "User-Agent: bdd-lock\r\n";
  text += proxy_header(proxy);
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\r\n";
  const bool may_be_empty =
      request.method == "GET" || request.method == "HEAD" || request.method == "DELETE";
  if (!request.body.empty() || !may_be_empty)
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return text + "\r\n" + request.body;
}

std::string tunnel_text(const Endpoint& endpoint, const Proxy& proxy) {
  const std::string to = authority_of(endpoint);
  return "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\nUser-Agent: bdd-lock\r\n" +
         proxy_header(&proxy) + "\r\n";
}

}  // namespace bddlock::net
