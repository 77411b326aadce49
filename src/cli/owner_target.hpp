// Which claim extend, release and hold are about: the one that the job keeps, the one whose claimId
// is in a file, or the present one of a stack, which admins name by its fencing token.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "cli/client_settings.hpp"
#include "cli/job_claim.hpp"
#include "core/stack.hpp"

namespace bddlock::cli {

struct OwnerTarget {
  std::string name;           // of a stack
  std::string claim_id_file;  // this and the name empty: the claim in the job's claim file
  std::string claim_file;     // --claim-file
  std::optional<core::FencingToken> fencing_token;  // unset: not given
  bool present_token = false;                       // --fencing-token present
};

// NAME, --claim-id-file, --claim-file and --fencing-token.
[[nodiscard]] std::vector<Option> target_options(OwnerTarget& target);
// At most one of NAME and --claim-id-file, and --fencing-token only with a NAME.
[[nodiscard]] Fault fault_in(const OwnerTarget& target);

// The first word of the file, which must be a claimId. Its text is in no message.
[[nodiscard]] std::expected<std::string, Trouble> read_claim_id(const std::string& path);

// The claimId of a claim that is this client's own, and the job's claim if it is that one.
struct Owned {
  std::string claim_id;
  std::optional<JobClaim> job = {};
};
// REQUIRES: no name.
[[nodiscard]] std::expected<Owned, Trouble> find_owned(const Environment& env, const Remote& remote,
                                                       const OwnerTarget& target);

// The stack and the token that names its present claim.
struct Named {
  core::Stack stack{};
  core::FencingToken fencing_token = 0;
};
// Looks the stack up. Without a given token a live claim of the API v1 is refused where
// `ends_claim`: its owner may be another by now than whoever typed the name had in mind.
[[nodiscard]] std::expected<Named, Trouble> find_named(Remote& remote, const OwnerTarget& target,
                                                       bool ends_claim);

// POST /v1/stacks/NAME/VERB as an admin, and POST /v1/claims/ID/VERB as the owner. A claim that is
// lost is a Trouble with ExitCode::claim_lost.
[[nodiscard]] std::expected<Reply, Trouble> act_on_stack(Remote& remote, const std::string& name,
                                                         const std::string& verb, std::string body);
[[nodiscard]] std::expected<Reply, Trouble> act_on_claim(Remote& remote,
                                                         const std::string& claim_id,
                                                         const std::string& verb, std::string body);

}  // namespace bddlock::cli
