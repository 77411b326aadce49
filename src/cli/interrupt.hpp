// Signals as an answer to "shall I stop?", for stages without a command: a call to the server ends
// soon after one came, and Ctrl-Z still stops this process. Threads: the one that opened them.
#pragma once

#include "process/events.hpp"
#include "process/signals.hpp"

namespace bddlock::cli {

class Interrupt {
 public:
  // `signals` must outlive it.
  explicit Interrupt(process::Signals& signals) : signals_(signals) {}

  // Whether a stop signal has come.
  [[nodiscard]] bool came() {
    while (!signals_.stopped_by()) {
      const auto event = process::next_event_alone(signals_, nobody_, process::boot_time());
      if (event.kind == process::Event::Kind::time_up) break;
    }
    return signals_.stopped_by().has_value();
  }

  // As sh gives it for a command that the signal ended.
  [[nodiscard]] int exit_code() const { return 128 + signals_.stopped_by().value_or(0); }

 private:
  process::Signals& signals_;
  process::Wakeup nobody_;
};

}  // namespace bddlock::cli
