#include "aws/service.hpp"

#include <algorithm>

namespace bddlock::aws {

std::chrono::milliseconds wait_before(const RetryBudget& budget, int failed_tries,
                                      std::uint64_t random) {
  auto limit = budget.first_wait;
  for (int i = 1; i < failed_tries && limit < budget.longest_wait; ++i) limit *= 2;
  limit = std::min(limit, budget.longest_wait);
  return std::chrono::milliseconds(random % (static_cast<std::uint64_t>(limit.count()) + 1));
}

}  // namespace bddlock::aws
