// What the API v1 answers about claims and to those who wait. Only here a claimId is shown, and
// only to whoever made the request or knows the id already.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.hpp"
#include "wire/json_reader.hpp"

namespace bddlock::wire {

// {"claimId", "stackName", "repoName", "requestId", "state", "fencingToken", "claimedAt",
//  "expiresAt", "leaseSeconds", "created",
//  "stack": {"labels", "attributes", "deployed", "lastEnd"}}.
// `state` is claimed, or held: then expiresAt is the hold's. REQUIRES: stack.claim.
[[nodiscard]] std::string claim_text(const core::Stack& stack);
[[nodiscard]] boost::json::array claims_document(std::span<const core::Stack> stacks);
// {"requestId", "claims": [...]}
[[nodiscard]] std::string claims_answer(const core::RequestId& id,
                                        std::span<const core::Stack> stacks);

// A claim as its owner reads it: the stack with its claim and the claimId.
struct OwnClaim {
  std::string claim_id{};
  core::Stack stack{};
};
[[nodiscard]] Parsed<OwnClaim> parse_claim(std::string_view text);
[[nodiscard]] Parsed<OwnClaim> read_own_claim(const boost::json::object& document);

// 202: {"requestId", "position", "estimatedWaitSeconds", "retryAfterSeconds"}, and "never" where
// the pool, as it is, can never grant it: why.
struct Waiting {
  core::RequestId request_id{};
  std::int64_t position = 0;
  std::optional<core::seconds> estimated_wait{};
  std::string never{};
};
[[nodiscard]] std::string to_text(const Waiting& waiting);

// What a release answers, at first and each time that it is repeated: {"stackName", "repoName",
// "fencingToken", "held", "heldUntil"}, and "reason": "hold_limit" where a hold was wished for and
// there are too many.
struct ReleaseReport {
  core::StackName stack_name{};
  core::RepoName repo_name{};
  core::FencingToken fencing_token = 0;
  bool held = false;
  std::optional<core::Instant> held_until{};
  bool hold_refused = false;
};
[[nodiscard]] std::string to_text(const ReleaseReport& report);
[[nodiscard]] Parsed<ReleaseReport> parse_release_report(std::string_view text);

}  // namespace bddlock::wire
