// One TCP connection, used synchronously: each call runs until it is done or the deadline has come.
// The errors are NetErrors that know whether something was sent. Called by client.cpp. One thread
// at a time.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "net/answer_parser.hpp"
#include "net/client.hpp"

namespace bddlock::net {

class Connection {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  template <class T>
  using Result = std::expected<T, NetError>;

  // Tries each address of the host in turn.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const Endpoint& endpoint,
                                                                Deadline deadline);

  // Sends the bytes of a request and reads its answer.
  [[nodiscard]] Result<ClientResponse> exchange(std::string_view request, AnswerParser& answer,
                                                Deadline deadline);

  // Whether the other side has not ended it while nobody looked.
  [[nodiscard]] bool alive();
  // Whether it can take another request.
  [[nodiscard]] bool reusable() const { return reusable_; }
  // Whether any byte of an answer to the last request came.
  [[nodiscard]] bool answer_began() const { return answer_began_; }

 private:
  using ErrorCode = boost::system::error_code;

  [[nodiscard]] ErrorCode connect(const boost::asio::ip::tcp::endpoint& to, Deadline deadline);
  [[nodiscard]] ErrorCode send(std::string_view request, Deadline deadline);
  [[nodiscard]] ErrorCode receive(AnswerParser& answer, Deadline deadline);
  [[nodiscard]] NetError explain(const AnswerParser& answer, const ErrorCode& error) const;
  // Runs until the operation that `start` begins has called its handler; at the deadline it is
  // cancelled.
  template <class Start>
  [[nodiscard]] ErrorCode wait(Deadline deadline, Start start);

  boost::asio::io_context io_{1};
  boost::asio::ip::tcp::socket socket_{io_};
  std::string peer_;  // for sentences
  std::size_t sent_bytes_ = 0;
  bool answer_began_ = false;
  bool reusable_ = true;
};

}  // namespace bddlock::net
