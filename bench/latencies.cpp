#include "latencies.hpp"

#include <algorithm>
#include <chrono>

namespace bddlock::bench {

Nanoseconds now_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<Nanoseconds>(std::chrono::nanoseconds(now).count());
}

double Latencies::quantile_us(double share) {
  if (times_ns_.empty()) return 0;
  const auto last = static_cast<double>(times_ns_.size() - 1);
  const auto nth = times_ns_.begin() + static_cast<std::ptrdiff_t>(share * last);
  std::nth_element(times_ns_.begin(), nth, times_ns_.end());
  return *nth / 1000.0;
}

}  // namespace bddlock::bench
