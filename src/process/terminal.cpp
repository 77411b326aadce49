#include "process/terminal.hpp"

#include <fcntl.h>

namespace bddlock::process {

Terminal::Terminal() : terminal_(open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
  termios modes{};
  if (terminal_ && tcgetattr(terminal_.get(), &modes) == 0) modes_ = modes;
}

bool Terminal::is_of(pid_t group) const { return terminal_ && tcgetpgrp(terminal_.get()) == group; }

bool Terminal::is_ours() const { return is_of(getpgrp()); }

bool Terminal::is_conversation() { return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1; }

void Terminal::give_to(pid_t group) const {
  if (terminal_) tcsetpgrp(terminal_.get(), group);
}

void Terminal::take_back() const { give_to(getpgrp()); }

void Terminal::restore_modes() const {
  if (modes_ && is_ours()) tcsetattr(terminal_.get(), TCSADRAIN, &*modes_);
}

}  // namespace bddlock::process
