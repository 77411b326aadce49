// Opens the listening socket, with a sentence for whatever is in the way. Called by server.cpp.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <expected>
#include <string>

#include "http/hub.hpp"

namespace bddlock::http {

using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;

[[nodiscard]] std::expected<Acceptor, std::string> open_listener(boost::asio::io_context& io,
                                                                 const std::string& address,
                                                                 std::uint16_t port);

// Raises the process's soft limit of open files as far as it may, where it is too low for so many
// connections. Past the limit, accepting pauses and goes on.
void raise_open_files(std::size_t connections);

}  // namespace bddlock::http
