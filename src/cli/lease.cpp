#include "cli/lease.hpp"

#include <algorithm>

namespace bddlock::cli {

namespace {

constexpr milliseconds first_retry{500};
constexpr milliseconds longest_retry{5'000};
constexpr milliseconds shortest_call{500};
constexpr milliseconds longest_call{5'000};
// An answer takes its time: only more than this is the server's limit.
constexpr milliseconds jitter_of_answers{2'000};

milliseconds pace_of(seconds lease) {
  return std::min<milliseconds>(milliseconds(lease) / 3, extend_every_longest);
}

}  // namespace

Lease::Lease(milliseconds sent_at, seconds lease, core::Instant expires_at,
             const std::function<std::uint64_t()>& random)
    : lease_(lease),
      expires_at_(expires_at),
      ends_at_(sent_at + lease),
      due_(sent_at + pace_of(lease)),
      random_(random) {}

milliseconds Lease::call_limit() const {
  return std::clamp<milliseconds>(milliseconds(lease_) / 6, shortest_call, longest_call);
}

void Lease::extended(const Extension& extension) {
  const milliseconds by_lease = extension.sent_at + extension.lease;
  const milliseconds by_server =
      ends_at_ + std::chrono::duration_cast<milliseconds>(extension.expires_at - expires_at_);
  lease_ = extension.lease;
  ends_at_ = by_server + jitter_of_answers < by_lease ? by_server : by_lease;
  expires_at_ = extension.expires_at;
  due_ = extension.sent_at + pace_of(lease_);
  is_failing_ = false;
  backoff_.reset();
}

void Lease::failed(milliseconds now) {
  if (!backoff_) backoff_.emplace(first_retry, longest_retry, random_);
  due_ = now + backoff_->next();
  is_failing_ = true;
}

}  // namespace bddlock::cli
