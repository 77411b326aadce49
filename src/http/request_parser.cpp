// Called by session.cpp. The only file of this folder that includes Beast, which takes long to
// compile.
#include "http/request_parser.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "http/request_rules.hpp"

namespace bddlock::http {
namespace {

namespace beast = boost::beast;
using BeastError = beast::error_code;
using BeastView = beast::string_view;

// "0" CR LF CR LF, which Beast takes whole or not at all, so a chunked body never ends in fewer.
// Given only a part of it twice, Beast 1.81 fails an assertion.
constexpr std::size_t last_chunk_bytes = 5;

std::string_view as_view(BeastView text) { return {text.data(), text.size()}; }

}  // namespace

class RequestParser::Impl final : public beast::http::basic_parser<true> {
 public:
  Impl(std::size_t header_bytes_max, std::size_t body_bytes_max)
      : header_bytes_max_(header_bytes_max), body_bytes_max_(body_bytes_max) {
    // Beast counts each call's bytes anew, so this bounds only its search; note_header() has the
    // real limit.
    header_limit(static_cast<std::uint32_t>(header_bytes_max + 1));
    body_limit(body_bytes_max);
  }

  std::size_t take(std::string_view bytes) {
    std::size_t taken = 0;
    while (state_ == State::incomplete && taken < bytes.size()) {
      const auto rest = bytes.substr(taken);
      if (header_done_ && chunked() && rest.size() < last_chunk_bytes) break;
      const bool in_header = !header_done_;
      BeastError error;
      const std::size_t used = put(boost::asio::const_buffer(rest.data(), rest.size()), error);
      taken += used;
      if (in_header) note_header(rest, used, error);
      if (state_ == State::incomplete) note_outcome(rest, used, error);
      if (used == 0) break;
    }
    return taken;
  }

  State state_ = State::incomplete;
  ReceivedRequest received_;
  Malformed malformed_;
  bool header_done_ = false;
  bool expects_continue_ = false;

 private:
  void refuse(Malformed malformed) {
    state_ = State::malformed;
    malformed_ = std::move(malformed);
  }

  // A field's refusal reaches here as an error code of Beast's; refuse() already has the better
  // sentence.
  void refuse_field(Malformed malformed, BeastError& error) {
    refuse(std::move(malformed));
    error = beast::http::make_error_code(beast::http::error::bad_value);
  }

  void note_header(std::string_view rest, std::size_t used, const BeastError& error) {
    if (state_ == State::malformed) return;
    header_bytes_ += used;
    const bool unfinished = error == beast::http::error::need_more;
    const std::size_t known = header_bytes_ + (unfinished ? rest.size() - used : 0);
    if (known > header_bytes_max_ || error == beast::http::error::header_limit)
      return refuse(header_too_large(header_bytes_max_));
    if (has_folded_line(rest.substr(0, used))) return refuse(folded_line());
    // Beast waits for an empty line before it looks at the rest, and with bare LFs none will come.
    if (unfinished && has_bare_line_feed(rest.substr(used), used == 0 ? searched_bytes_ : 0))
      return refuse(bare_line_feed());
    searched_bytes_ = rest.size() - used;
  }

  void note_outcome(std::string_view rest, std::size_t used, const BeastError& error) {
    if (!error) {
      if (is_done()) finish();
      return;
    }
    if (error == beast::http::error::need_more) {
      // Only a chunk's header or a trailer can grow without an end here; a header was measured
      // above.
      if (header_done_ && rest.size() - used > header_bytes_max_)
        refuse(chunk_header_too_large(header_bytes_max_));
      return;
    }
    refuse(explain(error, rest));
  }

  void finish() {
    received_.keep_alive = keep_alive();
    state_ = State::complete;
  }

  Malformed explain(const BeastError& why, std::string_view rest) const {
    using beast::http::error;
    if (why == error::bad_version)
      return has_bare_line_feed(rest, 0) ? bare_line_feed() : bad_version(rest);
    if (why == error::body_limit) return body_too_large(body_bytes_max_);
    if (why == error::bad_method) return bad_start("the method");
    if (why == error::bad_target) return bad_start("the request target");
    if (why == error::bad_content_length || why == error::multiple_content_length)
      return bad_content_length();
    if (why == error::bad_transfer_encoding) return two_lengths();
    if (why == error::bad_chunk || why == error::bad_chunk_extension) return bad_chunk();
    return has_bare_line_feed(rest, 0) ? bare_line_feed() : bad_field();
  }

  void on_request_impl(beast::http::verb, BeastView method, BeastView target, int version,
                       BeastError& error) override {
    received_.method.assign(method.data(), method.size());
    received_.http_1_0 = version == 10;
    received_.request.method = method_named(as_view(method));
    if (auto path = origin_form(as_view(target)))
      received_.request.target.assign(*path);
    else
      refuse_field(bad_start("the request target"), error);
  }

  void on_field_impl(beast::http::field field, BeastView, BeastView value,
                     BeastError& error) override {
    if (header_done_) return;  // a trailer: it may not change how the request is understood
    switch (field) {
      case beast::http::field::authorization:
        return note_authorization(as_view(value), error);
      case beast::http::field::content_length:
        return note_content_length(as_view(value), error);
      case beast::http::field::transfer_encoding:
        return note_transfer_encoding(as_view(value), error);
      case beast::http::field::expect:
        return note_expect(as_view(value), error);
      default:
        return;
    }
  }

  void note_authorization(std::string_view value, BeastError& error) {
    if (received_.request.authorization) return refuse_field(repeated("Authorization"), error);
    received_.request.authorization.emplace(value);
  }

  void note_content_length(std::string_view value, BeastError& error) {
    const bool digits = std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
    if (std::exchange(has_length_, true) || !digits) refuse_field(bad_content_length(), error);
  }

  void note_transfer_encoding(std::string_view value, BeastError& error) {
    if (has_length_) return refuse_field(two_lengths(), error);
    if (received_.http_1_0) return refuse_field(chunked_in_http_1_0(), error);
    if (!same_token(value, "chunked")) refuse_field(unknown_transfer_encoding(), error);
  }

  void note_expect(std::string_view value, BeastError& error) {
    if (!same_token(value, "100-continue")) return refuse_field(unknown_expectation(), error);
    expects_continue_ = !received_.http_1_0;
  }

  void on_header_impl(BeastError&) override { header_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, BeastError&) override {}
  std::size_t on_body_impl(BeastView body, BeastError&) override {
    received_.request.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, BeastView, BeastError&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView body, BeastError& error) override {
    return on_body_impl(body, error);
  }
  void on_finish_impl(BeastError&) override {}
  void on_response_impl(int, BeastView, int, BeastError&) override {}

  std::size_t header_bytes_max_;
  std::size_t body_bytes_max_;
  std::size_t header_bytes_ = 0;
  std::size_t searched_bytes_ = 0;  // of those that were not used, for a bare LF
  bool has_length_ = false;
};

RequestParser::RequestParser(std::size_t header_bytes_max, std::size_t body_bytes_max)
    : impl_(std::make_unique<Impl>(header_bytes_max, body_bytes_max)) {}
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;
RequestParser::~RequestParser() = default;

std::size_t RequestParser::take(std::string_view bytes) { return impl_->take(bytes); }
RequestParser::State RequestParser::state() const { return impl_->state_; }
bool RequestParser::awaits_continue() const {
  return impl_->expects_continue_ && impl_->header_done_ && impl_->state_ == State::incomplete;
}
ReceivedRequest& RequestParser::received() { return impl_->received_; }
const Malformed& RequestParser::malformed() const { return impl_->malformed_; }

}  // namespace bddlock::http
