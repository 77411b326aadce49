#include <sys/wait.h>

#include <algorithm>

#include "process/child.hpp"

namespace bddlock::process {

namespace {

// Between a SIGKILL and the look whether it is over: most end within a millisecond.
constexpr milliseconds look_every{10};
// With a grace of 4 s all is over within 5 s.
constexpr milliseconds kill_most{900};
constexpr milliseconds settle_most{1000};
// So often nothing must be seen where it is not sure that nothing is there.
constexpr int looks_until_sure = 20;

}  // namespace

Ending Child::stop(int signal, milliseconds grace) {
  send(signal);
  send(SIGCONT);
  // All of the group had the signal: each has a moment to act on it, though the command itself may
  // have died of it at once.
  const milliseconds now = boot_time();
  return end(now + std::min(grace / 2, settle_most), now + grace);
}

Ending Child::finish(milliseconds grace) {
  reap();
  const Remains remains = settle(boot_time() + settle_most);
  const milliseconds now = boot_time();
  Ending result = end(now, now + grace);
  result.left_behind = remains.names();
  return result;
}

// What is left when the time is up or a stop signal came.
Remains Child::settle(milliseconds until) {
  for (;;) {
    reap();
    Remains remains = look();
    if (is_empty(remains) || boot_time() >= until) return remains;
    const Event event = next_event(signals_, nobody_, std::min(until, boot_time() + look_every));
    if (event.kind == Event::Kind::signal && is_stop_signal(event.signal)) return remains;
  }
}

Ending Child::end(milliseconds tell_at, milliseconds kill_at) {
  is_ending_ = true;
  Ending result;
  for (;;) {
    reap();
    const milliseconds now = boot_time();
    const bool is_kill_time = now >= kill_at;
    if (status_ || is_kill_time) {
      const Remains remains = look();
      result.unended = remains.names();
      if (is_empty(remains) || now >= kill_at + kill_most) break;
      if (is_kill_time) kill_all(remains);
      if (!is_kill_time && (now >= tell_at || !remains.has_group)) tell(remains);
      result.was_killed = result.was_killed || (is_kill_time && remains.any());
    }
    const Event event =
        next_event(signals_, nobody_, status_ || is_kill_time ? now + look_every : kill_at);
    if (event.kind == Event::Kind::signal) pass_on(event.signal);
  }
  reap();  // those that died since, or this program would leave zombies to its own parent
  // Where something is left the watcher stays, and tries once more when this process ends.
  if (result.unended.empty()) end_watcher();
  is_over_ = true;
  const int status = status_.value_or(SIGKILL);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  result.exit_code = result.signal ? 128 + *result.signal : WEXITSTATUS(status);
  return result;
}

bool Child::is_empty(const Remains& remains) {
  if (!status_ || remains.any()) {
    looks_ = 0;
    return false;
  }
  return remains.is_sure || ++looks_ >= looks_until_sure;
}

// Without the watcher a look at what is left is quick in the usual case, that nothing is.
Remains Child::look() {
  if (status_ && !has_processes(group())) end_watcher();
  return remains_of(group(), others_);
}

// The command itself has ended. Members that it started late may have had no signal yet, and strays
// had none: what belongs to the group may need them until it ends itself.
void Child::tell(const Remains& remains) {
  if (remains.has_group) {
    if (!is_group_told_) send(SIGTERM);
    if (!is_group_told_) send(SIGCONT);
    is_group_told_ = true;
    return;
  }
  for (const Entry& stray : remains.strays) {
    if (std::ranges::find(told_, stray.pid) != told_.end()) continue;
    kill(stray.pid, SIGTERM);
    kill(stray.pid, SIGCONT);
    told_.push_back(stray.pid);
  }
}

// A stray's own children are this process's as soon as it is dead: the next look finds them.
void Child::kill_all(const Remains& remains) const {
  send(SIGKILL);
  for (const Entry& stray : remains.strays) kill(stray.pid, SIGKILL);
}

void Child::end_watcher() {
  if (launched_.watcher == 0) return;
  kill(launched_.watcher, SIGKILL);
  waitpid(launched_.watcher, nullptr, 0);
  launched_.watcher = 0;
}

}  // namespace bddlock::process
