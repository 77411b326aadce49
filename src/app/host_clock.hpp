// The clock of this machine: CLOCK_REALTIME and CLOCK_BOOTTIME through SteeredTime. Any thread may
// call it.
#pragma once

#include <mutex>

#include "service/clock.hpp"
#include "service/steered_time.hpp"

namespace bddlock::app {

class HostClock final : public service::Clock {
 public:
  HostClock();
  [[nodiscard]] core::Instant now() override;
  // See SteeredTime::drift.
  [[nodiscard]] core::microseconds drift() const;

 private:
  mutable std::mutex mutex_;
  service::SteeredTime time_;
};

}  // namespace bddlock::app
