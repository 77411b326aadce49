// version: of this program.
#pragma once

#include "cli/command.hpp"
#include "cli/environment.hpp"

namespace bddlock::cli {

[[nodiscard]] Command version_command(const Environment& env);

}  // namespace bddlock::cli
