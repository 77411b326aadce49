// The calls of the API v1 about requests and claims that `run` and `claim` make. Each may be
// repeated: a request under its requestId, a claim under its claimId.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/remote.hpp"
#include "cli/waiting_line.hpp"
#include "wire/claim_bodies.hpp"
#include "wire/claim_document.hpp"

namespace bddlock::cli {

using ShouldStop = std::function<bool()>;

// How long a call may take, and who may end it.
struct CallLimits {
  std::optional<milliseconds> whole = {};  // none: the target's
  milliseconds each_try{0};                // 0: what is left of the whole
  ShouldStop should_stop = {};
};

struct Grant {
  std::vector<wire::OwnClaim> claims = {};
  milliseconds sent_at{0};  // Reply::sent_at
  // The lease began with this call. Else it may have begun with an earlier one whose answer was
  // lost, and be nearly over: extend the claim before it is used.
  bool is_new = false;
};

// A refusal of the server, with its stable code.
struct Refusal {
  std::string code;
  Trouble trouble;
};

// POST /v1/repos/REPO/claims: granted, or where the request stands. REQUIRES: body.request_id.
using Asked = std::variant<Grant, Place, Refusal>;
[[nodiscard]] std::expected<Asked, Trouble> ask_for_claims(Remote& remote, const std::string& repo,
                                                           const wire::ClaimBody& body,
                                                           const CallLimits& limits);

// DELETE of the request. If it was granted meanwhile, its claims, which are the caller's to use or
// to release; none: it waits no more.
[[nodiscard]] std::expected<Grant, Trouble> withdraw_request(Remote& remote,
                                                             const std::string& repo,
                                                             const core::RequestId& id,
                                                             const CallLimits& limits);

// POST /v1/claims/ID/extend and /release. A claim that is over, or that the server does not know,
// is a Trouble with ExitCode::claim_lost.
struct Extension {
  core::Instant expires_at{};
  milliseconds sent_at{0};
  seconds lease{0};
};
[[nodiscard]] std::expected<Extension, Trouble> extend_claim(Remote& remote,
                                                             const std::string& claim_id,
                                                             std::optional<seconds> lease,
                                                             const CallLimits& limits);
[[nodiscard]] std::expected<wire::ReleaseReport, Trouble> release_claim(Remote& remote,
                                                                        const std::string& claim_id,
                                                                        const core::Release& how,
                                                                        const CallLimits& limits);

}  // namespace bddlock::cli
