#include "net/connection.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <charconv>

#include "net/resolver.hpp"

namespace bddlock::net {
namespace asio = boost::asio;
namespace {

using Tcp = asio::ip::tcp;

std::string name_of(const std::string& host, const std::string& port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

std::string explain_connect(const boost::system::error_code& error, const std::string& peer) {
  if (error == asio::error::connection_refused)
    return "connection refused by " + peer + ": no server listens there";
  if (error == asio::error::timed_out) return "timed out connecting to " + peer;
  return "cannot connect to " + peer + ": " + error.message();
}

}  // namespace

template <class Start>
Connection::ErrorCode Connection::wait(Deadline deadline, Start start) {
  std::optional<ErrorCode> result;
  io_.restart();
  start([&result](const ErrorCode& error, auto...) { result = error; });
  io_.run_until(deadline);
  if (result) return *result;
  ErrorCode ignored;
  socket_.close(ignored);
  io_.restart();
  io_.run();
  return asio::error::timed_out;
}

Connection::ErrorCode Connection::connect(const Tcp::endpoint& to, Deadline deadline) {
  ErrorCode ignored;
  socket_.close(ignored);
  const ErrorCode error =
      wait(deadline, [&](auto done) { socket_.async_connect(to, std::move(done)); });
  if (!error) socket_.set_option(Tcp::no_delay(true), ignored);
  if (!error) socket_.non_blocking(true, ignored);
  return error;
}

Connection::Result<std::unique_ptr<Connection>> Connection::open(const Endpoint& endpoint,
                                                                 Deadline deadline) {
  auto connection = std::make_unique<Connection>();
  const auto addresses = resolve(endpoint.host, deadline);
  if (!addresses) return std::unexpected(NetError{Failure::not_sent, addresses.error()});
  unsigned short port = 0;
  std::from_chars(endpoint.port.data(), endpoint.port.data() + endpoint.port.size(), port);
  std::string why;
  for (const auto& address : *addresses) {
    ErrorCode error;
    const auto ip = asio::ip::make_address(address, error);
    connection->peer_ = name_of(address, endpoint.port);
    if (!error) error = connection->connect({ip, port}, deadline);
    if (!error) return connection;
    // The first address's error says most: "localhost" is tried as ::1 too, where nobody expects a
    // server.
    if (why.empty()) why = explain_connect(error, connection->peer_);
  }
  return std::unexpected(NetError{Failure::not_sent, why});
}

bool Connection::alive() {
  std::array<char, 1> byte;
  ErrorCode error;
  socket_.receive(asio::buffer(byte), Tcp::socket::message_peek, error);
  // Bytes that nobody asked for (a 408 on its way out, say) would be taken for the next answer.
  return error == asio::error::would_block;
}

Connection::ErrorCode Connection::send(std::string_view request, Deadline deadline) {
  while (sent_bytes_ < request.size()) {
    ErrorCode error;
    const auto rest = request.substr(sent_bytes_);
    sent_bytes_ += socket_.write_some(asio::buffer(rest.data(), rest.size()), error);
    if (error == asio::error::would_block)
      error = wait(deadline, [&](auto done) {
        socket_.async_wait(Tcp::socket::wait_write, std::move(done));
      });
    if (error) return error;
  }
  return {};
}

Connection::ErrorCode Connection::receive(AnswerParser& answer, Deadline deadline) {
  std::string unused;
  std::array<char, 16 * 1024> buffer;
  while (answer.state() == AnswerParser::State::incomplete) {
    ErrorCode error;
    const auto count = socket_.read_some(asio::buffer(buffer), error);
    if (error == asio::error::would_block) {
      error = wait(deadline,
                   [&](auto done) { socket_.async_wait(Tcp::socket::wait_read, std::move(done)); });
      if (error) return error;
      continue;
    }
    if (error == asio::error::eof) answer.take_end();
    if (error) return error;
    answer_began_ = true;
    unused.append(buffer.data(), count);
    unused.erase(0, answer.take(unused));
  }
  // More than one answer to one request: the rest would be taken for the next one's.
  if (!unused.empty()) reusable_ = false;
  return {};
}

Connection::Result<ClientResponse> Connection::exchange(std::string_view request,
                                                        AnswerParser& answer, Deadline deadline) {
  sent_bytes_ = 0;
  answer_began_ = false;
  ErrorCode error = send(request, deadline);
  // A server may answer (413, 401) and end before it has read all: that answer tells more than the
  // error.
  const bool broken = error && error != asio::error::timed_out;
  if (!error || (broken && sent_bytes_ > 0)) {
    const ErrorCode received = receive(answer, deadline);
    if (!error) error = received;
  }
  reusable_ =
      reusable_ && !error && answer.state() == AnswerParser::State::complete && answer.keep_alive();
  if (answer.state() == AnswerParser::State::complete) return std::move(answer.response());
  reusable_ = false;
  return std::unexpected(explain(answer, error));
}

NetError Connection::explain(const AnswerParser& answer, const ErrorCode& error) const {
  switch (answer.state()) {
    case AnswerParser::State::not_http:
      return {Failure::outcome_unknown, "what listens at " + peer_ + " is not an HTTP server"};
    case AnswerParser::State::too_large:
      return {Failure::outcome_unknown,
              "the answer of " + peer_ + " is larger than this client takes"};
    case AnswerParser::State::stopped:
      return {Failure::outcome_unknown, "the answer of " + peer_ + " could not be stored"};
    case AnswerParser::State::incomplete:
    case AnswerParser::State::complete:
      break;
  }
  if (error == asio::error::timed_out)
    return {sent_bytes_ == 0 ? Failure::not_sent : Failure::timed_out,
            "timed out waiting for an answer from " + peer_};
  if (sent_bytes_ == 0)
    return {Failure::not_sent, "the connection to " + peer_ + " broke: " + error.message()};
  const char* when =
      answer_began_ ? " broke in the middle of the answer" : " ended before an answer came";
  return {Failure::outcome_unknown, "the connection to " + peer_ + when};
}

}  // namespace bddlock::net
