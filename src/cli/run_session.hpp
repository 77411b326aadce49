// One `run` from its first call to its last: waits for a stack, runs the command on it, extends the
// claim meanwhile, and gives the stack back when nothing of the command is left. Signals are obeyed
// in each stage: a request is withdrawn, a command ended, a stack given back.
//
// Threads: the caller's does all, but for the Keeper's, which extends the claim.
#pragma once

#include "cli/environment.hpp"
#include "cli/run_options.hpp"

namespace bddlock::cli {

// Returns run's exit code.
[[nodiscard]] int run_session(const Environment& env, const RunOptions& options);

}  // namespace bddlock::cli
