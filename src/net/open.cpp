// The way to a server: the first half of connection.hpp. Called by client.cpp; calls connect.cpp,
// tunnel.cpp and tls.cpp.
#include "net/address.hpp"
#include "net/connect.hpp"
#include "net/connection.hpp"
#include "net/tls.hpp"
#include "net/tunnel.hpp"

namespace bddlock::net {
namespace {

using State = Transfer::State;
using Opened = std::expected<std::unique_ptr<Stream>, NetError>;

// A proxy that is not there is told from a server that is not.
NetError of_proxy(NetError error, const Route& route) {
  if (!route.proxy || error.detail.starts_with("stopped")) return error;
  error.step = Step::proxy;
  error.detail += ". That is the proxy in " + route.proxy->from + ": correct it, or name " +
                  route.endpoint.host + " in NO_PROXY if it is reached without a proxy";
  return error;
}

Opened speak_tls(std::unique_ptr<Stream> below, const Route& route, const std::string& host,
                 const std::string& name, const Limits& limits) {
  auto stream =
      std::make_unique<TlsStream>(std::move(below), *route.tls, TlsPeer{host, name, route.trusted});
  const Transfer done = finish(*stream, limits, [&] { return stream->shake_hands(); });
  if (done.state == State::moved) return stream;
  NetError error{.detail = done.why, .step = Step::tls, .permanent = stream->is_hopeless()};
  if (done.state == State::timed_out)
    error.detail = "timed out in the TLS handshake with " + name + ": does it speak HTTPS there?";
  if (done.state == State::stopped) error.detail = "stopped in the TLS handshake with " + name;
  return std::unexpected(std::move(error));
}

Opened speak_tls_to_proxy(std::unique_ptr<Stream> below, const Route& route, const Limits& limits) {
  auto opened = speak_tls(std::move(below), route, route.proxy->host, route.proxy->name(), limits);
  if (!opened) opened.error().step = Step::proxy;
  return opened;
}

}  // namespace

Connection::Result<std::unique_ptr<Connection>> Connection::open(const Route& route,
                                                                 const Limits& limits) {
  const auto& [endpoint, proxy, tls, trusted] = route;
  auto connected =
      connect_to(proxy ? proxy->host : endpoint.host, proxy ? proxy->port : endpoint.port, limits);
  if (!connected) return std::unexpected(of_proxy(std::move(connected.error()), route));
  Opened stream = std::move(connected->socket);
  std::string peer = proxy ? proxy->name() : connected->peer;

  if (proxy && proxy->tls) stream = speak_tls_to_proxy(std::move(*stream), route, limits);
  if (!stream) return std::unexpected(std::move(stream.error()));
  if (endpoint.tls) {
    const std::string name = host_and_port(endpoint.host, endpoint.port);
    if (proxy)
      if (auto error = open_tunnel(**stream, endpoint, *proxy, limits))
        return std::unexpected(std::move(*error));
    stream = speak_tls(std::move(*stream), route, endpoint.host, name, limits);
    if (!stream) return std::unexpected(std::move(stream.error()));
    peer = proxy ? name + " (through " + peer + ")" : name;
  }
  return std::unique_ptr<Connection>(new Connection(std::move(*stream), std::move(peer)));
}

}  // namespace bddlock::net
