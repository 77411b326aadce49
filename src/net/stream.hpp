// Bytes to and from another program, without waiting: a socket, or TLS on top of another Stream.
// Threads: one at a time.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "net/limits.hpp"

namespace bddlock::net {

struct Transfer {
  enum class State {
    moved = 1,   // `bytes` of them, at least one
    must_read,   // nothing now: again when the descriptor is readable
    must_write,  // nothing now: again when it is writable
    ended,       // the other side has ended it as it should; for TLS with its close_notify
    broken,      // it is of no further use; `why` says so in a few words
    timed_out,   // only from finish()
    stopped,     // only from finish()
  };
  State state = State::broken;
  std::size_t bytes = 0;
  std::string why = {};
};

class Stream {
 public:
  virtual ~Stream() = default;
  [[nodiscard]] virtual Transfer read_some(std::span<char> into) = 0;
  [[nodiscard]] virtual Transfer write_some(std::string_view bytes) = 0;
  [[nodiscard]] virtual int descriptor() const = 0;  // to wait for, in poll()
};

// Repeats `step` (to Transfer) as often as it must, waiting in between, until it moved something,
// failed, or one of the limits is reached. The limits hold where it need not wait, too: another
// side that never pauses must not keep a call going.
template <class Step>
[[nodiscard]] Transfer finish(const Stream& stream, const Limits& limits, Step step) {
  Waited waited = reached(limits);
  while (waited == Waited::ready) {
    Transfer done = step();
    const bool reads = done.state == Transfer::State::must_read;
    if (!reads && done.state != Transfer::State::must_write) return done;
    pollfd descriptor{stream.descriptor(), static_cast<short>(reads ? POLLIN : POLLOUT), 0};
    waited = wait_for({&descriptor, 1}, limits);
  }
  return {.state =
              waited == Waited::stopped ? Transfer::State::stopped : Transfer::State::timed_out};
}

}  // namespace bddlock::net
