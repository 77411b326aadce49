// Which claim extend, release and hold are about: the one whose claimId is in a file, or the
// present one of a stack, which admins name by its fencing token.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "cli/client_settings.hpp"
#include "core/stack.hpp"

namespace bddlock::cli {

struct OwnerTarget {
  std::string name;  // of a stack; empty: claim_id_file is set
  std::string claim_id_file;
  std::optional<core::FencingToken> fencing_token;  // unset: not given
  bool present_token = false;                       // --fencing-token present
};

// NAME, --claim-id-file and --fencing-token.
[[nodiscard]] std::vector<Option> target_options(OwnerTarget& target);
// One of NAME and --claim-id-file, and --fencing-token only with a NAME.
[[nodiscard]] Fault fault_in(const OwnerTarget& target);

// The first word of the file, which must be a claimId. Its text is in no message.
[[nodiscard]] std::expected<std::string, Trouble> read_claim_id(const std::string& path);

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
