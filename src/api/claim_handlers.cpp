// Claims of the API v1. Called by api.cpp, calls the service; the bodies are
// wire/claim_bodies.hpp's and wire/claim_document.hpp's.
#include <algorithm>
#include <atomic>
#include <boost/json/serialize.hpp>

#include "api/claim_answers.hpp"
#include "api/handlers.hpp"
#include "api/log_target.hpp"
#include "api/routes.hpp"
#include "core/base64url.hpp"
#include "wire/claim_bodies.hpp"
#include "wire/claim_document.hpp"
#include "wire/nearest.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::api {
namespace {

constexpr int id_words = 2;  // 128 bits

// The time first, so that a store which keeps requests in the order of their ids puts new ones side
// by side; then too much chance for two of one moment to meet.
core::RequestId new_request_id(const ApiOptions& options) {
  using std::chrono::milliseconds;
  const auto at = std::chrono::duration_cast<milliseconds>(options.now().time_since_epoch());
  std::string bytes;
  for (int shift = 40; shift >= 0; shift -= 8)
    bytes += static_cast<char>(at.count() >> shift & 255);
  for (int word = 0; word < id_words; ++word) {
    const std::uint64_t number = options.random();
    for (unsigned shift = 0; shift < 64; shift += 8)
      bytes += static_cast<char>(number >> shift & 255u);
  }
  return core::RequestId(core::to_base64url(bytes));
}

// A call that is answered late, or never, when its client goes. Whoever comes first, the answer or
// the end of the connection, has the responder.
class LateAnswer {
 public:
  explicit LateAnswer(Call& call)
      : respond_(std::move(call.respond)),
        client_(std::move(call.client)),
        watch_(client_->begin()) {}
  LateAnswer(const LateAnswer&) = delete;
  LateAnswer& operator=(const LateAnswer&) = delete;

  void arrived(core::Result<service::ClaimAnswer> answer, const core::Wish& wish) {
    client_->end(watch_);
    if (taken_.exchange(true)) return;
    try {
      if (!answer) return respond_.fail(answer.error());
      respond_(claim_response(*answer, wish));
    } catch (const std::exception& error) {
      respond_.fail(error);
    }
  }

  ~LateAnswer() { client_->end(watch_); }

  // `on_gone` runs if the client goes before there is an answer. Whoever owes the answer keeps
  // `late`.
  static void watch(const std::shared_ptr<LateAnswer>& late,
                    std::move_only_function<void()> on_gone) {
    late->client_->watch(late->watch_, [weak = std::weak_ptr(late),
                                        on_gone = std::move(on_gone)]() mutable {
      const auto self = weak.lock();
      if (!self || self->taken_.exchange(true)) return;
      try {
        on_gone();
        self->respond_.fail(
            Code::request_timeout,
            "the client ended its side of the connection while it waited; its request keeps its "
            "place for a while");
      } catch (const std::exception& error) {
        self->respond_.fail(error);
      }
    });
  }

