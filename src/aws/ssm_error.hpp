// What an answer of the Systems Manager that is none of 200 means ("Common errors" and the errors
// of GetParameter in its API reference). Pure.
#pragma once

#include <string_view>

#include "aws/service_error.hpp"

namespace bddlock::aws {

// Amazon's own words, and behind them what to do, where that is known. Reading changes nothing, so
// nothing is outcome_unknown.
[[nodiscard]] FailedTry read_ssm_failure(unsigned status, std::string_view body);

}  // namespace bddlock::aws
