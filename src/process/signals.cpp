#include "process/signals.hpp"

#include <sys/signalfd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace bddlock::process {

namespace {

// SIGPIPE and SIGTTOU are blocked and never told: a write to nobody fails with EPIPE, and a process
// in the background may give the terminal to another group only with SIGTTOU blocked.
constexpr std::array caught{SIGINT,  SIGTERM, SIGHUP,   SIGQUIT, SIGUSR1, SIGUSR2,
                            SIGTSTP, SIGCONT, SIGWINCH, SIGCHLD, SIGPIPE, SIGTTOU};

sigset_t caught_but(const sigset_t& ignored) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : caught) {
    if (signal == SIGCHLD || sigismember(&ignored, signal) == 0) sigaddset(&set, signal);
  }
  return set;
}

}  // namespace

bool is_stop_signal(int signal) {
  return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

std::expected<std::unique_ptr<Signals>, std::string> Signals::open() {
  std::unique_ptr<Signals> signals(new Signals);
  const sigset_t set = caught_but(signals->inherited_.ignored);
  signals->queue_ = Descriptor(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!signals->queue_)
    return std::unexpected(std::string("cannot receive signals: ") + std::strerror(errno));
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // Ignored, the kernel would take the children away before anybody asks how they ended.
  struct sigaction by_default{};
  by_default.sa_handler = SIG_DFL;
  sigaction(SIGCHLD, &by_default, &signals->child_action_);
  return signals;
}

Signals::~Signals() {
  if (!queue_) return;
  sigaction(SIGCHLD, &child_action_, nullptr);
  pthread_sigmask(SIG_SETMASK, &inherited_.mask, nullptr);
}

std::optional<int> Signals::take() {
  signalfd_siginfo info{};
  while (read(queue_.get(), &info, sizeof info) == sizeof info) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGPIPE || signal == SIGTTOU) continue;
    if (is_stop_signal(signal) && !stopped_by_) stopped_by_ = signal;
    return signal;
  }
  return std::nullopt;
}

bool Signals::stop_self() {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  // The group: what a shell started in one line with this stops as well. The kernel ignores the
  // signal in a group that no shell looks after.
  kill(0, SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &stop, nullptr);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGCONT) == 1;
}

}  // namespace bddlock::process
