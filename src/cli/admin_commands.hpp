// disable and enable: whether a stack is lent.
#pragma once

#include "cli/command.hpp"
#include "cli/environment.hpp"

namespace bddlock::cli {

[[nodiscard]] Command disable_command(const Environment& env);
[[nodiscard]] Command enable_command(const Environment& env);

}  // namespace bddlock::cli
