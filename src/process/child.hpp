// A command that runs in a process group of its own, watched until nothing of it is left.
//
// What is promised: when stop() or finish() return with nothing in `unended`, no process of the
// command's group is alive, and no descendant that left the group either, but for those that the
// kernel does not let this process see or signal (another user's, after sudo; another namespace's)
// and those that were started by somebody else on its behalf (a daemon of docker, systemd, cron).
// When this process ends in any other way, by SIGKILL too, the watcher kills the group; strays
// outside of it then live on. docs/decisions/0010-the-processes-of-a-command.md has the reasons.
//
// One at a time, and nothing else in this process may wait for children of its own meanwhile.
// Threads: the one that called start() does all the rest, and must live as long as the process.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "process/events.hpp"
#include "process/launch.hpp"
#include "process/remains.hpp"

namespace bddlock::process {

struct Ending {
  int exit_code = 0;  // the command's own, or 128 + the signal that ended it
  std::optional<int> signal = {};
  bool was_killed = false;  // something was left when the grace was over, and got SIGKILL
  // After the command itself had ended: "4711 (java)" for each process that it left running.
  std::vector<std::string> left_behind = {};
  // What even SIGKILL did not end in time (a hanging network file system), or may not be killed.
  std::vector<std::string> unended = {};
};

struct Happening {
  enum class Kind { ended = 1, signal, poked, time_up };
  Kind kind = Kind::time_up;
  int signal = 0;  // a stop signal
  friend bool operator==(const Happening&, const Happening&) = default;
};

class Child {
 public:
  // `signals` must outlive it.
  [[nodiscard]] static std::expected<std::unique_ptr<Child>, StartFault> start(
      const Command& command, Signals& signals);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  // Kills what neither stop() nor finish() has ended.
  ~Child();

  // Until the command itself ends, a stop signal comes for this process, `wakeup` is poked, or the
  // time is up. Other signals are passed on to the command meanwhile, and Ctrl-Z stops both.
  [[nodiscard]] Happening next(const Wakeup& wakeup, std::optional<milliseconds> until);

  // Sends the group `signal`, and SIGCONT to those that are stopped. When the command itself has
  // ended, members that are left get SIGTERM, and after them strays. When `grace` is over all get
  // SIGKILL. Signals that come meanwhile are passed on. Returns when nothing is left, at the latest
  // 0.9 s after the grace.
  [[nodiscard]] Ending stop(int signal, milliseconds grace);

  // After the command ended by itself. What it left behind has a second to end too (`>(tee log)` in
  // bash writes on for a moment), then SIGTERM, `grace` and SIGKILL.
  [[nodiscard]] Ending finish(milliseconds grace);

  // The watcher kills the group at this boot_time() unless it is moved before. None: no deadline.
  void set_deadline(std::optional<milliseconds> deadline) const;

  [[nodiscard]] pid_t group() const { return launched_.pid; }

 private:
  Child(Launched launched, Signals& signals, Terminal terminal);

  void reap();
  void follow_stop(int signal);
  void resume();
  void pass_on(int signal);
  void send(int signal) const;
  void tell(const Remains& remains);
  void kill_all(const Remains& remains) const;
  void release_terminal() const;
  void end_watcher();
  [[nodiscard]] Remains look();
  [[nodiscard]] bool is_empty(const Remains& remains);
  [[nodiscard]] Remains settle(milliseconds until);
  // From `tell_at` on what outlived the command gets SIGTERM, from `kill_at` on SIGKILL.
  [[nodiscard]] Ending end(milliseconds tell_at, milliseconds kill_at);

  Signals& signals_;
  Terminal terminal_;
  Launched launched_;
  Wakeup nobody_;              // for waits that only signals and the time end
  std::vector<pid_t> others_;  // children that are not of the command
  std::vector<pid_t> told_;    // strays that got SIGTERM
  std::optional<int> status_;  // of the command itself, as wait gives it
  bool wants_terminal_;
  int looks_ = 0;               // that saw nothing, and were not sure
  bool is_group_told_ = false;  // it got SIGTERM after the command itself had ended
  bool is_ending_ = false;
  bool is_over_ = false;
};

}  // namespace bddlock::process
