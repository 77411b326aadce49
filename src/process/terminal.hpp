// The terminal that this process and its command share. A shell gives it to one process group: keys
// like Ctrl-C go to that one, and another that reads is stopped. Every call does nothing where
// there is no terminal.
#pragma once

#include <sys/types.h>
#include <termios.h>

#include <optional>

#include "process/descriptor.hpp"

namespace bddlock::process {

class Terminal {
 public:
  // That of this session, if it has one.
  Terminal();

  [[nodiscard]] bool exists() const { return bool(terminal_); }
  [[nodiscard]] bool is_of(pid_t group) const;
  [[nodiscard]] bool is_ours() const;
  // Input and output are the terminal: the command is likely to talk to a person. In `run ... |
  // less` it is less that does.
  [[nodiscard]] static bool is_conversation();

  // REQUIRES: SIGTTOU is blocked, as Signals does.
  void give_to(pid_t group) const;
  void take_back() const;

  // Its modes as they were when this was made: a command that was killed may have left it without
  // echo.
  void restore_modes() const;

 private:
  Descriptor terminal_;
  std::optional<termios> modes_;
};

}  // namespace bddlock::process
