#include "process/events.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

namespace bddlock::process {

namespace {

// poll(2) does not count the time that the machine sleeps: after that, look again soon.
constexpr milliseconds nap_most{1000};

int nap_until(std::optional<milliseconds> until) {
  if (!until) return static_cast<int>(nap_most.count());
  const auto left = std::clamp(*until - boot_time(), milliseconds(0), nap_most);
  return static_cast<int>(left.count());
}

}  // namespace

Wakeup::Wakeup() : event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!event_) std::abort();  // out of descriptors at the start of a command
}

void Wakeup::poke() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto full = write(event_.get(), &one, sizeof one);
}

void Wakeup::clear() const {
  std::uint64_t pokes = 0;
  [[maybe_unused]] const auto none = read(event_.get(), &pokes, sizeof pokes);
}

Event next_event(Signals& signals, const Wakeup& wakeup, std::optional<milliseconds> until) {
  for (;;) {
    if (const auto signal = signals.take()) return {Event::Kind::signal, *signal};
    std::array<pollfd, 2> files{
        {{signals.descriptor(), POLLIN, 0}, {wakeup.descriptor(), POLLIN, 0}}};
    poll(files.data(), files.size(), nap_until(until));
    if ((files[0].revents & POLLIN) != 0) continue;
    if ((files[1].revents & POLLIN) != 0) {
      wakeup.clear();
      return {Event::Kind::poked};
    }
    if (until && boot_time() >= *until) return {Event::Kind::time_up};
  }
}

Event next_event_alone(Signals& signals, const Wakeup& wakeup, std::optional<milliseconds> until) {
  for (;;) {
    const Event event = next_event(signals, wakeup, until);
    if (event.kind != Event::Kind::signal || is_stop_signal(event.signal)) return event;
    if (event.signal == SIGTSTP) static_cast<void>(signals.stop_self());
  }
}

}  // namespace bddlock::process
