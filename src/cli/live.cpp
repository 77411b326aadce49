#include "cli/live.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace bddlock::cli {

namespace {

using std::chrono::milliseconds;

// The second screen, no cursor, no wrapping; and all of it back. Every terminal since the VT220's
// heirs knows them.
constexpr std::string_view enter = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J\x1b[H";
constexpr std::string_view leave = "\x1b[?7h\x1b[?25h\x1b[?1049l";

constexpr std::array ending = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

volatile sig_atomic_t end_seen = 0;
volatile sig_atomic_t resize_seen = 0;

void note_end(int) { end_seen = 1; }
void note_resize(int) { resize_seen = 1; }

void write_to_screen(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(STDOUT_FILENO, text.data(), text.size());
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

bool is_end(char key) { return key == 'q' || key == 'Q' || key == '\x04'; }

class TerminalHold {
 public:
  TerminalHold() {
    keep_signals_back();
    take_keys();
    write_to_screen(enter);
  }
  TerminalHold(const TerminalHold&) = delete;
  TerminalHold& operator=(const TerminalHold&) = delete;

  ~TerminalHold() {
    write_to_screen(leave);
    if (keys_before_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &*keys_before_);
    for (const auto& [number, action] : actions_before_) sigaction(number, &action, nullptr);
    pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  }

  Stir wait(milliseconds time) {
    look(time);
    if (end_seen != 0) return Stir::end;
    if (resize_seen == 0) return Stir::none;
    resize_seen = 0;
    return Stir::resized;
  }

  bool ended() {
    look(milliseconds(0));
    return end_seen != 0;
  }

 private:
  // Signals come only inside ppoll: none is missed between the look at the flags and the sleep.
  void look(milliseconds time) {
    if (end_seen != 0 || (resize_seen != 0 && time > milliseconds(0))) return;
    pollfd keys{.fd = keys_before_ ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0};
    const timespec limit{.tv_sec = time.count() / 1000, .tv_nsec = time.count() % 1000 * 1'000'000};
    if (ppoll(&keys, 1, &limit, &mask_before_) > 0 && !read_keys()) end_seen = 1;
  }

  // One that is ignored, as nohup does it, stays so.
  void keep_signals_back() {
    end_seen = 0;
    resize_seen = 0;
    sigset_t kept;
    sigemptyset(&kept);
    for (const int number : ending) take(number, note_end, kept);
    take(SIGWINCH, note_resize, kept);
    pthread_sigmask(SIG_BLOCK, &kept, &mask_before_);
  }

  void take(int number, void (*handler)(int), sigset_t& kept) {
    struct sigaction before{};
    sigaction(number, nullptr, &before);
    if (before.sa_handler == SIG_IGN) return;
    struct sigaction action{};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, nullptr);
    actions_before_.emplace_back(number, before);
    sigaddset(&kept, number);
  }

  // Without echo and without waiting for the end of a line. Ctrl-C still is a signal; Ctrl-Z is
  // nothing: it would leave the shell on the second screen.
  void take_keys() {
    termios now{};
    if (tcgetattr(STDIN_FILENO, &now) != 0) return;
    keys_before_ = now;
    now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
    now.c_cc[VSUSP] = _POSIX_VDISABLE;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &now);
  }

  // False: one of them ends it, or the terminal has gone.
  static bool read_keys() {
    std::array<char, 64> keys{};
    const ssize_t count = read(STDIN_FILENO, keys.data(), keys.size());
    return count > 0 && std::none_of(keys.begin(), keys.begin() + count, is_end);
  }

  std::optional<termios> keys_before_;  // none: the standard input is no terminal
  std::vector<std::pair<int, struct sigaction>> actions_before_;
  sigset_t mask_before_{};
};

TerminalSize size_now() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
    return {};
  return {.rows = size.ws_row, .columns = size.ws_col};
}

}  // namespace

Live begin_live() {
  auto hold = std::make_shared<TerminalHold>();
  return {.wait = [hold](milliseconds time) { return hold->wait(time); },
          .ended = [hold] { return hold->ended(); },
          .size = size_now};
}

}  // namespace bddlock::cli
