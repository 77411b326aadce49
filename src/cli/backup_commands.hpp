// The options of backup and restore; app does the work.
#pragma once

#include <functional>

#include "cli/command.hpp"
#include "cli/serve_options.hpp"

namespace bddlock::cli {

[[nodiscard]] Command backup_command(std::function<int(const BackupOptions&)> backup);
[[nodiscard]] Command restore_command(std::function<int(const RestoreOptions&)> restore);

}  // namespace bddlock::cli
