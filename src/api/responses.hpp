// Whole answers, for what several routes have in common and for the HTTP server's own refusals.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "api/code.hpp"
#include "api/message.hpp"
#include "core/error.hpp"

namespace bddlock::api {

// Which form errors take: the seed's {"error": "..."} or application/problem+json.
enum class Style { seed = 1, v1 };

[[nodiscard]] Response json(unsigned status, std::string body);

// An error with its code's status, as application/problem+json; 503 with Retry-After.
[[nodiscard]] Response problem(Code code, std::string_view detail, boost::json::object facts = {});

// The same in the route's style.
[[nodiscard]] Response failure(Style style, Code code, std::string_view detail);

// What a client is told of an error of the store; never its detail, which is for the log.
[[nodiscard]] Response store_failure(Style style, core::Errc code);

// A refusal of the API v1, with the stack as it is for facts.
[[nodiscard]] Response refusal(const core::Refused& refused, const core::StackName& name);

// Who or what has the stack, as the end of a sentence: "claimed by job 4711 until
// 2019-11-20T23:10:28.014Z".
[[nodiscard]] std::string use_of(const core::Stack& stack);

}  // namespace bddlock::api
