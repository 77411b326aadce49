#include <strings.h>

#include <charconv>

#include "session.hpp"

namespace bddlock::bench {
namespace {

struct HttpAnswer {
  int status = 0;
  std::string_view body;
  std::size_t bytes = 0;  // of the whole answer; 0: not all of it is there
};

constexpr std::string_view length_header = "\r\ncontent-length:";

// Only what this project's own server sends: HTTP/1.1 with a Content-Length, no trailers.
std::size_t content_length(std::string_view head) {
  for (std::size_t at = head.find('\r'); at != std::string_view::npos;
       at = head.find('\r', at + 1)) {
    if (head.size() - at < length_header.size()) break;
    if (strncasecmp(head.data() + at, length_header.data(), length_header.size()) != 0) continue;
    std::string_view value = head.substr(at + length_header.size());
    while (value.starts_with(' ')) value.remove_prefix(1);
    std::size_t length = 0;
    std::from_chars(value.data(), value.data() + value.size(), length);
    return length;
  }
  return 0;
}

HttpAnswer parse(std::string_view received) {
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string_view::npos || end < 12) return {};
  const std::size_t body = end + 4;
  const std::size_t length = content_length(received.substr(0, body));
  if (received.size() < body + length) return {};
  HttpAnswer answer{0, received.substr(body, length), body + length};
  std::from_chars(received.data() + 9, received.data() + 12, answer.status);
  return answer;
}

class SeedSession final : public Session {
 public:
  explicit SeedSession(const std::string& token)
      : rest_(" HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: " + token +
              "\r\nContent-Length: 0\r\n\r\n") {}

  std::string_view opening() override { return {}; }

  std::string_view request(Call call, std::string_view stack_name) override {
    buffer_ = call == Call::claim ? "PUT /claim-stack/" : "PUT /release-stack/";
    buffer_.append(stack_name).append(rest_);
    return buffer_;
  }

  Reply read(Call call, std::string_view, std::string_view received) override {
    const HttpAnswer answer = parse(received);
    if (answer.bytes == 0) return {};
    // The words are the seed's, with its slip of the pen.
    const std::string_view expected = call == Call::claim
                                          ? R"({"info": "Successfully claimed stack"})"
                                          : R"({"info": "Successfully releaseed stack"})";
    if (answer.status == 200 && answer.body == expected) return {Verdict::done, answer.bytes, {}};
    if (answer.status == 400 && answer.body == R"({"error": "Transaction Cancelled"})") {
      return {Verdict::refused, answer.bytes, {}};
    }
    return wrong("an answer that the seed's API does not have", received);
  }

 private:
  std::string rest_;
  std::string buffer_;
};

class HealthSession final : public Session {
 public:
  std::string_view opening() override { return {}; }

  std::string_view request(Call, std::string_view) override {
    return "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  }

  Reply read(Call, std::string_view, std::string_view received) override {
    const HttpAnswer answer = parse(received);
    if (answer.bytes == 0) return {};
    if (answer.status == 200) return {Verdict::done, answer.bytes, {}};
    return wrong("/healthz is not 200", received);
  }
};

}  // namespace

std::unique_ptr<Session> make_seed_session(const std::string& token) {
  return std::make_unique<SeedSession>(token);
}

std::unique_ptr<Session> make_health_session() { return std::make_unique<HealthSession>(); }

}  // namespace bddlock::bench
