#include "process/inherited.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "process/table.hpp"

namespace bddlock::process {

namespace {

constexpr int probed_without_proc = 1024;

std::vector<int> probed_descriptors() {
  std::vector<int> open;
  for (int number = 3; number < probed_without_proc; ++number) {
    if (fcntl(number, F_GETFD) >= 0) open.push_back(number);
  }
  return open;
}

sigset_t ignored_signals() {
  sigset_t ignored;
  sigemptyset(&ignored);
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action{};
    if (sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
      sigaddset(&ignored, number);
  }
  return ignored;
}

// Whether there are any is quickly asked; who they are takes a look at all processes.
std::vector<pid_t> present_children() {
  siginfo_t found{};
  if (waitid(P_ALL, 0, &found, WEXITED | WSTOPPED | WNOHANG | WNOWAIT) != 0) return {};
  std::vector<pid_t> children;
  for (const Entry& entry : process_table()) {
    if (entry.parent == getpid()) children.push_back(entry.pid);
  }
  return children;
}

}  // namespace

void hold_standard_numbers() {
  for (int number = open("/dev/null", O_RDWR | O_CLOEXEC); number >= 0;
       number = open("/dev/null", O_RDWR | O_CLOEXEC)) {
    if (number <= 2) continue;
    close(number);
    return;
  }
}

std::vector<int> open_descriptors() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return probed_descriptors();
  std::vector<int> open;
  while (const dirent* entry = readdir(folder)) {
    const int number = std::atoi(entry->d_name);
    if (number > 2 && number != dirfd(folder)) open.push_back(number);
  }
  closedir(folder);
  std::ranges::sort(open);
  return open;
}

Inherited inherited_now() {
  Inherited inherited;
  pthread_sigmask(SIG_SETMASK, nullptr, &inherited.mask);
  inherited.ignored = ignored_signals();
  inherited.descriptors = open_descriptors();
  inherited.children = present_children();
  return inherited;
}

}  // namespace bddlock::process
