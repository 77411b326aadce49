// The claim that a job keeps between its steps, as claim, extend, hold and release find it: in the
// job's claim file (claim_file.hpp).
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "ci/ci_job.hpp"
#include "cli/claim_calls.hpp"
#include "cli/claim_file.hpp"
#include "cli/command.hpp"

namespace bddlock::cli {

// --claim-file and BDD_LOCK_CLAIM_FILE.
[[nodiscard]] Option claim_file_option(std::string& path);

struct JobClaim {
  ClaimPlace place;
  std::string job_key;
  std::optional<ClaimFile> file = {};  // none: there is no file
};

// `named`: --claim-file. A file that cannot be believed is a Trouble.
[[nodiscard]] std::expected<JobClaim, Trouble> find_job_claim(const Environment& env,
                                                              const std::string& named);

// The claimId in the file. Trouble with ExitCode::refused: the job has no claim, or not from this
// server.
[[nodiscard]] std::expected<std::string, Trouble> claim_id_of(const JobClaim& claim,
                                                              const Remote& remote);

// What a file without claims may stand for: a step that was killed while it asked. Withdraws that
// request and gives back what was granted to it. The file stays.
[[nodiscard]] std::expected<void, Trouble> forget_unfinished(Remote& remote, const JobClaim& claim);

// Ends the process that extends the claim, if it is still that process, and returns when it has
// ended.
void stop_extender(const JobClaim& claim);

[[nodiscard]] std::string nothing_kept(const JobClaim& claim);

}  // namespace bddlock::cli
