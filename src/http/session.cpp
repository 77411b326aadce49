// Called by server.cpp; calls on_request and on_access. The writing half is in session_write.cpp.
#include "http/session.hpp"

#include <boost/asio/buffer.hpp>

#include "http/plain_request.hpp"
#include "http/request_rules.hpp"

namespace bddlock::http {
namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
namespace {

constexpr std::size_t written_max = 64;               // answers, between two give_back()
constexpr std::size_t written_body_bytes_max = 2048;  // of each; longer ones are destroyed at once

}  // namespace

void Hub::add(std::shared_ptr<Session> session) {
  session->index = sessions.size();
  if (session->refused()) ++refused;
  sessions.push_back(std::move(session));
}

void Hub::remove(Session& session) {
  const std::size_t at = session.index;
  if (session.refused()) --refused;
  std::swap(sessions[at], sessions.back());
  sessions[at]->index = at;
  sessions.pop_back();
}

void Hub::note_written(api::Response&& response) {
  if (written.size() < written_max && response.body.capacity() <= written_body_bytes_max)
    written.push_back(std::move(response));
}

Session::Session(Hub& hub, Socket socket, std::string peer)
    : hub_(hub),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      since_(std::chrono::steady_clock::now()) {}

void Session::start() {
  hub_.add(shared_from_this());
  advance();
}

void Session::start_refused() {
  refused_ = true;
  hub_.add(shared_from_this());
  refuse({503, "too_many_connections",
          "this server has as many connections open as it allows; try again in a second"});
  exchanges_.back().response.headers.emplace_back("Retry-After", "1");
  advance();
}

void Session::advance() {
  // The last owner may be the hub, which lets go in close().
  const auto self = shared_from_this();
  if (closed_) return;
  write_answers();
  while (!closed_ && stalled_ && may_read()) {
    note_input({});
    write_answers();
  }
  if (closed_) return;
  if (input_ended_ && exchanges_.empty() && unwritten_.empty() && !lingering_) finish();
  if (closed_) return;
  if (may_read() || lingering_) wait_readable();
  note_phase();
}

bool Session::may_read() const {
  // A client that does not take its answers gets no more of them: it must read before we do.
  return !input_ended_ && unwritten_.empty() && exchanges_.size() < hub_.limits.pipelined;
}

void Session::wait_readable() {
  if (std::exchange(waiting_readable_, true)) return;
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const ErrorCode&) {
    self->waiting_readable_ = false;
    if (!self->closed_) self->on_readable();
  });
}

void Session::on_readable() {
  if (lingering_) return discard_input();
  if (!may_read()) return;  // advance() waits again when it may
  ErrorCode error;
  const auto count = socket_.read_some(asio::buffer(hub_.read_buffer), error);
  if (error == asio::error::eof)
    note_input_end();
  else if (error && error != asio::error::would_block)
    return close();
  else if (!error)
    note_input({hub_.read_buffer.data(), count});
  advance();
}

void Session::discard_input() {
  ErrorCode error;
  static_cast<void>(socket_.read_some(asio::buffer(hub_.read_buffer), error));
  if (error && error != asio::error::would_block) return close();
  wait_readable();
}

void Session::note_input(std::string_view bytes) {
  if (unparsed_.empty()) {
    unparsed_.assign(bytes.substr(take_requests(bytes)));
  } else {
    unparsed_.append(bytes);
    unparsed_.erase(0, take_requests(unparsed_));
  }
  if (unparsed_.empty()) std::string().swap(unparsed_);
}

// A client that was killed looks the same as one that has only shut down its sending half: no
// client of ours does that while it waits for an answer.
void Session::note_client_gone() {
  if (client_) client_->note_gone();
}

void Session::note_input_end() {
  peer_ended_ = true;
  if (!exchanges_.empty()) note_client_gone();
  if (parser_) return refuse(ended_early());
  input_ended_ = true;
}

std::size_t Session::take_requests(std::string_view bytes) {
  const std::size_t given = bytes.size();
  while (!bytes.empty() && may_read() && take_one(bytes)) {
  }
  stalled_ = !bytes.empty() && !may_read() && !input_ended_;
  return input_ended_ ? given : given - bytes.size();
}

