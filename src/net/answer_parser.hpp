// Reads one answer from the bytes of a connection, by Beast's parser, whose headers stay behind
// this one. Answers with status 1xx are skipped. Threads: one at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "net/client.hpp"

namespace bddlock::net {

class AnswerParser {
 public:
  enum class State {
    incomplete,
    complete,
    not_http,   // the bytes are no HTTP answer
    too_large,  // header_bytes_max or answer_bytes_max
    stopped,    // on_body_piece said so
  };

  // `to_head`: the answer has no body whatever its header says.
  AnswerParser(bool to_head, std::function<bool(std::string_view)> on_body_piece);
  ~AnswerParser();

  // Takes what it can use and returns how many bytes that was; the rest is to be presented again,
  // with what follows it.
  [[nodiscard]] std::size_t take(std::string_view bytes);
  // The connection has ended: the state is then complete, if that is how this answer ends.
  void take_end();

  [[nodiscard]] State state() const;
  [[nodiscard]] ClientResponse& response();
  // Whether the connection can be used again.
  [[nodiscard]] bool keep_alive() const;

 private:
  class Impl;

  bool to_head_;
  std::function<bool(std::string_view)> on_body_piece_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bddlock::net
