// Called by connection.cpp. The only file of this folder that includes Beast.
#include "net/answer_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace bddlock::net {
namespace {

namespace beast = boost::beast;
using BeastError = beast::error_code;
using BeastView = beast::string_view;

constexpr std::size_t header_bytes_max = 64 * 1024;

// "0" CR LF CR LF, which Beast takes whole or not at all, so a chunked body never ends in fewer.
// Given only a part of it twice, Beast 1.81 fails an assertion.
constexpr std::size_t last_chunk_bytes = 5;

bool could_begin(std::string_view bytes) {
  constexpr std::string_view start = "HTTP/";
  return bytes.substr(0, start.size()) == start.substr(0, bytes.size());
}

}  // namespace

class AnswerParser::Impl final : public beast::http::basic_parser<false> {
 public:
  Impl(bool to_head, const std::function<bool(std::string_view)>& on_body_piece)
      : on_body_piece_(on_body_piece) {
    header_limit(static_cast<std::uint32_t>(header_bytes_max));
    body_limit(boost::none);
    skip(to_head);
  }

  std::size_t take(std::string_view bytes) {
    std::size_t taken = 0;
    while (state_ == State::incomplete && taken < bytes.size()) {
      const auto rest = bytes.substr(taken);
      // Beast waits for eight bytes; a TLS alert, for one, has seven.
      if (header_bytes_ == 0 && !could_begin(rest)) state_ = State::not_http;
      if (state_ != State::incomplete) break;
      if (is_header_done() && chunked() && rest.size() < last_chunk_bytes) break;
      const bool in_header = !is_header_done();
      BeastError error;
      const std::size_t used = put(boost::asio::const_buffer(rest.data(), rest.size()), error);
      taken += used;
      if (in_header) header_bytes_ += used;
      note(error, rest.size() - used);
      if (used == 0) break;
    }
    return taken;
  }

  void take_end() {
    BeastError error;
    if (got_some()) put_eof(error);
    if (state_ == State::incomplete && !error && is_done()) state_ = State::complete;
  }

  State state_ = State::incomplete;
  ClientResponse response_;

 private:
  void note(const BeastError& error, std::size_t unused) {
    if (state_ != State::incomplete) return;
    if (error == beast::http::error::header_limit || header_bytes_ > header_bytes_max ||
        (error == beast::http::error::need_more && unused > header_bytes_max))
      state_ = State::too_large;
    else if (error && error != beast::http::error::need_more)
      state_ = State::not_http;
    else if (is_done())
      state_ = State::complete;
  }

  std::size_t note_body(BeastView body, BeastError& error) {
    if (on_body_piece_ && response_.status / 100 == 2) {
      if (!on_body_piece_({body.data(), body.size()})) fail(State::stopped, error);
    } else if (response_.body.size() + body.size() > answer_bytes_max) {
      fail(State::too_large, error);
    } else {
      response_.body.append(body.data(), body.size());
    }
    return body.size();
  }

  void fail(State why, BeastError& error) {
    state_ = why;
    error = beast::http::make_error_code(beast::http::error::body_limit);
  }

  void on_response_impl(int status, BeastView, int, BeastError&) override {
    response_.status = static_cast<unsigned>(status);
  }
  void on_field_impl(beast::http::field, BeastView name, BeastView value, BeastError&) override {
    response_.headers.emplace_back(name, value);
  }
  void on_header_impl(BeastError&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, BeastError&) override {}
  std::size_t on_body_impl(BeastView body, BeastError& error) override {
    return note_body(body, error);
  }
  void on_chunk_header_impl(std::uint64_t, BeastView, BeastError&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView body, BeastError& error) override {
    return note_body(body, error);
  }
  void on_finish_impl(BeastError&) override {}
  void on_request_impl(beast::http::verb, BeastView, BeastView, int, BeastError&) override {}

  const std::function<bool(std::string_view)>& on_body_piece_;
  std::size_t header_bytes_ = 0;
};

AnswerParser::AnswerParser(bool to_head, std::function<bool(std::string_view)> on_body_piece)
    : to_head_(to_head),
      on_body_piece_(std::move(on_body_piece)),
      impl_(std::make_unique<Impl>(to_head_, on_body_piece_)) {}
AnswerParser::~AnswerParser() = default;

std::size_t AnswerParser::take(std::string_view bytes) {
  std::size_t taken = impl_->take(bytes);
  while (impl_->state_ == State::complete && impl_->response_.status / 100 == 1) {
    impl_ = std::make_unique<Impl>(to_head_, on_body_piece_);
    taken += impl_->take(bytes.substr(taken));
  }
  return taken;
}

void AnswerParser::take_end() { impl_->take_end(); }
AnswerParser::State AnswerParser::state() const { return impl_->state_; }
ClientResponse& AnswerParser::response() { return impl_->response_; }
bool AnswerParser::keep_alive() const { return impl_->keep_alive(); }

}  // namespace bddlock::net