// False when it needs more bytes than there are.
bool Session::take_one(std::string_view& bytes) {
  if (!parser_) {
    // Some clients send an empty line behind a body.
    while (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
    if (bytes.empty() || bytes == "\r") return false;
    if (take_plain(bytes)) return true;
    parser_.emplace(hub_.limits.header_bytes, hub_.limits.body_bytes);
    since_ = std::chrono::steady_clock::now();
  }
  bytes.remove_prefix(parser_->take(bytes));
  if (parser_->state() == RequestParser::State::incomplete) return false;
  if (parser_->state() == RequestParser::State::malformed) {
    refuse(parser_->malformed());
  } else {
    submit(parser_->received());
    parser_.reset();
    continue_sent_ = false;
  }
  return true;
}

bool Session::take_plain(std::string_view& bytes) {
  ReceivedRequest received;
  const std::size_t used =
      read_plain_request(bytes, hub_.limits.header_bytes, hub_.limits.body_bytes, received);
  if (used == 0) return false;
  bytes.remove_prefix(used);
  submit(received);
  return true;
}

Exchange& Session::add_exchange(ReceivedRequest& received) {
  Exchange& exchange = hub_.spare_exchanges.add_to(exchanges_);
  exchange.number = next_number_++;
  exchange.received = std::chrono::steady_clock::now();
  exchange.form.http_1_0 = received.http_1_0;
  exchange.form.head = received.request.method == api::Method::head;
  if (hub_.on_access) {
    exchange.method = received.method;
    exchange.target = received.request.target;
  }
  return exchange;
}

void Session::submit(ReceivedRequest& received) {
  Exchange& exchange = add_exchange(received);
  since_ = exchange.received;
  exchange.form.close = !received.keep_alive || hub_.draining;
  input_ended_ = exchange.form.close;
  if (!client_) client_ = std::make_shared<api::Client>();
  received.request.client = client_;
  try {
    hub_.on_request(std::move(received.request),
                    Answer<api::Response>(hub_.mailbox, weak_from_this(), exchange.number));
  } catch (...) {
    // The Answer was destroyed on the way here, which gives 500 to this request; the others go on.
  }
}

void Session::refuse(const Malformed& why) {
  ReceivedRequest nothing;
  Exchange& exchange = add_exchange(parser_ ? parser_->received() : nothing);
  exchange.form.close = true;
  exchange.response = problem(why);
  parser_.reset();  // only now: `why` may be in it
  exchange.answered = true;
  input_ended_ = true;
}

Exchange* Session::find(std::uint64_t number) {
  for (auto& exchange : exchanges_)
    if (exchange.number == number) return &exchange;
  return nullptr;
}

void Session::note_answer(std::uint64_t number, api::Response&& response) {
  Exchange* exchange = find(number);
  if (exchange == nullptr) return;
  exchange->response = std::move(response);
  exchange->answered = true;
}

void Session::note_piece(std::uint64_t number, Piece piece) {
  Exchange* exchange = find(number);
  if (exchange == nullptr) return;
  if (!piece) return reset();
  exchange->pulling = false;
  exchange->piece = std::move(*piece);
}

void Session::check_time(TimePoint now) {
  if (closed_ || !overdue(phase_, now - since_, hub_.limits)) return;
  if (phase_ == Phase::writing) return reset();
  if (phase_ != Phase::receiving) return close();
  refuse(too_slow(static_cast<std::size_t>(hub_.limits.request_time.count())));
  advance();
}

void Session::drain() {
  if (closed_ || input_ended_) return;
  if (!exchanges_.empty()) {
    exchanges_.back().form.close = true;
    input_ended_ = true;
    parser_.reset();
    advance();
  } else if (!unwritten_.empty()) {
    input_ended_ = true;
  } else if (!parser_) {
    on_readable();  // a request that has just arrived is still served
    if (!closed_ && exchanges_.empty() && !parser_ && !lingering_) close();
  }
}

void Session::finish() {
  ErrorCode ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  if (peer_ended_ || ignored) return close();
  lingering_ = true;
}

// Ends the connection so that the client cannot take what it got for a whole answer.
void Session::reset() {
  ErrorCode ignored;
  socket_.set_option(Socket::linger(true, 0), ignored);
  close();
}

void Session::close() {
  if (std::exchange(closed_, true)) return;
  ErrorCode ignored;
  socket_.close(ignored);
  note_client_gone();
  hub_.remove(*this);
}

Phase Session::phase() const {
  if (lingering_) return Phase::lingering;
  if (!unwritten_.empty()) return Phase::writing;
  if (parser_ && may_read()) return Phase::receiving;
  return exchanges_.empty() ? Phase::idle : Phase::answering;
}

void Session::note_phase() {
  const Phase now = phase();
  if (now == phase_) return;
  phase_ = now;
  since_ = std::chrono::steady_clock::now();
}

}  // namespace bddlock::http
