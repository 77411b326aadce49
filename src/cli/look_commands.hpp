// history and explain: what happened, and what a request waits for.
#pragma once

#include "cli/command.hpp"
#include "cli/environment.hpp"

namespace bddlock::cli {

[[nodiscard]] Command history_command(const Environment& env);
[[nodiscard]] Command explain_command(const Environment& env);

}  // namespace bddlock::cli
