// What a request for stacks is answered, by whichever call asks. Pure.
#pragma once

#include "api/message.hpp"
#include "service/answers.hpp"

namespace bddlock::api {

// 200 with the claims, 202 with the place in line, or why there is none. `wish` is what was asked
// for.
[[nodiscard]] Response claim_response(const service::ClaimAnswer& answer, const core::Wish& wish);

[[nodiscard]] Response queued_response(unsigned status, const service::Queued& queued);

// 404, 409 or 410 with the facts that there are.
[[nodiscard]] Response not_granted_response(const service::NotGranted& refused);

// 409: it is too late to change or withdraw the request; these are its claims.
[[nodiscard]] Response granted_already_response(const service::Granted& granted);

}  // namespace bddlock::api
