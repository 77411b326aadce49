// The machine's processes, as /proc shows them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bddlock::process {

struct Entry {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t group = 0;
  char state = '?';           // R, S, D, T, Z, ...
  std::uint64_t started = 0;  // clock ticks since boot: with the pid it names a process for good
  std::string name;           // the first 15 bytes of its file's

  // A zombie does nothing more; it waits for its parent to ask how it ended.
  [[nodiscard]] bool is_alive() const { return state != 'Z' && state != 'X'; }
};

// Nothing where /proc is not mounted, or is another namespace's.
[[nodiscard]] std::vector<Entry> process_table();
[[nodiscard]] std::optional<Entry> process_entry(pid_t pid);

// Of the text of /proc/PID/stat. The name may have spaces and parentheses in it.
[[nodiscard]] std::optional<Entry> parse_stat(std::string_view text);

}  // namespace bddlock::process
