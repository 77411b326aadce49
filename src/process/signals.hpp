// The signals that come for this process, as events in one queue that every stage of a command
// reads: while it waits for its turn, while its own command runs, while it gives a stack back. None
// is lost between two stages, and no code runs in a handler.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "process/descriptor.hpp"
#include "process/inherited.hpp"

namespace bddlock::process {

// SIGINT, SIGTERM, SIGHUP and SIGQUIT: somebody wants this to end.
[[nodiscard]] bool is_stop_signal(int signal);

class Signals {
 public:
  // Before any other thread is started: threads take over the mask that is set here, and one
  // without it would get the signals instead. What was ignored from the start (nohup, a background
  // job of sh) stays ignored. The error is a sentence. One at a time.
  [[nodiscard]] static std::expected<std::unique_ptr<Signals>, std::string> open();

  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();  // as it was; a signal that nobody took then does what it does by default

  // Readable when take() has something.
  [[nodiscard]] int descriptor() const { return queue_.get(); }

  // The next one: a stop signal, SIGUSR1, SIGUSR2, SIGWINCH, SIGTSTP, SIGCONT or SIGCHLD.
  [[nodiscard]] std::optional<int> take();

  // The first stop signal that was taken.
  [[nodiscard]] std::optional<int> stopped_by() const { return stopped_by_; }

  // Stops this process and its group as Ctrl-Z does, and returns when it was continued: true, and
  // SIGCONT is next. False, at once: nobody could continue it (no shell with job control).
  bool stop_self();

  [[nodiscard]] const Inherited& inherited() const { return inherited_; }

 private:
  Signals() : inherited_(inherited_now()) {}

  Inherited inherited_;
  struct sigaction child_action_{};
  Descriptor queue_;
  std::optional<int> stopped_by_;
};

}  // namespace bddlock::process
