// Starts a command in a process group of its own, and beside it a watcher that ends the group
// should this process be gone, even by SIGKILL.
#pragma once

#include <sys/types.h>

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "process/boot_time.hpp"
#include "process/descriptor.hpp"
#include "process/inherited.hpp"
#include "process/terminal.hpp"

namespace bddlock::process {

struct Command {
  std::vector<std::string> words;  // at least one; the first is looked for in PATH as sh does
  // Added to the environment, in the place of what has the same name.
  std::vector<std::pair<std::string, std::string>> variables = {};
  // As Child::set_deadline, and there before the command is.
  std::optional<milliseconds> deadline = {};
};

// It was not started. As in sh: 127 where there is no such file, 126 for all else.
struct StartFault {
  int exit_code = 126;
  std::string sentence;
};

struct Launched {
  pid_t pid = 0;  // the command's, and its group's
  pid_t watcher = 0;
  Descriptor channel;  // to the watcher, see watcher.hpp
};

// The command has this process's working directory, limits and standard streams as they are, and
// the signal mask, ignored signals and other open files as they were `inherited`: it gets none of
// this program's own files. Only the thread that calls may wait for it, and the command dies with
// that thread.
[[nodiscard]] std::expected<Launched, StartFault> launch(const Command& command,
                                                         const Inherited& inherited,
                                                         const Terminal& terminal);

}  // namespace bddlock::process
