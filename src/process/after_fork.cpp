#include "process/after_fork.hpp"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace bddlock::process {

namespace {

constexpr int exit_unstarted = 127;

void close_between(int first, int last, int highest) {
  if (first > last) return;
#ifdef SYS_close_range
  if (syscall(SYS_close_range, static_cast<unsigned>(first), static_cast<unsigned>(last), 0U) == 0)
    return;
#endif
  // Kernels before 5.9.
  for (int number = first; number <= last && number <= highest; ++number) close(number);
}

// What this program ignores by now, or receives, is as it was. exec keeps ignored signals ignored.
void restore_signal_actions(const sigset_t& ignored) {
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action{};
    action.sa_handler = sigismember(&ignored, number) == 1 ? SIG_IGN : SIG_DFL;
    sigaction(number, &action, nullptr);
  }
}

bool is_told_to_go(int channel) {
  char go = 0;
  ssize_t got = 0;
  do {
    got = read(channel, &go, 1);
  } while (got < 0 && errno == EINTR);
  return got == 1;
}

}  // namespace

void close_all_but(const int* kept, std::size_t kept_count, int first, int highest) {
  constexpr int last_number = 0x7FFFFFFF;
  for (std::size_t i = 0; i < kept_count; ++i) {
    close_between(first, kept[i] - 1, highest);
    first = kept[i] + 1;
  }
  close_between(first, last_number, highest);
}

void become_command(const Prepared& prepared) {
  setpgid(0, 0);
  close_all_but(prepared.kept, prepared.kept_count, 3, prepared.highest);
  restore_signal_actions(prepared.inherited->ignored);
  // The parent may have ended before it was asked for.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != prepared.parent || !is_told_to_go(prepared.channel)) _exit(exit_unstarted);
  sigprocmask(SIG_SETMASK, &prepared.inherited->mask, nullptr);
  execvpe(prepared.words[0], prepared.words, prepared.environment);
  const int why = errno;
  [[maybe_unused]] const auto unheard = write(prepared.channel, &why, sizeof why);
  _exit(exit_unstarted);
}

}  // namespace bddlock::process
