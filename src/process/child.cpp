#include "process/child.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>

#include "process/watcher.hpp"

namespace bddlock::process {

std::expected<std::unique_ptr<Child>, StartFault> Child::start(const Command& command,
                                                               Signals& signals) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  Terminal terminal;
  auto launched = launch(command, signals.inherited(), terminal);
  if (!launched) return std::unexpected(launched.error());
  return std::unique_ptr<Child>(new Child(std::move(*launched), signals, std::move(terminal)));
}

Child::Child(Launched launched, Signals& signals, Terminal terminal)
    : signals_(signals),
      terminal_(std::move(terminal)),
      launched_(std::move(launched)),
      others_(signals.inherited().children),
      wants_terminal_(terminal_.is_of(launched_.pid)) {
  others_.push_back(launched_.watcher);
}

Child::~Child() {
  if (!is_over_) static_cast<void>(end(milliseconds{0}, boot_time()));
}

Happening Child::next(const Wakeup& wakeup, std::optional<milliseconds> until) {
  for (;;) {
    reap();
    if (status_) return {Happening::Kind::ended};
    const Event event = next_event(signals_, wakeup, until);
    if (event.kind == Event::Kind::poked) return {Happening::Kind::poked};
    if (event.kind == Event::Kind::time_up) return {Happening::Kind::time_up};
    if (is_stop_signal(event.signal)) return {Happening::Kind::signal, event.signal};
    pass_on(event.signal);
  }
}

void Child::set_deadline(std::optional<milliseconds> deadline) const {
  order_deadline(launched_.channel.get(), deadline);
}

// Orphans of the command are this process's children: all are waited for, or they stay zombies.
void Child::reap() {
  int status = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0;) {
    if (pid == launched_.watcher && !WIFSTOPPED(status)) launched_.watcher = 0;
    if (pid != launched_.pid) continue;
    if (WIFSTOPPED(status)) {
      follow_stop(WSTOPSIG(status));
    } else {
      status_ = status;
      release_terminal();
    }
  }
}

// Only what a terminal does: a command that was stopped by somebody's `kill -STOP` is theirs to
// continue.
void Child::follow_stop(int signal) {
  const bool wants_it = signal == SIGTTIN || signal == SIGTTOU;
  if (is_ending_ || !terminal_.exists() || !(wants_it || signal == SIGTSTP)) return;
  wants_terminal_ = wants_terminal_ || wants_it;
  if (wants_it && terminal_.is_ours()) return resume();
  if (terminal_.is_of(group())) terminal_.take_back();
  // When it goes on, SIGCONT comes to this process, and is passed on. Without a shell to continue
  // it nothing would come, and nobody could stop it by a key either.
  if (!signals_.stop_self() && signal == SIGTSTP) send(SIGCONT);
}

void Child::resume() {
  if (wants_terminal_ && terminal_.is_ours()) terminal_.give_to(group());
  send(SIGCONT);
}

void Child::pass_on(int signal) {
  if (signal == SIGCONT) {
    resume();
  } else if (signal != SIGCHLD && !(signal == SIGTSTP && is_ending_)) {
    send(signal);
  }
}

// To nobody once the group may be gone: another one could have its number.
void Child::send(int signal) const {
  if (is_over_ || (status_ && !has_processes(group()))) return;
  kill(-group(), signal);
  if (!status_ && getpgid(group()) != group()) kill(group(), signal);  // it left its own group
}

void Child::release_terminal() const {
  if (!terminal_.is_of(group())) return;
  terminal_.take_back();
  if (WIFSIGNALED(*status_)) terminal_.restore_modes();
}

}  // namespace bddlock::process
