// What a connection waits for, and how long it may. Pure: the waiting time is a parameter.
#pragma once

#include <chrono>

#include "http/server.hpp"

namespace bddlock::http {

enum class Phase {
  idle = 1,   // for a request's first byte: idle_time
  receiving,  // for the rest of a request: request_time
  answering,  // for ourselves: no limit here
  writing,    // for the client to take what was written: request_time
  lingering,  // for the client to close after our last answer: linger_time
};

// Time for a client that still sends to read the last answer. Closing at once would reset the
// connection, and a reset discards what the client has not read yet.
inline constexpr std::chrono::milliseconds linger_time{2'000};

[[nodiscard]] bool overdue(Phase phase, std::chrono::steady_clock::duration waited,
                           const Limits& limits);

// How often to look, so that a limit is kept to within an eighth of itself, at most 250 ms.
[[nodiscard]] std::chrono::milliseconds look_interval(const Limits& limits);

}  // namespace bddlock::http
