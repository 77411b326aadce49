// export and import: the whole table as JSON lines (DESIGN section 8).
#pragma once

#include "cli/command.hpp"
#include "cli/environment.hpp"

namespace bddlock::cli {

[[nodiscard]] Command export_command(const Environment& env);
[[nodiscard]] Command import_command(const Environment& env);

}  // namespace bddlock::cli
