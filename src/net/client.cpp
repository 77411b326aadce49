// Called by cli; calls connection.cpp.
#include "net/client.hpp"

#include <algorithm>

#include "net/answer_parser.hpp"
#include "net/connection.hpp"

namespace bddlock::net {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool has_control(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; });
}

bool is_plain(std::string_view text) {
  return !text.empty() && !has_control(text) && text.find_first_of(" \t") == std::string_view::npos;
}

// The error names the place, never the value: it may be a token.
std::string unsendable(const ClientRequest& request) {
  if (!is_plain(request.method)) return "the method is not one word";
  if (!is_plain(request.target) || !request.target.starts_with('/'))
    return "the target must begin with / and be percent-encoded";
  for (const auto& [name, value] : request.headers)
    if (!is_plain(name) || name.find(':') != std::string::npos || has_control(value))
      return "the value of the header " + name + " has a line break or another control character";
  return {};
}

std::string host_header(const Endpoint& endpoint) {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  std::string host = v6 ? "[" + endpoint.host + "]" : endpoint.host;
  if (endpoint.port != "80") host += ":" + endpoint.port;
  return host;
}

std::string text_of(const ClientRequest& request, const Endpoint& endpoint) {
  std::string text = request.method + " " + endpoint.prefix + request.target +
                     " HTTP/1.1\r\nHost: " + host_header(endpoint) + "\r\nUser-Agent: bdd-lock\r\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\r\n";
  const bool may_be_empty =
      request.method == "GET" || request.method == "HEAD" || request.method == "DELETE";
  if (!request.body.empty() || !may_be_empty)
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return text + "\r\n" + request.body;
}

bool is_safe(const std::string& method) { return method == "GET" || method == "HEAD"; }

}  // namespace

std::string ClientResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (std::ranges::equal(key, name, {}, lower, lower)) return value;
  return {};
}

Client::Client(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}
Client::~Client() = default;

std::expected<ClientResponse, NetError> Client::call(const ClientRequest& request) {
  if (auto why = unsendable(request); !why.empty())
    return std::unexpected(NetError{Failure::not_sent, std::move(why)});
  const auto deadline = std::chrono::steady_clock::now() + request.time_limit;
  const std::string text = text_of(request, endpoint_);
  if (connection_ && !connection_->alive()) connection_.reset();
  for (;;) {
    const bool fresh = connection_ == nullptr;
    if (fresh) {
      auto opened = Connection::open(endpoint_, deadline);
      if (!opened) return std::unexpected(std::move(opened.error()));
      connection_ = std::move(*opened);
    }
    AnswerParser answer(request.method == "HEAD", request.on_body_piece);
    auto result = connection_->exchange(text, answer, deadline);
    const bool unseen = !result && (result.error().failure == Failure::not_sent ||
                                    (is_safe(request.method) && !connection_->answer_began() &&
                                     result.error().failure == Failure::outcome_unknown));
    if (!connection_->reusable()) connection_.reset();
    // A kept connection may have ended just now. Only a new one says something about the server.
    if (fresh || !unseen) return result;
  }
}

}  // namespace bddlock::net
