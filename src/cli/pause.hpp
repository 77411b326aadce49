// A pause that ends early when the command is to stop.
#pragma once

#include <algorithm>
#include <functional>

#include "cli/environment.hpp"

namespace bddlock::cli {

inline constexpr milliseconds stop_asked_every{25};

inline void pause(const Environment& env, milliseconds time,
                  const std::function<bool()>& should_stop) {
  if (time <= milliseconds(0)) return;
  if (!should_stop) return env.sleep(time);
  const milliseconds until = env.since_boot() + time;
  for (milliseconds now = env.since_boot(); now < until && !should_stop(); now = env.since_boot())
    env.sleep(std::min(stop_asked_every, until - now));
}

}  // namespace bddlock::cli
