// The port to the time. Any thread may call it; it never falls, not even when the host's clock is
// set back.
#pragma once

#include "core/instant.hpp"

namespace bddlock::service {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual core::Instant now() = 0;
};

}  // namespace bddlock::service
