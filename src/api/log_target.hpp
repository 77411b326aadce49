// A request's target as logs may have it: whoever knows a claimId may end the claim, so logs name a
// claim by its stack (DESIGN section 6). Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/claim.hpp"

namespace bddlock::api {

// Whether the target certainly names no claim, as most: a claimId has a dot, or an escape instead.
[[nodiscard]] bool is_loggable(std::string_view target);

// The target as it was sent, but each claimId in it replaced by its stack's name
// ("/v1/claims/testStack2192/extend"), wherever it stands and however it is escaped, and what
// stands in a claimId's place without being one by "?".
[[nodiscard]] std::string loggable_target(std::string_view target);

// "/v1/claims/testStack2192#7/extend", where the grant is known too. `rest` is "" or "/extend",
// "/release".
[[nodiscard]] std::string claim_log_target(const core::StackName& stack, core::FencingToken token,
                                           std::string_view rest);

}  // namespace bddlock::api
