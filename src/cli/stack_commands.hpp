// create, list, show, remove, sweep: one call each.
#pragma once

#include "cli/command.hpp"
#include "cli/environment.hpp"

namespace bddlock::cli {

[[nodiscard]] Command create_command(const Environment& env);
[[nodiscard]] Command list_command(const Environment& env);
[[nodiscard]] Command show_command(const Environment& env);
[[nodiscard]] Command remove_command(const Environment& env);
[[nodiscard]] Command sweep_command(const Environment& env);

}  // namespace bddlock::cli
