// extend, release, hold: of a claim, which its owner names by --claim-id-file, or of a stack by
// name.
#pragma once

#include "cli/command.hpp"
#include "cli/environment.hpp"

namespace bddlock::cli {

[[nodiscard]] Command extend_command(const Environment& env);
[[nodiscard]] Command release_command(const Environment& env);
[[nodiscard]] Command hold_command(const Environment& env);

}  // namespace bddlock::cli
