#include "app/host_clock.hpp"

#include <ctime>

namespace bddlock::app {

namespace {

core::microseconds read(clockid_t id) {
  timespec at{};
  clock_gettime(id, &at);
  return std::chrono::duration_cast<core::microseconds>(std::chrono::seconds{at.tv_sec} +
                                                        std::chrono::nanoseconds{at.tv_nsec});
}

core::Instant wall() { return core::Instant{read(CLOCK_REALTIME)}; }

}  // namespace

HostClock::HostClock() : time_(wall(), read(CLOCK_BOOTTIME)) {}

core::Instant HostClock::now() {
  const std::scoped_lock lock(mutex_);
  return time_.now(wall(), read(CLOCK_BOOTTIME));
}

core::microseconds HostClock::drift() const {
  const std::scoped_lock lock(mutex_);
  return time_.drift();
}

}  // namespace bddlock::app
