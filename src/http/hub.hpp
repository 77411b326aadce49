// What the server and its sessions share. Owned by the server, used on the I/O thread only, apart
// from the mailbox.
#pragma once

#include <array>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "http/exchange.hpp"
#include "http/mailbox.hpp"
#include "http/response_text.hpp"
#include "http/server.hpp"

namespace bddlock::http {

// With the concrete executor, not the type-erased default: smaller, and no virtual calls.
using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

class Session;

struct Hub {
  Limits limits;
  OnRequest on_request;
  OnAccess on_access;

  boost::asio::io_context io{1};
  std::shared_ptr<Mailbox> mailbox;
  std::vector<std::shared_ptr<Session>> sessions;  // each knows its index
  std::size_t refused = 0;                         // of them, those only there to be told 503
  bool draining = false;
  DateCache date;

  // Every session reads into and composes in these two, so that one that waits owns no buffer. What
  // could not be parsed or written at once is copied into the session.
  std::array<char, 16 * 1024> read_buffer;
  std::string write_buffer;
  // Since the last give_back(). Answers that nobody put into the mailbox, such as refusals, are in
  // it too, so note_written() takes no more than go back at once.
  std::vector<api::Response> written;
  SpareExchanges spare_exchanges;

  void add(std::shared_ptr<Session> session);
  void remove(Session& session);
  void note_written(api::Response&& response);
};

}  // namespace bddlock::http
