// Times of calls, kept one by one so that the quantiles are exact. Threads: one at a time.
#pragma once

#include <cstdint>
#include <vector>

namespace bddlock::bench {

using Nanoseconds = std::uint64_t;

// The monotonic clock.
[[nodiscard]] Nanoseconds now_ns();

class Latencies {
 public:
  explicit Latencies(std::size_t expected) { times_ns_.reserve(expected); }

  void add(Nanoseconds time) { times_ns_.push_back(static_cast<std::uint32_t>(time)); }  // < 4 s
  [[nodiscard]] std::size_t count() const { return times_ns_.size(); }

  // In microseconds; `share` is 0.5 for the median. 0 if there is none. Reorders, hence not const.
  [[nodiscard]] double quantile_us(double share);

 private:
  std::vector<std::uint32_t> times_ns_;
};

}  // namespace bddlock::bench
