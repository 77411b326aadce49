// run: lends a stack to one command, for as long as it runs.
#pragma once

#include "cli/command.hpp"
#include "cli/environment.hpp"

namespace bddlock::cli {

[[nodiscard]] Command run_command(const Environment& env);

}  // namespace bddlock::cli
