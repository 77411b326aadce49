// watch: a repo's stacks and its waiting line, as they change.
#pragma once

#include "cli/command.hpp"
#include "cli/environment.hpp"

namespace bddlock::cli {

[[nodiscard]] Command watch_command(const Environment& env);

}  // namespace bddlock::cli
