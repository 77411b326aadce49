// `bdd-lock serve`: opens the store, wires the layers, serves until a signal, and closes all in
// order.
#pragma once

#include "cli/serve_options.hpp"

namespace bddlock::app {

// Returns the process's exit code. Complaints about the set-up go to standard error, the log to
// standard output.
[[nodiscard]] int serve(const cli::ServeOptions& options);

}  // namespace bddlock::app
