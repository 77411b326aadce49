// The settings of lending: what is left to whoever runs the server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/instant.hpp"
#include "core/request.hpp"

namespace bddlock::service {

struct ClaimRules {
  core::seconds claim_longest = core::claim_max;  // maxClaimSeconds: no claim outlives it
  std::int64_t stacks_per_repo_max = 1000;        // createIfNone creates no more than this
  // How many stacks of a repo may be held at a time; unset: half of its stacks, at least one.
  std::optional<std::int64_t> holds_per_repo_max{};
  bool seed_release_ends_claims = false;  // BDD_LOCK_SEED_RELEASE_ENDS_CLAIMS
  // Other servers work on the same table, and each look at it is paid for. So what is due to one
  // whose call is open at another server stays free for that server, which looks once a second
  // (Service::tick); nobody is looked for in a line that this server knows nothing of; and what is
  // over is looked for where it matters.
  bool is_shared = false;
  // Among how many of the best a grant chooses at random: servers that share a table would fight
  // for the first.
  std::size_t choices = 1;
  // How much later than its time another server's lease is over here.
  core::seconds clock_skew{0};
};

// What a sweep ends, and when. remove_unused_for unset: nothing is ever removed.
struct SweepRules {
  core::seconds expiry{7200};  // EXPIRY_SECONDS, of seed claims
  std::optional<core::seconds> remove_unused_for{};
};

// How the end of a claim is told to an owner who asks late: for so long it is found in the history.
inline constexpr core::seconds ended_claim_kept{604800};

// What history keeps: events younger than `age`, and of those the latest `events_kept`. But the
// ends of claims are needed for ended_claim_kept: while there are events older than that, only
// those beyond events_kept go; without any, those beyond events_most.
struct HistoryRules {
  core::seconds age{90 * 86400};  // a shorter one than ended_claim_kept counts as that
  std::int64_t events_kept = 1'000'000;
  std::int64_t events_most = 10'000'000;
};

struct ServiceRules {
  SweepRules sweep{};
  ClaimRules claims{};
  HistoryRules history{};
  // Between two looks for what may be forgotten.
  core::seconds tidy_interval{1};
  // From when a service is made to its first such look.
  core::seconds first_tidy_after{0};
  // Stacks that an import saves at once. Small enough that a claim behind such a slice waits for a
  // few milliseconds only, and no more than the store takes in one save.
  std::size_t import_slice_max = 500;
};

}  // namespace bddlock::service
