// What is left of a command: the members of its process group, and those of its descendants that
// left the group (setsid, a shell with job control) and that the kernel gave to this process when
// their parent ended, as it is the subreaper (prctl(2), PR_SET_CHILD_SUBREAPER).
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "process/table.hpp"

namespace bddlock::process {

struct Remains {
  bool has_group = false;      // somebody in it is alive
  std::vector<Entry> members;  // who; none where /proc cannot tell
  std::vector<Entry> strays;   // children of this process that are no members
  // False: a child is there that was not seen. It has ended by now, or it fled into a new process
  // while the table was read: wait for those that ended, and look again.
  bool is_sure = true;

  [[nodiscard]] bool any() const { return has_group || !strays.empty(); }
  // "4711 (java)" for each.
  [[nodiscard]] std::vector<std::string> names() const;
};

// Zombies count here, also those whose parent never asks for them.
[[nodiscard]] bool has_processes(pid_t group);

// `others`: children of this process that are not of the command. The command itself has been
// waited for. Quick when nothing is left.
[[nodiscard]] Remains remains_of(pid_t group, const std::vector<pid_t>& others);

}  // namespace bddlock::process
