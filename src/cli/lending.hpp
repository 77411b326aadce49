// What `run` and a kept claim do alike: ask on behalf of the CI's job, tell how the wait goes, hand
// the stack's values on, and obey signals.
#pragma once

#include <functional>
#include <string>

#include "ci/ci_job.hpp"
#include "ci/stack_variables.hpp"
#include "cli/claim_wait.hpp"
#include "cli/interrupt.hpp"

namespace bddlock::cli {

// `prefer_branch`: empty for the job's own.
[[nodiscard]] core::Wish wish_of_job(const ci::CiJob& job, const core::StringMap& labels,
                                     const std::string& prefer_branch, seconds lease);

// wait_for_claims() with the waiting line on stderr, until a stop signal comes.
[[nodiscard]] Waited wait_in_line(const Environment& env, Remote& remote, const WaitPlan& plan,
                                  Interrupt& interrupt);

[[nodiscard]] ci::StackVariables variables_of(const wire::OwnClaim& claim);

// Calls `work` with the signals held for it; its exit code. The standard descriptors are open
// before anything else can get their numbers. Before the program has any other thread.
[[nodiscard]] int with_signals(const Environment& env,
                               const std::function<int(process::Signals&)>& work);

}  // namespace bddlock::cli
