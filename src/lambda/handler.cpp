// Called by loop.cpp.
#include "lambda/handler.hpp"

#include <boost/json/serialize.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "api/log_target.hpp"
#include "api/responses.hpp"
#include "api/target.hpp"
#include "lambda/gateway_answer.hpp"
#include "lambda/whole_answer.hpp"

namespace bddlock::lambda {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// "/v1/events", behind one more segment too, as a stage's (api/routes.hpp).
bool asks_for_events(const api::Request& request) {
  const api::Target target = api::parse_target(request.target);
  const auto is_at = [&](std::size_t from) {
    return target.segment_count == from + 2 && target.segments[from] == "v1" &&
           target.segments[from + 1] == "events";
  };
  const bool reads = request.method == api::Method::get || request.method == api::Method::head;
  return reads && (is_at(0) || is_at(1));
}

api::Response no_events() {
  return api::problem(api::Code::not_on_lambda,
                      "a Lambda function keeps no connection open, so there is no stream of events "
                      "here; ask /v1/history from time to time");
}

api::Response out_of_time() {
  return api::problem(api::Code::outcome_unknown,
                      "the function's time was over before there was an answer; find out what "
                      "became of the request before you act on it or try again");
}

// What a function does not do is no failure of this one.
bool is_failure(const api::Response& response) {
  return response.status >= 500 && response.code != api::to_text(api::Code::not_on_lambda);
}

}  // namespace

Handler::Handler(Work work, Deadline& deadline, Log& log)
    : work_(std::move(work)), deadline_(deadline), log_(log) {}

Handler::Outcome Handler::handle(const Invocation& invocation) {
  deadline_.begin(invocation.deadline_ms);
  Event event = read_event(invocation.payload, work_.body_bytes_max);
  if (auto* call = std::get_if<GatewayCall>(&event)) return answer(std::move(*call));
  if (const auto* due = std::get_if<SweepCall>(&event)) return sweep(*due);
  return refuse(std::get<StrangeCall>(event));
}

Handler::Outcome Handler::answer(GatewayCall call) {
  const microseconds began = work_.uptime();
  const bool to_head = call.method == "HEAD";
  const api::Response response = response_to(call);
  note_access(call, response, work_.uptime() - began);
  return gateway_answer(response, to_head);
}

api::Response Handler::response_to(GatewayCall& call) {
  if (!call.request) return std::move(call.request.error());
  if (asks_for_events(*call.request)) return work_.turn_away(*call.request).value_or(no_events());
  return whole_answer(response_to(std::move(*call.request)));
}

// The answer may come after this has given up: then nobody takes it.
api::Response Handler::response_to(api::Request request) {
  const auto answered = std::make_shared<std::optional<api::Response>>();
  work_.handle(std::move(request),
               [answered](api::Response response) { *answered = std::move(response); });
  while (!*answered && deadline_.left() > milliseconds(0)) {
    work_.sleep(std::min(waiting_tick_interval, deadline_.left()));
    work_.tick();
  }
  return *answered ? std::move(**answered) : out_of_time();
}

Handler::Outcome Handler::sweep(const SweepCall& call) {
  auto swept = work_.sweep();
  if (swept) {
    log_.write(LogLevel::info, "sweep", {{"by", call.by}, {"counts", *swept}});
    return boost::json::serialize(*swept);
  }
  const bool unknown = swept.error().code == core::Errc::outcome_unknown;
  log_.write(LogLevel::error, "sweep_failed", {{"by", call.by}, {"detail", swept.error().detail}});
  return std::unexpected(
      FunctionError{unknown ? "OutcomeUnknown" : "StoreUnavailable", swept.error().detail});
}

Handler::Outcome Handler::refuse(const StrangeCall& call) {
  log_.write(LogLevel::error, "unknown_event", {{"detail", call.what}});
  return std::unexpected(FunctionError{"UnknownEvent", call.what});
}

void Handler::note_access(const GatewayCall& call, const api::Response& response,
                          microseconds took) {
  const bool failed = is_failure(response);
  if (!work_.access_log && !failed) return;
  const std::string target =
      response.log_target.empty() ? api::loggable_target(call.target) : response.log_target;
  log_.write(failed ? LogLevel::error : LogLevel::info, "access",
             {{"peer", call.peer},
              {"method", call.method},
              {"target", target},
              {"status", response.status},
              {"bytes", response.body.size()},
              {"us", took.count()},
              {"code", response.code}});
}

}  // namespace bddlock::lambda
