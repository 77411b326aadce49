// How long to wait before the next try: twice as long each time up to a limit, and each time a
// random part of that, so that jobs which started together do not come back together.
#pragma once

#include <algorithm>
#include <functional>

#include "cli/environment.hpp"

namespace bddlock::cli {

class Backoff {
 public:
  Backoff(milliseconds first, milliseconds most, const std::function<std::uint64_t()>& random)
      : next_(first), most_(most), random_(random) {}

  // Between half and all of the current step.
  [[nodiscard]] milliseconds next() {
    const auto half = next_.count() / 2;
    const auto jitter = static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(half + 1));
    next_ = std::min(next_ * 2, most_);
    return milliseconds(half + jitter);
  }

 private:
  milliseconds next_;
  milliseconds most_;
  const std::function<std::uint64_t()>& random_;
};

}  // namespace bddlock::cli
