// The watcher of a command's group: a process that does nothing but wait for its parent's end, and
// then kills the group. It is in a session of its own, so no key and no signal to a group reaches
// it, and it holds none of the parent's files, so that whoever reads the command's output sees its
// end. It also kills the group when a deadline passes that the parent did not move: a parent that
// was stopped, or hangs, cannot extend its lease, and somebody else may have the stack by then.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "process/boot_time.hpp"

namespace bddlock::process {

// A packet to the watcher: milliseconds of boot_time(), or none to wait without one.
struct WatchOrder {
  static constexpr std::int64_t no_deadline = -1;
  std::int64_t deadline = no_deadline;
};

// To the watcher at the other end of `channel`.
void order_deadline(int channel, std::optional<milliseconds> deadline);

// In a new process, by async-signal-safe calls alone. `channel` is a socket of packets; its end is
// that of the parent. `highest` as in Prepared.
[[noreturn]] void watch(int channel, pid_t group, int highest);

}  // namespace bddlock::process
