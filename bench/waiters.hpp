// The line of a repo with one stack: so many requests wait for it, each a long poll on a connection
// of its own, and each release hands it to the next. Measures how long that takes and what a parked
// request costs, and checks that the grants come in the order in which the requests came.
//
// That order is certain: a request is sent once the server counts the one before it as waiting.
// An answer that says "still waiting" is repeated at once, as a client does. One thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "latencies.hpp"

namespace bddlock::bench {

struct WaitersOptions {
  std::uint16_t port = 0;
  std::string token;
  pid_t server = 0;            // whose resident memory is looked at
  std::size_t waiters = 1000;  // that wait at a time
  std::size_t samples =
      1000;  // releases with so many waiting; then all are served without new ones
  unsigned wait_seconds = 50;
  double patience_seconds = 300;  // for all of it
};

struct WaitersResult {
  Latencies grants;                   // from the release's sending to the waiter's whole answer
  std::size_t in_order = 0;           // grants: each to the one whose turn it was
  std::size_t served_in_order = 0;    // of them in the end, when nobody comes any more
  std::size_t repeats = 0;            // of calls whose time was over
  double parked_bytes = 0;            // for each request with its connection
  double served_seconds = 0;          // for these, one after the other
  std::vector<std::string> problems;  // not empty: the run failed
};

// The server has one repo, repo-0000, with one stack, stack-0000000, and nobody else uses it. In
// the end nobody waits and the stack is available.
[[nodiscard]] WaitersResult measure_waiters(const WaitersOptions& options);

}  // namespace bddlock::bench
