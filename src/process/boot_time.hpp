// The clock of all deadlines: never set back or forward, and it goes on while the machine sleeps.
#pragma once

#include <chrono>

namespace bddlock::process {

using std::chrono::milliseconds;

[[nodiscard]] milliseconds boot_time();

}  // namespace bddlock::process
