#include "process/watcher.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>

#include "process/after_fork.hpp"

namespace bddlock::process {

namespace {

void set_timer(int timer, std::int64_t deadline) {
  itimerspec when{};
  if (deadline != WatchOrder::no_deadline) {
    when.it_value.tv_sec = deadline / 1000;
    when.it_value.tv_nsec = deadline % 1000 * 1'000'000;
    // All zero would mean never.
    if (deadline <= 0) when.it_value = {0, 1};
  }
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, nullptr);
}

// False: the parent is gone.
bool take_order(int channel, int timer) {
  WatchOrder order;
  const ssize_t got = recv(channel, &order, sizeof order, 0);
  if (got == sizeof order) set_timer(timer, order.deadline);
  return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

void close_files(int channel, int highest) { close_all_but(&channel, 1, 0, highest); }

}  // namespace

void order_deadline(int channel, std::optional<milliseconds> deadline) {
  const WatchOrder order{deadline ? deadline->count() : WatchOrder::no_deadline};
  send(channel, &order, sizeof order, MSG_NOSIGNAL);
}

void watch(int channel, pid_t group, int highest) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  setsid();
  [[maybe_unused]] const int stays = chdir("/");
  prctl(PR_SET_NAME, "bdd-lock-watch");
  close_files(channel, highest);
  const int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
  for (;;) {
    pollfd files[2] = {{channel, POLLIN, 0}, {timer, POLLIN, 0}};
    if (poll(files, 2, -1) < 0) continue;
    if (files[1].revents != 0) {
      kill(-group, SIGKILL);
      set_timer(timer, WatchOrder::no_deadline);
    }
    if (files[0].revents != 0 && !take_order(channel, timer)) {
      kill(-group, SIGKILL);
      _exit(0);
    }
  }
}

}  // namespace bddlock::process
