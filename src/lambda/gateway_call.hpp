// The two shapes in which gateways hand over a request. Private to lambda; see event.hpp.
#pragma once

#include "lambda/event.hpp"
#include "lambda/member.hpp"

namespace bddlock::lambda {

[[nodiscard]] bool is_v1_call(const Json& event);
[[nodiscard]] bool is_v2_call(const Json& event);

// REQUIRES: it is one.
[[nodiscard]] GatewayCall read_v1_call(const Json& event, std::size_t body_bytes_max);
[[nodiscard]] GatewayCall read_v2_call(const Json& event, std::size_t body_bytes_max);

}  // namespace bddlock::lambda
