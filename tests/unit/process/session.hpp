// A terminal with a shell of the simplest kind on it, which runs process_probe as one job: what a
// person at a keyboard has. The shell is a process of its own; the test types, reads and tells it
// what to do.
#pragma once

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "probing.hpp"

namespace bddlock::process::testing {

struct Job {
  std::string script;
  std::string out = {};  // a file in the place of the terminal
  bool in_background = false;
};

class Session {
 public:
  explicit Session(const Job& job) {
    master_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT_EQ(grantpt(master_), 0);
    EXPECT_EQ(unlockpt(master_), 0);
    std::array<int, 2> orders{};
    std::array<int, 2> reports{};
    EXPECT_EQ(pipe2(orders.data(), O_CLOEXEC), 0);
    EXPECT_EQ(pipe2(reports.data(), O_CLOEXEC), 0);
    orders_ = orders[1];
    reports_ = reports[0];
    const std::string terminal = ptsname(master_);
    shell_ = fork();
    if (shell_ == 0) be_shell(terminal, job, orders[0], reports[1]);
    close(orders[0]);
    close(reports[1]);
    EXPECT_EQ(read(reports_, &probe_, sizeof probe_), static_cast<ssize_t>(sizeof probe_));
  }

  ~Session() {
    kill(shell_, SIGKILL);
    kill(-probe_, SIGKILL);
    waitpid(shell_, nullptr, 0);
    close(orders_);
    close(reports_);
    close(master_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] pid_t probe() const { return probe_; }

  void type(const std::string& keys) const {
    EXPECT_EQ(write(master_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }

  // Waits until the terminal has shown this.
  [[nodiscard]] bool shows(const std::string& text) {
    const bool found = comes_true([&] {
      pollfd file{master_, POLLIN, 0};
      std::array<char, 4096> piece;
      if (poll(&file, 1, 0) > 0) {
        const ssize_t got = read(master_, piece.data(), piece.size());
        if (got > 0) shown_.append(piece.data(), static_cast<std::size_t>(got));
      }
      return shown_.find(text) != std::string::npos;
    });
    EXPECT_TRUE(found) << "shown is only: " << shown_ << "\nthe job's state: " << state_of_job();
    return found;
  }
  [[nodiscard]] const std::string& shown() const { return shown_; }

  // Whose the terminal is.
  [[nodiscard]] pid_t foreground() const { return tcgetpgrp(master_); }

  [[nodiscard]] tcflag_t local_modes() const {
    termios modes{};
    EXPECT_EQ(tcgetattr(master_, &modes), 0);
    return modes.c_lflag;
  }

  // Until the job stops or ends: its status as wait gives it.
  [[nodiscard]] int wait() const { return ask('w'); }
  // As the shell's fg and bg do.
  void to_foreground() const { static_cast<void>(ask('f')); }
  void to_background() const { static_cast<void>(ask('b')); }

 private:
  [[nodiscard]] std::string state_of_job() const {
    const auto entry = process_entry(probe_);
    return entry ? entry->name + " " + entry->state : "gone";
  }

  int ask(char order) const {
    EXPECT_EQ(write(orders_, &order, 1), 1);
    int answer = -1;
    pollfd file{reports_, POLLIN, 0};
    EXPECT_EQ(poll(&file, 1, 60'000), 1) << "the job neither stops nor ends";
    if (file.revents == 0) return answer;
    EXPECT_EQ(read(reports_, &answer, sizeof answer), static_cast<ssize_t>(sizeof answer));
    return answer;
  }

  [[noreturn]] static void be_job(const Job& job) {
    setpgid(0, 0);
    for (const int number : {SIGTTOU, SIGTTIN, SIGTSTP}) signal(number, SIG_DFL);
    if (!job.out.empty()) dup2(open(job.out.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600), 1);
    execl(PROCESS_PROBE, "process_probe", "--grace", "60000", "--", "sh", "-c", job.script.c_str(),
          nullptr);
    _exit(99);
  }

  [[noreturn]] static void be_shell(const std::string& terminal, const Job& job, int orders,
                                    int reports) {
    setsid();
    const int file = open(terminal.c_str(), O_RDWR);  // becomes that of the session
    for (int number = 0; number < 3; ++number) dup2(file, number);
    for (const int number : {SIGTTOU, SIGTTIN, SIGTSTP}) signal(number, SIG_IGN);
    std::array<int, 2> gate{};
    if (pipe(gate.data()) != 0) _exit(98);
    const pid_t probe = fork();
    char go = 0;
    if (probe == 0) {
      // Only when the terminal is its group's.
      if (read(gate[0], &go, 1) != 1) _exit(97);
      close(gate[0]);
      close(gate[1]);
      be_job(job);
    }
    setpgid(probe, probe);
    if (!job.in_background) tcsetpgrp(0, probe);
    if (write(gate[1], &go, 1) != 1 || write(reports, &probe, sizeof probe) < 0) _exit(96);
    obey(probe, orders, reports);
  }

  [[noreturn]] static void obey(pid_t probe, int orders, int reports) {
    for (char order = 0; read(orders, &order, 1) == 1;) {
      int answer = 0;
      if (order == 'w') waitpid(probe, &answer, WUNTRACED);
      if (order == 'w' && WIFSTOPPED(answer)) tcsetpgrp(0, getpgrp());
      if (order == 'f') tcsetpgrp(0, probe);
      if (order != 'w') kill(-probe, SIGCONT);
      if (write(reports, &answer, sizeof answer) < 0) break;
    }
    _exit(0);
  }

  int master_ = -1;
  int orders_ = -1;
  int reports_ = -1;
  pid_t shell_ = 0;
  pid_t probe_ = 0;
  std::string shown_;
};

}  // namespace bddlock::process::testing
