#include "http_answer.hpp"
#include "session.hpp"

namespace bddlock::bench {
namespace {

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
    const HttpAnswer answer = parse_http_answer(received);
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
    const HttpAnswer answer = parse_http_answer(received);
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
