// A request: somebody's wish for stacks of one repo, under a requestId.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/claim.hpp"
#include "core/stack.hpp"

namespace bddlock::core {

inline constexpr int count_max = 16;
inline constexpr seconds wait_max{50};
inline constexpr seconds lease_default{900};
inline constexpr seconds lease_max{86400};
inline constexpr seconds claim_max{86400};  // no claim outlives it (maxClaimSeconds)
inline constexpr int priority_max = 100;
inline constexpr seconds retry_after{
    3};  // what waiting clients are told: call again within this time
inline constexpr seconds ready_grace{2};  // ready until retry_after + this after the last call
inline constexpr seconds place_kept{30};  // one that is not ready keeps its place this long
inline constexpr seconds ended_request_kept{86400};  // then its id is free again

struct Wish {
  int count = 1;
  std::optional<StackName> stack_name{};  // this one; only with count 1
  StringMap labels{};                     // all must be equal
  std::string prefer_branch{};
  std::string prefer_commit{};
  bool create_if_none = false;
  std::string name_prefix{};  // of created stacks; empty: "<repoName>-"
  seconds lease = lease_default;
  int priority = 0;
  Shared<Holder> holder{};

  friend bool operator==(const Wish&, const Wish&) = default;
};

// A granted request is over when none of its claims lives any more; `ended` notes when that was
// seen.
enum class RequestState { waiting = 1, granted, ended };

struct GrantedClaim {
  StackName stack_name{};
  ClaimKey key{};
  FencingToken fencing_token = 0;
  friend bool operator==(const GrantedClaim&, const GrantedClaim&) = default;
};

struct Request {
  RepoName repo_name{};
  RequestId request_id{};
  RequestState state = RequestState::waiting;
  Wish wish{};
  int asked_priority =
      0;  // as its client gave it; wish.priority is what counts, and PATCH may change it
  std::int64_t arrival = 0;  // order within the repo; a larger one came later, no two are the same
  Instant arrived_at{};
  Instant ready_until{};  // while no call of it is open: grants go to it only before this
  std::vector<GrantedClaim>
      claims{};  // of a granted one; an offer's claims are `offered` on their stacks
  Instant ended_at{};
  Version version = 0;

  friend bool operator==(const Request&, const Request&) = default;
};

// Whether a repeat of the request's id asks for the same thing: all but holder and prefer (DESIGN
// section 6).
[[nodiscard]] bool asks_the_same(const Request& request, const Wish& repeated);

// Waiting requests are served in this order: priority, then arrival.
[[nodiscard]] bool before(const Request& left, const Request& right);

// Whether `stack` is what `wish` asks for, free or not.
[[nodiscard]] bool suits(const Wish& wish, const Stack& stack);

// How little would have to be updated, larger is better: 2 for the wished commit, 1 for the wished
// branch, 3 for both. Among equals the one that was used last is the best.
[[nodiscard]] int fit(const Wish& wish, const Stack& stack);

}  // namespace bddlock::core
