// claim: one stack by name, or any of a repo's by the seed's loop (claim_any.hpp).
#pragma once

#include "cli/command.hpp"
#include "cli/environment.hpp"

namespace bddlock::cli {

[[nodiscard]] Command claim_command(const Environment& env);

}  // namespace bddlock::cli
