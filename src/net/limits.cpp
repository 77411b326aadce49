// Called by connect.cpp, resolver.cpp and, through stream.hpp, by all that reads and writes.
#include "net/limits.hpp"

#include <algorithm>

namespace bddlock::net {
namespace {

// poll() takes whole milliseconds: rounded up, or the last of them would be spent spinning.
int milliseconds_until(SteadyClock::time_point then) {
  constexpr std::chrono::milliseconds longest{60'000};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(then - SteadyClock::now());
  return static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), longest).count());
}

}  // namespace

Waited reached(const Limits& limits) {
  if (limits.should_stop && limits.should_stop()) return Waited::stopped;
  return SteadyClock::now() >= limits.deadline ? Waited::timed_out : Waited::ready;
}

Waited wait_for(std::span<pollfd> descriptors, const Limits& limits,
                SteadyClock::time_point until) {
  const auto end = std::min(until, limits.deadline);
  for (;;) {
    if (limits.should_stop && limits.should_stop()) return Waited::stopped;
    const auto now = SteadyClock::now();
    const auto tick = limits.should_stop ? std::min(end, now + stop_poll_interval) : end;
    if (poll(descriptors.data(), descriptors.size(), milliseconds_until(tick)) > 0)
      return Waited::ready;
    if (SteadyClock::now() >= end) return Waited::timed_out;
  }
}

}  // namespace bddlock::net
