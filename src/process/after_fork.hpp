// What a new process does between fork and exec. Other threads may have held any lock at the fork,
// so nothing here may allocate, print or take one: only async-signal-safe calls (signal-safety(7)).
#pragma once

#include <sys/types.h>

#include <cstddef>

#include "process/inherited.hpp"

namespace bddlock::process {

// All of it is made before the fork.
struct Prepared {
  char* const* words = nullptr;
  char* const* environment = nullptr;
  const int* kept = nullptr;  // numbers of open files from 3 on, in order; all others are closed
  std::size_t kept_count = 0;
  int highest = 0;  // no open file has a higher number than this, by some margin
  const Inherited* inherited = nullptr;
  pid_t parent = 0;
  int channel = -1;  // is among the kept, and closed by exec
};

// Makes a group of its own, waits for one byte on the channel, and becomes the command. If that
// fails it writes errno there. Where the parent is gone it just ends.
[[noreturn]] void become_command(const Prepared& prepared);

// Closes all open files from `first` on but the `kept`.
void close_all_but(const int* kept, std::size_t kept_count, int first, int highest);

}  // namespace bddlock::process
