// One invocation: what it brings (event.hpp) to the API or the sweep, and what came of it back as
// the document that Lambda wants. Everything happens within the call: between two invocations the
// sandbox is frozen, and nothing of this program runs.
//
// A call that waits for a stack (1 s at most here, see api::ApiOptions::wait_max) is answered by a
// tick. Nothing waits longer than the invocation has time (deadline.hpp). Threads: one.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "api/message.hpp"
#include "core/error.hpp"
#include "lambda/deadline.hpp"
#include "lambda/event.hpp"
#include "lambda/log.hpp"
#include "lambda/runtime_api.hpp"

namespace bddlock::lambda {

// What the function does, as app wires it.
struct Work {
  std::function<void(api::Request, api::Respond)> handle;  // as api::Api::handle
  // As api::Api::turn_away, for what is answered here.
  std::function<std::optional<api::Response>(const api::Request&)> turn_away;
  std::function<void()> tick;  // what answers calls that wait
  // Sweeps the table and tidies up; its counts.
  std::function<core::Result<boost::json::object>()> sweep;
  std::function<void(std::chrono::milliseconds)> sleep;
  std::function<std::chrono::microseconds()> uptime;  // for the access log
  std::size_t body_bytes_max = 64 * 1024;
  bool access_log = true;  // a record for each request; without it for those that failed here
};

// Between two ticks while a call waits: each asks the store, which costs money.
inline constexpr std::chrono::milliseconds waiting_tick_interval{500};

class Handler {
 public:
  Handler(Work work, Deadline& deadline, Log& log);

  // The document that is the invocation's answer, or what it failed with.
  [[nodiscard]] std::expected<std::string, FunctionError> handle(const Invocation& invocation);

 private:
  using Outcome = std::expected<std::string, FunctionError>;

  [[nodiscard]] Outcome answer(GatewayCall call);
  [[nodiscard]] Outcome sweep(const SweepCall& call);
  [[nodiscard]] Outcome refuse(const StrangeCall& call);
  [[nodiscard]] api::Response response_to(GatewayCall& call);
  [[nodiscard]] api::Response response_to(api::Request request);
  void note_access(const GatewayCall& call, const api::Response& response,
                   std::chrono::microseconds took);

  const Work work_;
  Deadline& deadline_;
  Log& log_;
};

}  // namespace bddlock::lambda
