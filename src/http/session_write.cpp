// The writing half of a session: answers in order into one buffer, and that into the socket.
#include <boost/asio/buffer.hpp>

#include "api/log_target.hpp"
#include "http/session.hpp"

namespace bddlock::http {
namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
namespace {

constexpr std::size_t compose_bytes_max = 256 * 1024;  // and one answer more
constexpr std::size_t keep_bytes_max =
    1024 * 1024;  // of the shared buffer, after a very long answer

// While a client takes at least this much within request_time, it is only slow, not gone.
constexpr std::size_t progress_bytes = 16 * 1024;

}  // namespace

void Session::write_answers() {
  std::string& out = hub_.write_buffer;
  while (!closed_ && unwritten_.empty()) {
    out.clear();
    compose(out);
    if (out.empty()) return pull_piece();
    write(out);
    if (out.capacity() > keep_bytes_max) std::string().swap(out);
  }
}

void Session::compose(std::string& out) {
  while (!exchanges_.empty() && out.size() < compose_bytes_max) {
    if (!compose_front(out)) return;
    report(exchanges_.front());
    const bool last = exchanges_.front().form.close;
    hub_.note_written(std::move(exchanges_.front().response));
    hub_.spare_exchanges.take_from(exchanges_);
    // Nothing can follow, not even what was asked for in the meantime.
    if (last) exchanges_.clear();
  }
  compose_continue(out);
}

// Whether the first exchange is now written to its end.
bool Session::compose_front(std::string& out) {
  Exchange& exchange = exchanges_.front();
  if (!exchange.answered) return false;
  if (exchange.header_written) return compose_piece(out, exchange);
  exchange.header_written = true;
  auto& [framing, head, close, http_1_0] = exchange.form;
  if (exchange.response.more) {
    framing = http_1_0 ? Framing::until_close : Framing::chunked;
    close = close || http_1_0;
    input_ended_ = input_ended_ || close;
  }
  append_answer(out, exchange.response, exchange.form, hub_.date.at(std::time(nullptr)));
  exchange.body_bytes = head ? 0 : exchange.response.body.size();
  if (framing == Framing::length || head) return true;
  if (!exchange.response.body.empty()) append_piece(out, exchange.response.body, framing);
  exchange.source = std::make_shared<api::Pull>(std::move(exchange.response.more));
  std::string().swap(exchange.response.body);
  return false;
}

bool Session::compose_piece(std::string& out, Exchange& exchange) {
  if (!exchange.piece) return false;
  const std::string piece = std::move(*exchange.piece);
  exchange.piece.reset();
  exchange.body_bytes += piece.size();
  append_piece(out, piece, exchange.form.framing);
  return piece.empty();
}

void Session::compose_continue(std::string& out) {
  if (!exchanges_.empty() || continue_sent_ || !parser_ || !parser_->awaits_continue()) return;
  continue_sent_ = true;
  out.append("HTTP/1.1 100 Continue\r\n\r\n");
}

// The next piece is asked for only when the last one is in the socket.
void Session::pull_piece() {
  if (exchanges_.empty()) return;
  Exchange& exchange = exchanges_.front();
  if (!exchange.source || exchange.pulling) return;
  exchange.pulling = true;
  auto done = [source = exchange.source,
               answer = Answer<Piece>(hub_.mailbox, weak_from_this(), exchange.number)](
                  Piece piece) mutable { answer(std::move(piece)); };
  try {
    (*exchange.source)(std::move(done));
  } catch (...) {
    // The Answer was destroyed on the way here, which breaks the stream.
  }
}

void Session::report(const Exchange& exchange) {
  if (!hub_.on_access) return;
  std::string made;
  std::string_view target = exchange.target;
  if (!exchange.response.log_target.empty()) {
    target = exchange.response.log_target;
  } else if (!api::is_loggable(target)) {
    made = api::loggable_target(target);
    target = made;
  }
  hub_.on_access(Access{
      .peer = peer_,
      .method = exchange.method,
      .target = target,
      .status = exchange.response.status,
      .bytes = exchange.body_bytes,
      .took = std::chrono::duration_cast<std::chrono::microseconds>(
          std::chrono::steady_clock::now() - exchange.received),
      .code = exchange.response.code,
  });
}

// Writes at once what the socket takes; the rest waits in unwritten_.
void Session::write(std::string_view bytes) {
  while (!bytes.empty()) {
    ErrorCode error;
    const auto count = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
    if (error && error != asio::error::would_block) return close();
    if (error) break;
    bytes.remove_prefix(count);
  }
  if (bytes.empty()) return;
  unwritten_.assign(bytes);
  wait_writable();
}

void Session::wait_writable() {
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const ErrorCode&) {
    if (!self->closed_) self->on_writable();
  });
}

void Session::on_writable() {
  ErrorCode error;
  const std::string_view rest = std::string_view(unwritten_).substr(unwritten_from_);
  const auto count = socket_.write_some(asio::buffer(rest.data(), rest.size()), error);
  if (error && error != asio::error::would_block) return close();
  unwritten_from_ += count;
  written_since_ += count;
  if (written_since_ >= progress_bytes || count == rest.size()) {
    written_since_ = 0;
    since_ = std::chrono::steady_clock::now();
  }
  if (count < rest.size()) return wait_writable();
  std::string().swap(unwritten_);
  unwritten_from_ = 0;
  advance();
}

}  // namespace bddlock::http
