#include "http/listener.hpp"

#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace bddlock::http {
namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
namespace {

constexpr std::size_t other_files =
    256;  // the store's, the log's, connections that are being refused

// How much the kernel takes of an answer before it is sent: with this it says that there is room
// each time that a client has taken half of it. Without it that would be at a third of the socket's
// buffer, a megabyte and more, which a slow client that reads all the time takes longer for than
// the time it has (session_write.cpp). Connections inherit it from the listener.
constexpr int unsent_bytes_max = 64 * 1024;

void see_progress(Acceptor& acceptor) {
  static_cast<void>(setsockopt(acceptor.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT,
                               &unsent_bytes_max, sizeof unsent_bytes_max));
}

ErrorCode bind_and_listen(Acceptor& acceptor, const asio::ip::tcp::endpoint& endpoint) {
  ErrorCode error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(Acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) see_progress(acceptor);
  if (!error) acceptor.listen(Acceptor::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  return error;
}

std::string explain(const ErrorCode& error, const std::string& address, std::uint16_t port) {
  const std::string number = std::to_string(port);
  if (error == asio::error::address_in_use)
    return "port " + number + " on " + address +
           " is in use by another program: stop that one, or listen on another port";
  if (error == asio::error::access_denied)
    return "no permission to listen on port " + number +
           ": ports below 1024 need root or CAP_NET_BIND_SERVICE; any from 1024 to 65535 does not";
  if (error == boost::system::errc::address_not_available)
    return address + " is not an address of this machine; 127.0.0.1, 0.0.0.0 or :: would be";
  return "cannot listen on " + address + " port " + number + ": " + error.message();
}

}  // namespace

std::expected<Acceptor, std::string> open_listener(asio::io_context& io, const std::string& address,
                                                   std::uint16_t port) {
  std::string literal = address == "localhost" ? "127.0.0.1" : address;
  if (literal.starts_with('[') && literal.ends_with(']'))
    literal = literal.substr(1, literal.size() - 2);
  ErrorCode error;
  const auto ip = asio::ip::make_address(literal, error);
  if (error)
    return std::unexpected(
        "\"" + address +
        "\" is not an IP address to listen on: expected is for example 127.0.0.1, "
        "0.0.0.0, :: or localhost");
  Acceptor acceptor(io);
  error = bind_and_listen(acceptor, {ip, port});
  if (error) return std::unexpected(explain(error, address, port));
  return acceptor;
}

void raise_open_files(std::size_t connections) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min<rlim_t>(connections + other_files, limit.rlim_max);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  static_cast<void>(setrlimit(RLIMIT_NOFILE, &limit));
}

}  // namespace bddlock::http
