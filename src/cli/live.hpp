// The terminal while a command draws on it: the keys that end it, signals, its size. Environment
// has the way to it; what it draws goes to env.out as everything else.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

namespace bddlock::cli {

enum class Stir {
  none = 1,  // the time is over
  resized,
  end,  // q, Q, Ctrl-C, Ctrl-D, a signal that ends programs, or the terminal has gone
};

struct TerminalSize {
  std::size_t rows = 24;
  std::size_t columns = 80;
  friend bool operator==(const TerminalSize&, const TerminalSize&) = default;
};

// As long as any copy lives the terminal shows a second screen without a cursor, in which long
// lines do not wrap, keys are read as they are pressed, and signals are kept back for wait(). When
// the last copy goes, all is as it was before. Threads: one.
struct Live {
  std::function<Stir(std::chrono::milliseconds)> wait;  // at most so long; `end` stays
  std::function<bool()> ended;                          // without waiting
  std::function<TerminalSize()> size;
};

// The process's own, on its standard input and output. REQUIRES: the output is a terminal.
[[nodiscard]] Live begin_live();

}  // namespace bddlock::cli
