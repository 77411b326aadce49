#include "service/steered_time.hpp"

#include <algorithm>

namespace bddlock::service {

using core::microseconds;

SteeredTime::SteeredTime(core::Instant wall, microseconds boot) : last_(wall), last_boot_(boot) {}

core::Instant SteeredTime::now(core::Instant wall, microseconds boot) {
  const microseconds passed = std::max(boot - last_boot_, microseconds{0});
  last_boot_ = std::max(boot, last_boot_);

  const core::Instant straight_on = last_ + passed;
  const microseconds off = wall - straight_on;
  allowance_hundredths_ += passed.count();
  const microseconds most{allowance_hundredths_ / 100};
  const microseconds correction = std::clamp(off, -most, most);
  // What is not needed now is not saved up for a later jump.
  allowance_hundredths_ = correction == off ? 0 : allowance_hundredths_ % 100;

  last_ = straight_on + correction;
  drift_ = wall - last_;
  return last_;
}

}  // namespace bddlock::service
