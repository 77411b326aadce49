// What calls of Amazon's services have in common: where a service is, what they need of the world
// around them, and how often a call that failed is made again.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "aws/times.hpp"
#include "net/client.hpp"

namespace bddlock::aws {

struct ServicePlace {
  net::Endpoint endpoint;
  std::string region;
  net::Surroundings net = {};
};

struct Tools {
  std::function<Instant()> now;  // the wall clock: signatures are good for some minutes
  std::function<std::uint64_t()> random;
  std::function<void(std::chrono::milliseconds)> sleep;
  // How long calls may still take: a try ends with it, and none is begun behind it. May be empty:
  // then only the budget ends them.
  std::function<std::chrono::milliseconds()> time_left = {};
};

struct RetryBudget {
  int tries = 8;  // 0.025 + … + 1 s: some 3 s of waiting at most
  // Of those, how many may end in a conflict with another call at the same items: whoever won it
  // has changed them, so that most callers do better to read again.
  int conflicts = 3;
  std::chrono::milliseconds first_wait{25};
  std::chrono::milliseconds longest_wait{1'000};
  std::chrono::milliseconds try_time_limit{5'000};
  std::chrono::milliseconds time_limit{10'000};  // after it no try begins
};

// Any time up to the limit, which doubles with each failed try ("full jitter"), by a random number.
[[nodiscard]] std::chrono::milliseconds wait_before(const RetryBudget& budget, int failed_tries,
                                                    std::uint64_t random);

}  // namespace bddlock::aws
