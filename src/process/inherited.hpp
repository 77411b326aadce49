// What this process was started with, and what a command that it starts gets unchanged: the mask of
// signals, which of them are ignored (nohup), open files, and children that a shell had before it
// became this program by exec.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <vector>

namespace bddlock::process {

struct Inherited {
  sigset_t mask{};
  sigset_t ignored{};
  std::vector<int> descriptors;  // from 3 on, in order
  std::vector<pid_t> children;
};

// As it is now: to be called before this program opens files or starts processes.
[[nodiscard]] Inherited inherited_now();

// Where standard input, output or error is closed, its number is held, so that no file of this
// program gets it and what is printed goes into that file. A command finds it closed all the same.
void hold_standard_numbers();

// From 3 on, in order, without those that looking takes.
[[nodiscard]] std::vector<int> open_descriptors();

}  // namespace bddlock::process
