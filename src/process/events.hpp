// Waiting for whatever comes first: a signal, a word from another thread, or the time. Threads: one
// waits, any may poke.
#pragma once

#include <optional>

#include "process/boot_time.hpp"
#include "process/signals.hpp"

namespace bddlock::process {

// How another thread gets a waiting one to look around. Pokes add up to one.
class Wakeup {
 public:
  Wakeup();
  void poke() const;
  void clear() const;
  [[nodiscard]] int descriptor() const { return event_.get(); }

 private:
  Descriptor event_;
};

struct Event {
  enum class Kind { signal = 1, poked, time_up };
  Kind kind = Kind::time_up;
  int signal = 0;
  friend bool operator==(const Event&, const Event&) = default;
};

// `until` is of boot_time(); none: without end. Any signal that Signals::take has. Signals go
// first.
[[nodiscard]] Event next_event(Signals& signals, const Wakeup& wakeup,
                               std::optional<milliseconds> until);

// For stages without a command: stop signals, pokes and the time. Ctrl-Z stops this process here,
// and signals that would go to the command are dropped.
[[nodiscard]] Event next_event_alone(Signals& signals, const Wakeup& wakeup,
                                     std::optional<milliseconds> until);

}  // namespace bddlock::process
