// completion: the script that lets a shell complete this program's command lines.
#pragma once

#include <functional>
#include <vector>

#include "cli/command.hpp"
#include "cli/environment.hpp"

namespace bddlock::cli {

// `commands` gives all there are, this one among them.
[[nodiscard]] Command completion_command(const Environment& env,
                                         std::function<std::vector<Command>()> commands);

}  // namespace bddlock::cli
