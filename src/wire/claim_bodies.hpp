// What clients of the API v1 send about claims. Each is written by clients and read by the server,
// with every rule of DESIGN section 6; unknown fields are refused with the nearest known name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/decide.hpp"
#include "core/request.hpp"
#include "wire/json_reader.hpp"

namespace bddlock::wire {

// POST /v1/repos/{repoName}/claims. An empty body is {}: any stack of the repo, now.
struct ClaimBody {
  std::optional<core::RequestId> request_id{};  // none: the server makes one
  core::seconds wait{0};
  core::Wish wish{};
};
[[nodiscard]] std::string to_text(const ClaimBody& body);
// `repo` is the path's: names of created stacks may begin with it.
[[nodiscard]] Parsed<ClaimBody> parse_claim_body(std::string_view text, const core::RepoName& repo);

// POST /v1/claims/{claimId}/extend: {"leaseSeconds"?}. An empty body is {}.
struct ExtendBody {
  std::optional<core::seconds> lease{};  // none: the claim's own
};
[[nodiscard]] std::string to_text(const ExtendBody& body);
[[nodiscard]] Parsed<ExtendBody> parse_extend_body(std::string_view text);

// POST /v1/claims/{claimId}/release: {"outcome"?, "keepSeconds"?, "deployed"?, "attributes"?,
// "note"?}. An empty body is {}. The key is not in it, nor is hold_allowed; `now` is the time of
// what was deployed.
[[nodiscard]] std::string to_text(const core::Release& release);
[[nodiscard]] Parsed<core::Release> parse_release_body(std::string_view text, core::Instant now);

// PATCH of a request: {"priority"}.
[[nodiscard]] std::string priority_body(int priority);
[[nodiscard]] Parsed<int> parse_priority_body(std::string_view text);

}  // namespace bddlock::wire
