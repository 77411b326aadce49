// Requests and answers on a connection: the second half of connection.hpp. Called by client.cpp.
#include "net/connection.hpp"

#include <array>

namespace bddlock::net {
namespace {

using State = Transfer::State;

bool is_over(const Transfer& done) {
  return done.state == State::timed_out || done.state == State::stopped;
}

}  // namespace

Connection::Connection(std::unique_ptr<Stream> stream, std::string peer)
    : stream_(std::move(stream)), peer_(std::move(peer)) {}

bool Connection::alive() {
  std::array<char, 1> byte;
  // Bytes that nobody asked for (a 408 on its way out, say) would be taken for the next answer.
  // What TLS sends of its own accord, its tickets, is read by this too.
  return stream_->read_some(byte).state == State::must_read;
}

Transfer Connection::send(std::string_view request, const Limits& limits) {
  Transfer done{.state = State::moved};
  while (done.state == State::moved && sent_bytes_ < request.size()) {
    const auto rest = request.substr(sent_bytes_);
    done = finish(*stream_, limits, [&] { return stream_->write_some(rest); });
    sent_bytes_ += done.bytes;
  }
  return done;
}

Transfer Connection::receive(AnswerParser& answer, const Limits& limits) {
  std::string unused;
  std::array<char, 16 * 1024> buffer;
  Transfer done{.state = State::moved};
  while (answer.state() == AnswerParser::State::incomplete) {
    done = finish(*stream_, limits, [&] { return stream_->read_some(buffer); });
    if (done.state == State::ended) answer.take_end();
    if (done.state != State::moved) return done;
    answer_began_ = true;
    unused.append(buffer.data(), done.bytes);
    unused.erase(0, answer.take(unused));
  }
  met_tls_ = unused.starts_with('\x15');
  // More than one answer to one request: the rest would be taken for the next one's.
  if (!unused.empty()) reusable_ = false;
  return done;
}

Connection::Result<ClientResponse> Connection::exchange(std::string_view request,
                                                        AnswerParser& answer,
                                                        const Limits& limits) {
  sent_bytes_ = 0;
  answer_began_ = false;
  Transfer last = send(request, limits);
  const bool whole = last.state == State::moved;
  // A server may answer (413, 401) and end before it has read all: that answer tells more than the
  // error.
  if (whole || (!is_over(last) && sent_bytes_ > 0)) {
    const Transfer received = receive(answer, limits);
    if (whole) last = received;
  }
  const bool complete = answer.state() == AnswerParser::State::complete;
  reusable_ = reusable_ && complete && last.state == State::moved && answer.keep_alive();
  if (complete) return std::move(answer.response());
  return std::unexpected(explain(answer, last));
}

NetError Connection::explain_not_http() const {
  // It cannot have taken these bytes for a request.
  if (met_tls_)
    return {.failure = Failure::not_sent,
            .detail = peer_ + " speaks TLS: write https:// instead of http://",
            .permanent = true};
  return {.failure = Failure::outcome_unknown,
          .detail = "what listens at " + peer_ + " is not an HTTP server"};
}

NetError Connection::explain(const AnswerParser& answer, const Transfer& last) const {
  switch (answer.state()) {
    case AnswerParser::State::not_http:
      return explain_not_http();
    case AnswerParser::State::too_large:
      return {Failure::outcome_unknown,
              "the answer of " + peer_ + " is larger than this client takes"};
    case AnswerParser::State::stopped:
      return {Failure::outcome_unknown, "the answer of " + peer_ + " could not be stored"};
    case AnswerParser::State::incomplete:
    case AnswerParser::State::complete:
      break;
  }
  const bool unsent = sent_bytes_ == 0;
  if (last.state == State::timed_out)
    return {unsent ? Failure::not_sent : Failure::timed_out,
            "timed out waiting for an answer from " + peer_};
  if (last.state == State::stopped)
    return {unsent ? Failure::not_sent : Failure::outcome_unknown,
            "stopped while waiting for an answer from " + peer_};
  const std::string why = last.why.empty() ? "" : ": " + last.why;
  if (unsent) return {Failure::not_sent, "the connection to " + peer_ + " broke" + why};
  const char* when =
      answer_began_ ? " broke in the middle of the answer" : " ended before an answer came";
  return {Failure::outcome_unknown, "the connection to " + peer_ + when + why};
}

}  // namespace bddlock::net
