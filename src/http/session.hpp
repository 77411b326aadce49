// One connection: reads requests, gives them to on_request in their order, writes the answers in
// that same order, and ends when it should. Every event (bytes, an answer, room to write, time) is
// noted and followed by advance(), the one place that decides what happens next.
//
// A connection that waits is small: no buffer, no parser, no timer, no field map. It waits for
// readability, and reads into the hub's buffer only when there is something. Threads: the I/O
// thread only. Kept alive by the hub until it closes, and by its pending operations.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/hub.hpp"
#include "http/phase.hpp"
#include "http/request_parser.hpp"

namespace bddlock::http {

class Session : public std::enable_shared_from_this<Session> {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Session(Hub& hub, Socket socket, std::string peer);

  void start();
  void start_refused();  // one connection too many: says so and ends

  // An answer or a piece of one from the mailbox; what it leads to happens at the next advance().
  void note_answer(std::uint64_t number, api::Response&& response);
  void note_piece(std::uint64_t number, Piece piece);
  void advance();

  void check_time(TimePoint now);
  void drain();  // ends as soon as what is in flight is answered
  void close();

  [[nodiscard]] bool refused() const { return refused_; }

  std::size_t index = 0;         // in hub.sessions
  bool advance_pending = false;  // already among those that advance after this batch of answers

 private:
  // Reading.
  void wait_readable();
  void on_readable();
  void discard_input();
  void note_input(std::string_view bytes);
  void note_input_end();
  std::size_t take_requests(std::string_view bytes);
  bool take_one(std::string_view& bytes);
  bool take_plain(std::string_view& bytes);
  [[nodiscard]] bool may_read() const;

  // Requests and their answers.
  void submit(ReceivedRequest& received);
  void refuse(const Malformed& why);
  Exchange& add_exchange(ReceivedRequest& received);
  Exchange* find(std::uint64_t number);
  void note_client_gone();
  void pull_piece();

  // Writing.
  void write_answers();
  void compose(std::string& out);
  bool compose_front(std::string& out);
  bool compose_piece(std::string& out, Exchange& exchange);
  void compose_continue(std::string& out);
  void report(const Exchange& exchange);
  void write(std::string_view bytes);
  void wait_writable();
  void on_writable();

  // The end.
  void finish();
  void reset();

  [[nodiscard]] Phase phase() const;
  void note_phase();

  Hub& hub_;
  Socket socket_;
  std::string peer_;  // empty where nobody asked for access lines
  Exchanges exchanges_;
  std::shared_ptr<api::Client> client_;  // from the first request on
  std::uint64_t next_number_ = 0;

  std::optional<RequestParser> parser_;  // while a request has begun and is not whole
  std::string unparsed_;                 // bytes for it, or behind it, that it could not use yet
  std::string unwritten_;                // bytes that the socket did not take
  std::size_t unwritten_from_ = 0;
  std::size_t written_since_ = 0;

  TimePoint since_;  // of the phase, or of its last progress
  Phase phase_ = Phase::idle;
  bool waiting_readable_ = false;
  bool stalled_ = false;        // unparsed_ waits for may_read(), not for more bytes
  bool continue_sent_ = false;  // for the request in the parser
  bool input_ended_ = false;    // no more requests are read
  bool peer_ended_ = false;     // nothing will come any more
  bool lingering_ = false;
  bool refused_ = false;
  bool closed_ = false;
};

}  // namespace bddlock::http
