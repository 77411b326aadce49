// Called by app.
#include "lambda/loop.hpp"

#include <utility>

namespace bddlock::lambda {
namespace {

RuntimeApi::Result<void> hand_over(RuntimeApi& runtime, const Invocation& invocation,
                                   std::expected<std::string, FunctionError> outcome) {
  if (!outcome) return runtime.fail(invocation.request_id, outcome.error());
  return runtime.answer(invocation.request_id, std::move(*outcome));
}

// Whether the function can go on.
bool answer_one(RuntimeApi& runtime, Handler& handler, Log& log, const Invocation& invocation) {
  log.set_request(invocation.request_id, invocation.trace_id);
  auto done = hand_over(runtime, invocation, handler.handle(invocation));
  if (!done && !done.error().is_fatal) {
    log.write(LogLevel::error, "answer_not_taken", {{"detail", done.error().detail}});
    const FunctionError error{"AnswerNotTaken", done.error().detail};
    done = runtime.fail(invocation.request_id, error);
  }
  if (done || !done.error().is_fatal) return true;
  log.write(LogLevel::error, "runtime_api_failed", {{"detail", done.error().detail}});
  return false;
}

}  // namespace

void serve_invocations(RuntimeApi& runtime, Handler& handler, Log& log) {
  for (;;) {
    log.set_request("", "");
    const auto invocation = runtime.next();
    if (!invocation) {
      log.write(LogLevel::error, "runtime_api_failed", {{"detail", invocation.error().detail}});
      return;
    }
    if (!answer_one(runtime, handler, log, *invocation)) return;
  }
}

}  // namespace bddlock::lambda
