// Called by connection.cpp and client.cpp.
#include "net/tunnel.hpp"

#include <array>

#include "net/address.hpp"
#include "net/answer_parser.hpp"
#include "net/request_text.hpp"

namespace bddlock::net {
namespace {

using State = Transfer::State;

NetError trouble(std::string detail, bool permanent = false) {
  return {.detail = std::move(detail), .step = Step::proxy, .permanent = permanent};
}

NetError lost(const Transfer& how, const Proxy& proxy) {
  switch (how.state) {
    case State::timed_out:
      return trouble("timed out waiting for " + proxy.name() + ": is it an HTTP proxy?");
    case State::stopped:
      return trouble("stopped while waiting for " + proxy.name());
    case State::ended:
      return trouble(proxy.name() + " ended the connection without an answer");
    default:
      return trouble("the connection to " + proxy.name() + " broke: " + how.why);
  }
}

NetError refused(unsigned status, const Endpoint& endpoint, const Proxy& proxy) {
  if (status == 407) return proxy_wants_password(proxy);
  const std::string to = host_and_port(endpoint.host, endpoint.port);
  const std::string answered = proxy.name() + " answered " + std::to_string(status);
  const std::string around =
      ", or name " + endpoint.host + " in NO_PROXY if it is reached without a proxy";
  if (status == 403)
    return trouble(answered + ": it does not allow " + to + ". Have it allowed there" + around,
                   true);
  if (status == 400 || status == 404 || status == 405 || status == 501)
    return trouble(answered + ": it makes no tunnels to " + to + ". Is it an HTTP proxy? Correct " +
                       proxy.from + around,
                   true);
  return trouble(answered + ": it cannot reach " + to +
                 ". Is the endpoint right? If so, look at the "
                 "proxy" +
                 around);
}

NetError garbage(std::string_view bytes, const Proxy& proxy) {
  const bool is_tls = bytes.starts_with('\x15');
  return trouble("what listens at " + proxy.name() + " is not an HTTP proxy" +
                     (is_tls ? ", but it speaks TLS: write https:// before it"
                             : ": correct or remove " + proxy.from),
                 true);
}

std::optional<NetError> send(Stream& stream, std::string_view text, const Proxy& proxy,
                             const Limits& limits) {
  while (!text.empty()) {
    const Transfer sent = finish(stream, limits, [&] { return stream.write_some(text); });
    if (sent.state != State::moved) return lost(sent, proxy);
    text.remove_prefix(sent.bytes);
  }
  return std::nullopt;
}

}  // namespace

std::optional<NetError> open_tunnel(Stream& stream, const Endpoint& endpoint, const Proxy& proxy,
                                    const Limits& limits) {
  if (auto error = send(stream, tunnel_text(endpoint, proxy), proxy, limits)) return error;
  AnswerParser answer(true, {});
  std::string unused;
  std::array<char, 4096> buffer;
  while (answer.state() == AnswerParser::State::incomplete) {
    const Transfer got = finish(stream, limits, [&] { return stream.read_some(buffer); });
    if (got.state != State::moved) return lost(got, proxy);
    unused.append(buffer.data(), got.bytes);
    unused.erase(0, answer.take(unused));
  }
  if (answer.state() != AnswerParser::State::complete) return garbage(unused, proxy);
  const unsigned status = answer.response().status;
  if (status / 100 != 2) return refused(status, endpoint, proxy);
  // The endpoint speaks after this client only.
  if (!unused.empty()) return garbage(unused, proxy);
  return std::nullopt;
}

NetError proxy_wants_password(const Proxy& proxy) {
  if (proxy.authorization.empty())
    return trouble(proxy.name() + " wants a user and a password (407): write them into " +
                       proxy.from + ", as http://USER:PASSWORD@HOST:PORT",
                   true);
  return trouble(proxy.name() + " does not accept the user and password in " + proxy.from +
                     " (407); what is special in a URL must be percent-encoded in them",
                 true);
}

}  // namespace bddlock::net
