#include "http_answer.hpp"
#include "session.hpp"
#include "v1_request.hpp"

namespace bddlock::bench {
namespace {

class V1Session final : public Session {
 public:
  V1Session(const std::string& token, MakeId make_id)
      : requests_(token), make_id_(std::move(make_id)) {}

  std::string_view opening() override { return {}; }

  std::string_view request(Call call, std::string_view name) override {
    if (call == Call::release) {
      buffer_ = requests_.release(claim_id_);
    } else {
      request_id_ = make_id_();
      buffer_ = requests_.claim(name, request_id_, 0);
    }
    return buffer_;
  }

  Reply read(Call call, std::string_view name, std::string_view received) override {
    const HttpAnswer answer = parse_http_answer(received);
    if (answer.bytes == 0) return {};
    if (call == Call::release) return read_release(name, answer, received);
    if (answer.status == 409 && json_string(answer.body, "code") == "none_available")
      return {Verdict::refused, answer.bytes};
    const auto claim = read_claim(answer.body, request_id_, name);
    if (answer.status != 200 || !claim) return wrong("no claim of this request", received);
    claim_id_ = claim->claim_id;
    fencing_token_ = claim->fencing_token;
    return {Verdict::done, answer.bytes, {}, claim->stack_name, fencing_token_};
  }

 private:
  [[nodiscard]] Reply read_release(std::string_view stack_name, const HttpAnswer& answer,
                                   std::string_view received) const {
    if (answer.status == 200 && is_release_of(answer.body, stack_name, fencing_token_))
      return {Verdict::done, answer.bytes};
    return wrong("no release of this claim", received);
  }

  V1Requests requests_;
  MakeId make_id_;
  std::string request_id_;
  std::string claim_id_;
  std::uint64_t fencing_token_ = 0;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<Session> make_v1_session(const std::string& token, MakeId make_id) {
  return std::make_unique<V1Session>(token, std::move(make_id));
}

}  // namespace bddlock::bench
