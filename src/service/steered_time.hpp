// Wall-clock time that never falls and never jumps (DESIGN section 3, "Time"): it starts at the
// wall clock, goes on with the boot-time clock, and follows the wall clock by at most 1 % of the
// time that passes. A step of hours in either direction ends no claim early, and is made good
// slowly. Pure: both clocks are parameters. Threads: one at a time.
#pragma once

#include "core/instant.hpp"

namespace bddlock::service {

class SteeredTime {
 public:
  // `boot` is the time since boot, suspended time included.
  SteeredTime(core::Instant wall, core::microseconds boot);

  [[nodiscard]] core::Instant now(core::Instant wall, core::microseconds boot);

  // How far the wall clock was ahead of this time at the last now(); negative: behind.
  [[nodiscard]] core::microseconds drift() const { return drift_; }

 private:
  core::Instant last_;
  core::microseconds last_boot_;
  // Part of the 1 % that is too small to be a whole microsecond yet, in 1/100 us, so that frequent
  // calls follow as fast as rare ones.
  std::int64_t allowance_hundredths_ = 0;
  core::microseconds drift_{0};
};

}  // namespace bddlock::service
