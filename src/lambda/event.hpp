// What an invocation brings: a request through a gateway, the schedule's event, or something that
// was not meant for this function. Pure.
//
// Known are API Gateway's REST APIs (their proxy integration), its HTTP APIs with the payload
// formats 1.0 and 2.0, and function URLs (format 2.0); EventBridge's rules ("source":
// "aws.events"), the default event of EventBridge Scheduler ("aws.scheduler"), both with
// "detail-type": "Scheduled Event", and {"action": "sweep"} for schedules that give an input of
// their own and for those who call the function by hand.
//
// Stages need no setting: the API tries a path without its first segment where nothing matches. The
// shapes are those of AWS's pages "Output format of a Lambda function for proxy integration" and
// "Working with AWS Lambda proxy integrations for HTTP APIs"; recorded ones are in
// tests/data/lambda.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "api/message.hpp"

namespace bddlock::lambda {

// Of a gateway's request and of the answer that it takes.
enum class PayloadFormat { v1 = 1, v2 };

struct GatewayCall {
  PayloadFormat format = PayloadFormat::v2;
  std::string method;  // as sent, for the log
  std::string peer;    // the client's address as the gateway knows it, for the log; may be empty
  std::string target;  // as in the request
  // Or the answer to one that is wrong in itself: too large a body, two Authorization headers.
  std::expected<api::Request, api::Response> request;
};

struct SweepCall {
  std::string by;  // "aws.events"
};

struct StrangeCall {
  std::string what;  // a sentence: what came instead. It names members, never their values.
};

using Event = std::variant<GatewayCall, SweepCall, StrangeCall>;

[[nodiscard]] Event read_event(std::string_view payload, std::size_t body_bytes_max);

}  // namespace bddlock::lambda
