#include "http/phase.hpp"

#include <algorithm>

namespace bddlock::http {

bool overdue(Phase phase, std::chrono::steady_clock::duration waited, const Limits& limits) {
  switch (phase) {
    case Phase::idle:
      return waited >= limits.idle_time;
    case Phase::receiving:
    case Phase::writing:
      return waited >= limits.request_time;
    case Phase::answering:
      return false;
    case Phase::lingering:
      return waited >= linger_time;
  }
  return false;
}

std::chrono::milliseconds look_interval(const Limits& limits) {
  const auto shortest = std::min(limits.request_time, limits.idle_time);
  return std::clamp(shortest / 8, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

}  // namespace bddlock::http
