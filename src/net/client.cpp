// Called by cli; calls open.cpp and connection.cpp.
#include "net/client.hpp"

#include <algorithm>

#include "net/answer_parser.hpp"
#include "net/connection.hpp"
#include "net/request_text.hpp"
#include "net/text.hpp"
#include "net/tunnel.hpp"

namespace bddlock::net {
namespace {

bool is_safe(const std::string& method) { return method == "GET" || method == "HEAD"; }

NetError mistake(std::string detail, Step step) {
  return {.detail = std::move(detail), .step = step, .permanent = true};
}

std::expected<Route, NetError> route_to(const Endpoint& endpoint,
                                        const Surroundings& surroundings) {
  auto proxy = proxy_for(endpoint, surroundings);
  if (!proxy) return std::unexpected(mistake(std::move(proxy.error()), Step::proxy));
  Route route{.endpoint = endpoint, .proxy = std::move(*proxy), .tls = {}, .trusted = {}};
  if (!endpoint.tls && !(route.proxy && route.proxy->tls)) return route;
  const auto source = find_ca(surroundings);
  if (!source) return std::unexpected(mistake(source.error(), Step::tls));
  auto context = tls_context(*source);
  if (!context) return std::unexpected(mistake(std::move(context.error()), Step::tls));
  route.tls = std::move(*context);
  route.trusted = source->name();
  return route;
}

// What the usual servers (nginx, Go's, Apache) answer to plain HTTP at the port of HTTPS.
bool wants_https(const ClientResponse& response) {
  constexpr std::string_view phrases[] = {"plain HTTP request was sent to HTTPS port",
                                          "HTTP request to an HTTPS server",
                                          "speaking plain HTTP to an SSL-enabled server port"};
  return response.status == 400 && std::ranges::any_of(phrases, [&](std::string_view phrase) {
           return response.body.find(phrase) != std::string::npos;
         });
}

// An answer that is none of the server's own.
std::expected<ClientResponse, NetError> judge(ClientResponse response, const Route& route) {
  if (route.by_proxy()) {
    if (response.status == 407) return std::unexpected(proxy_wants_password(*route.proxy));
    response.proxy = route.proxy->name();
  } else if (!route.endpoint.tls && wants_https(response)) {
    return std::unexpected(
        mistake(route.endpoint.host +
                    " answers that it speaks HTTPS there: write https:// instead of http://",
                Step::request));
  }
  return response;
}

}  // namespace

std::string ClientResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (same_word(key, name)) return value;
  return {};
}

Client::Client(Endpoint endpoint, Surroundings surroundings)
    : endpoint_(std::move(endpoint)), surroundings_(std::move(surroundings)) {}
Client::~Client() = default;

std::expected<ClientResponse, NetError> Client::call(const ClientRequest& request) {
  if (auto why = unsendable(request); !why.empty())
    return std::unexpected(mistake(std::move(why), Step::request));
  const Limits limits{SteadyClock::now() + request.time_limit, request.should_stop};
  if (!route_) {
    auto route = route_to(endpoint_, surroundings_);
    if (!route) return std::unexpected(std::move(route.error()));
    route_ = std::make_unique<Route>(std::move(*route));
  }
  auto answer = call(request, limits);
  if (!answer) return answer;
  return judge(std::move(*answer), *route_);
}

std::expected<ClientResponse, NetError> Client::call(const ClientRequest& request,
                                                     const Limits& limits) {
  const std::string text =
      text_of(request, endpoint_, route_->by_proxy() ? &*route_->proxy : nullptr);
  if (connection_ && !connection_->alive()) connection_.reset();
  for (;;) {
    const bool fresh = connection_ == nullptr;
    if (fresh) {
      auto opened = Connection::open(*route_, limits);
      if (!opened) return std::unexpected(std::move(opened.error()));
      connection_ = std::move(*opened);
    }
    AnswerParser answer(request.method == "HEAD", request.on_body_piece);
    auto result = connection_->exchange(text, answer, limits);
    const bool unseen = !result && (result.error().failure == Failure::not_sent ||
                                    (is_safe(request.method) && !connection_->answer_began() &&
                                     result.error().failure == Failure::outcome_unknown));
    if (!connection_->reusable()) connection_.reset();
    // A kept connection may have ended just now. Only a new one says something about the server.
    if (fresh || !unseen) return result;
  }
}

}  // namespace bddlock::net