 private:
  Responder respond_;
  std::shared_ptr<Client> client_;
  Client::Watch watch_;
  std::atomic<bool> taken_ = false;
};

void claim_and_wait(Call call, service::ClaimCall wanted) {
  service::Service& service = call.service;
  auto late = std::make_shared<LateAnswer>(call);
  auto done = [late, wish = wanted.wish](core::Result<service::ClaimAnswer> answer) {
    late->arrived(std::move(answer), wish);
  };
  const service::Ticket ticket = service.claim(std::move(wanted), std::move(done));
  LateAnswer::watch(late, [&service, ticket] { service.gone(ticket); });
}

// Of a claim that ended otherwise than its owner knows.
Response lost_response(const core::StackName& name, const service::ClaimLost& lost) {
  boost::json::object facts =
      lost.stack ? wire::stack_facts(*lost.stack) : boost::json::object{{"stackName", name.text()}};
  facts.emplace("endReason", core::to_text(lost.reason));
  facts.emplace("endedAt", core::to_rfc3339(lost.at));
  std::string detail = "this claim of the stack " + wire::quoted(name.text()) + " ended at " +
                       core::to_rfc3339(lost.at) + " (" + std::string(core::to_text(lost.reason)) +
                       "); ";
  detail += lost.stack ? "the stack is now " + use_of(*lost.stack)
                       : "the stack is not in the table any more";
  return problem(Code::claim_lost, detail, std::move(facts));
}

Response unknown_claim() {
  return problem(Code::claim_unknown,
                 "no such claim is known; one that has ended is remembered for seven days");
}

// "/extend" of "/v1/claims/{claimId}/extend".
std::string_view behind_claim(const Route& route) {
  return route.pattern.substr(route.pattern.find('}') + 1);
}

Response state_response(const service::ClaimState& state, const core::StackName& name,
                        std::string_view rest) {
  if (std::holds_alternative<service::ClaimUnknown>(state)) return unknown_claim();
  if (const auto* lost = std::get_if<service::ClaimLost>(&state)) return lost_response(name, *lost);
  const auto& stack = std::get<core::Stack>(state);
  Response response = json(200, wire::claim_text(stack));
  response.log_target = claim_log_target(name, stack.fencing_token, rest);
  return response;
}

Response released_response(const service::Released& released, const core::StackName& name,
                           std::string_view rest) {
  if (std::holds_alternative<service::ClaimUnknown>(released)) return unknown_claim();
  if (const auto* lost = std::get_if<service::ClaimLost>(&released))
    return lost_response(name, *lost);
  const auto& answer = std::get<service::ReleaseAnswer>(released);
  Response response = json(200, wire::to_text(wire::ReleaseReport{
                                    answer.stack_name, answer.repo_name, answer.fencing_token,
                                    answer.held, answer.held_until, answer.hold_refused}));
  response.log_target = claim_log_target(name, answer.fencing_token, rest);
  return response;
}

// The claim that the path names; it answers where that cannot be a claimId.
std::optional<core::ClaimRef> claim_of(Call& call) {
  auto claim = core::parse_claim_id(call.parameter);
  if (!claim) {
    call.respond.fail(
        Code::claim_unknown,
        "this is no claimId: one is 22 characters, a dot and more, as a claim's answer has it");
  }
  return claim;
}

service::Done<service::ClaimState> answer_with_state(Call& call, core::StackName name) {
  return answer<service::ClaimState>(
      call, [name = std::move(name), rest = behind_claim(call.route)](
                const service::ClaimState& state) { return state_response(state, name, rest); });
}

}  // namespace

void claim_any(Call call) {
  core::RepoName repo(std::move(call.parameter));
  auto body = wire::parse_claim_body(call.body, repo);
  if (!body) return call.respond.fail(Code::invalid_request, body.error());
  const bool is_first = !body->request_id;
  if (is_first) body->request_id = new_request_id(call.options);
  if (call.options.wait_max) body->wait = std::min(body->wait, *call.options.wait_max);
  service::ClaimCall wanted{
      {std::move(repo), std::move(*body->request_id)}, std::move(body->wish), body->wait, is_first};
  if (call.client && wanted.wait.count() > 0)
    return claim_and_wait(std::move(call), std::move(wanted));
  auto done =
      answer<service::ClaimAnswer>(call, [wish = wanted.wish](const service::ClaimAnswer& answer) {
        return claim_response(answer, wish);
      });
  static_cast<void>(call.service.claim(std::move(wanted), std::move(done)));
}

void show_claim(Call call) {
  auto claim = claim_of(call);
  if (!claim) return;
  auto done = answer_with_state(call, claim->stack_name);
  call.service.look_up(std::move(*claim), std::move(done));
}

void extend_claim(Call call) {
  auto claim = claim_of(call);
  if (!claim) return;
  const auto body = wire::parse_extend_body(call.body);
  if (!body) return call.respond.fail(Code::invalid_request, body.error());
  auto done = answer_with_state(call, claim->stack_name);
  call.service.extend(std::move(*claim), body->lease, std::move(done));
}

void release_claim(Call call) {
  auto claim = claim_of(call);
  if (!claim) return;
  auto release = wire::parse_release_body(call.body, call.options.now());
  if (!release) return call.respond.fail(Code::invalid_request, release.error());
  release->key = claim->key;
  auto done = answer<service::Released>(
      call,
      [name = claim->stack_name, rest = behind_claim(call.route)](
          const service::Released& released) { return released_response(released, name, rest); });
  call.service.release(std::move(claim->stack_name), std::move(*release), std::move(done));
}

}  // namespace bddlock::api
