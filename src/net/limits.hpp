// How long a call may go on: until a point in time, and until somebody says stop. All waiting of
// this folder is done here, so that nothing in it outlasts either.
#pragma once

#include <poll.h>

#include <chrono>
#include <functional>
#include <span>

namespace bddlock::net {

using SteadyClock = std::chrono::steady_clock;

struct Limits {
  SteadyClock::time_point deadline;
  std::function<bool()> should_stop = {};  // as ClientRequest::should_stop
};

enum class Waited { ready = 1, timed_out, stopped };

// Which of the limits is reached now; `ready`: none.
[[nodiscard]] Waited reached(const Limits& limits);

// Sleeps in poll() until one of the descriptors is ready, `until` (or the deadline, if that is
// earlier) has come, or should_stop() is true, which is asked once before the first sleep and then
// every stop_poll_interval. What is ready at the deadline is still `ready`.
[[nodiscard]] Waited wait_for(std::span<pollfd> descriptors, const Limits& limits,
                              SteadyClock::time_point until = SteadyClock::time_point::max());

inline constexpr std::chrono::milliseconds stop_poll_interval{25};

}  // namespace bddlock::net
