// What follows from how a command ended: run's exit code, and how the stack is given back. Pure.
#pragma once

#include <optional>
#include <string>

#include "ci/ci_job.hpp"
#include "cli/run_options.hpp"
#include "core/decide.hpp"
#include "process/child.hpp"

namespace bddlock::cli {

// Who ended the command.
enum class EndedBy {
  itself = 1,
  signal,  // somebody wanted run to end
  lost,    // the claim is over, says the server
  lease,   // the server was away until the lease was nearly over
};

struct RunEnd {
  EndedBy by = EndedBy::itself;
  process::Ending ending = {};
};

// The command's own, but 76 where its claim was lost: whatever it found out, another job may have
// had a hand in it.
[[nodiscard]] int exit_code_of(const RunEnd& end);

// passed (0), failed, or cancelled: by a signal to run, by Ctrl-C, or with the claim. Only a
// command that failed has its stack kept aside. What is deployed is named where it passed, since
// then the job's branch and commit must be on the stack; else nobody knows how far it came.
[[nodiscard]] core::Release release_after(const RunEnd& end, seconds keep_on_failure,
                                          const ci::CiJob& job);

// Sentences for people on what the end was like: processes left behind, killed, or unended.
[[nodiscard]] std::vector<std::string> words_on(const process::Ending& ending, seconds grace);

}  // namespace bddlock::cli
