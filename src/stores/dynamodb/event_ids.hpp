// Gives events their ids: rising, never twice. Threads: any.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <mutex>

#include "core/instant.hpp"

namespace bddlock::stores {

// The id after `last`, of an event at `at`; larger than `last`.
using NextId = std::function<std::int64_t(std::int64_t last, core::Instant at)>;

// The event's time in microseconds, or the next that is free: ids rise over all replicas as far as
// their clocks agree, without a counter that each change would have to ask. Below 2^53 until the
// year 2255, so that every JSON reader takes them for what they are.
[[nodiscard]] inline std::int64_t id_by_time(std::int64_t last, core::Instant at) {
  return std::max(last + 1, at.time_since_epoch().count());
}

class EventIds {
 public:
  explicit EventIds(NextId next) : next_(std::move(next)) {}

  [[nodiscard]] std::int64_t take(core::Instant at) {
    const std::scoped_lock lock{mutex_};
    return last_ = next_(last_, at);
  }
  // Those from `first` on were not used, and are free again if nobody took a later one.
  void give_back(std::int64_t first, std::int64_t last) {
    const std::scoped_lock lock{mutex_};
    if (last_ == last) last_ = first - 1;
  }

 private:
  const NextId next_;
  std::mutex mutex_;
  std::int64_t last_ = 0;
};

}  // namespace bddlock::stores
