// How long a claim is surely this client's, and when to extend it. By the client's own clock of
// boot time alone: a lease ends no earlier than its length after the call was sent that gave it
// (DESIGN section 3). Pure; every `now` and `sent_at` is of that clock.
#pragma once

#include <optional>

#include "cli/backoff.hpp"
#include "cli/claim_calls.hpp"

namespace bddlock::cli {

inline constexpr seconds extend_every_longest{30};

class Lease {
 public:
  // As it was granted. `random` must outlive it.
  Lease(milliseconds sent_at, seconds lease, core::Instant expires_at,
        const std::function<std::uint64_t()>& random);

  // Until then nobody else is lent the stack.
  [[nodiscard]] milliseconds ends_at() const { return ends_at_; }
  // When to extend it: a third of the lease after the last success and at least each 30 s, or
  // after a pause that grows, when the last try failed.
  [[nodiscard]] milliseconds due() const { return due_; }

  // How long an extension with its repeats may take, before people are told and a pause is made.
  [[nodiscard]] milliseconds call_limit() const;

  // The server's limit for a claim as a whole may have cut the extension short.
  void extended(const Extension& extension);
  void failed(milliseconds now);

  [[nodiscard]] bool is_failing() const { return is_failing_; }

 private:
  seconds lease_;
  core::Instant expires_at_;  // by the server's clock: only its differences count
  milliseconds ends_at_;
  milliseconds due_;
  bool is_failing_ = false;
  const std::function<std::uint64_t()>& random_;
  std::optional<Backoff> backoff_ = {};
};

}  // namespace bddlock::cli
