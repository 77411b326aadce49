// `bdd-lock backup` and `bdd-lock restore`: they work on the data file, not over HTTP.
#pragma once

#include "cli/serve_options.hpp"

namespace bddlock::app {

// Each returns the process's exit code, and says on standard error what it did or why it could not.
[[nodiscard]] int backup(const cli::BackupOptions& options);
[[nodiscard]] int restore(const cli::RestoreOptions& options);

}  // namespace bddlock::app
