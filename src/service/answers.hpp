// What the use cases take and answer. Plain values; what a refusal needs to say is in it.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/decide.hpp"
#include "core/request.hpp"

namespace bddlock::service {

// A request as clients name it.
struct RequestKey {
  core::RepoName repo_name{};
  core::RequestId request_id{};
  friend auto operator<=>(const RequestKey&, const RequestKey&) = default;
};

struct ClaimCall {
  RequestKey key{};
  core::Wish wish{};
  // waitSeconds. More than 0: a new request is remembered if it cannot be granted now.
  core::seconds wait{0};
  // The id was made for this call, so nothing is known of it.
  bool is_first = false;
};

struct Granted {
  RequestKey key{};
  std::vector<core::Stack> stacks{};  // each with its claim
};
struct Queued {
  RequestKey key{};
  std::int64_t position = 0;  // from 1, among all that wait in the repo, in the order of granting
  std::optional<core::seconds> estimated_wait{};  // none: the repo has no history
  // Why the pool, as it is, can never grant it, so that it is skipped; empty: it can.
  std::string never{};
};

// Why there is no stack. The enumerators are the codes that clients see.
enum class NoClaim {
  none_available = 1,
  stack_unavailable,
  never_satisfiable,
  request_conflict,
  request_ended,
  repo_unknown,
  stack_unknown,
  request_unknown,
};
// What a repo has for a wish, whoever has it now.
struct Pool {
  std::int64_t stacks = 0;
  std::int64_t suitable = 0;  // of them: that have the labels
};
struct NotGranted {
  NoClaim why = NoClaim::none_available;
  std::string detail{};                // a sentence for people
  std::optional<core::Stack> stack{};  // of stack_unavailable: who has it
  std::optional<Pool> pool{};  // of never_satisfiable, where it is the pool that is too small
};
using ClaimAnswer = std::variant<Granted, Queued, NotGranted>;

// What a release was, or is, answered.
struct ReleaseAnswer {
  core::StackName stack_name{};
  core::RepoName repo_name{};
  core::FencingToken fencing_token = 0;
  bool held = false;
  std::optional<core::Instant> held_until{};
  bool hold_refused = false;  // reason "hold_limit"
};
// The claim ended otherwise than its owner, who asks, knows.
struct ClaimLost {
  core::EndReason reason = core::EndReason::expired;
  core::Instant at{};
  std::optional<core::Stack> stack{};  // as it is now, and who has it; none: it is gone
};
struct ClaimUnknown {
};  // no such claim, or it ended longer ago than is remembered (ended_claim_kept)

// Of extending and looking up: the stack with its claim.
using ClaimState = std::variant<core::Stack, ClaimLost, ClaimUnknown>;
using Released = std::variant<ReleaseAnswer, ClaimLost, ClaimUnknown>;

struct Withdrawn {};
// Granted: it is too late, these are its claims.
using WithdrawAnswer = std::variant<Withdrawn, Granted, NotGranted>;
using PriorityAnswer = std::variant<Queued, Granted, NotGranted>;

// Of a change by an admin or by the seed's API: the stack as it is after it.
using Changed = std::variant<core::Stack, core::Refused>;

struct SweepCounts {
  std::int64_t released = 0;  // seed claims
  std::int64_t expired = 0;   // leases
  std::int64_t holds_ended = 0;
  std::int64_t removed = 0;                      // stacks that were unused for too long
  std::vector<core::StackName> removed_names{};  // for the log: the real stacks are still there
};

struct Imported {
  std::int64_t created = 0;
  std::int64_t replaced = 0;
};
struct NamesExist {
  std::vector<core::StackName> names{};
  // How many stacks earlier slices had imported when this one was refused: 0, unless somebody else
  // created one of the names meanwhile.
  std::int64_t imported_before = 0;
};
using ImportAnswer = std::variant<Imported, NamesExist>;

}  // namespace bddlock::service

template <>
struct std::hash<bddlock::service::RequestKey> {
  std::size_t operator()(const bddlock::service::RequestKey& key) const noexcept {
    const std::hash<std::string> of_text;
    return of_text(key.repo_name.text()) * 31 + of_text(key.request_id.text());
  }
};
