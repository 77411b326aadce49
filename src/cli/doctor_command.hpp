// doctor: what is wrong with endpoint, token, clock and store, and how to mend it.
#pragma once

#include "cli/command.hpp"
#include "cli/environment.hpp"

namespace bddlock::cli {

[[nodiscard]] Command doctor_command(const Environment& env);

}  // namespace bddlock::cli
