// The options of serve; app does the work.
#pragma once

#include <functional>

#include "cli/command.hpp"
#include "cli/serve_options.hpp"

namespace bddlock::cli {

[[nodiscard]] Command serve_command(std::function<int(const ServeOptions&)> serve);

}  // namespace bddlock::cli
