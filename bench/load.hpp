// The load: connections that claim a stack, release it, and so on, each with one request under way.
// One thread, closed loop: a server that stalls is sent nothing meanwhile, so the quantiles say how
// long calls take at this concurrency, not at a given rate.
//
// Every answer is checked, that no two connections ever hold one stack, and, where grants have
// fencing tokens, that those of a stack rise.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "latencies.hpp"
#include "session.hpp"

namespace bddlock::bench {

// What a connection claims. `own`: a stack by its name from a share of its own, so that a refusal
// is an error. `shared`: a stack by its name from all, so that refusals are counted and exclusion
// is put to the test. `any`: any stack of a repo drawn from all; a refusal is an error where the
// repo has a stack for each connection, and counted where it has fewer.
enum class Wish { own = 1, shared, any };

struct LoadOptions {
  std::uint16_t port = 0;
  std::size_t connections = 1;
  double warm_up_seconds = 0.5;
  double seconds = 2;
  // The first stacks / repos of them (names.hpp) are those of the first repo, and so on.
  std::size_t stacks = 1000;
  std::size_t repos = 1;
  Wish wish = Wish::own;
  // Not 0: so many claims, of one repo after the other, instead of a time.
  std::size_t claims = 0;
  std::uint64_t seed = 1;

  [[nodiscard]] std::size_t stacks_in_repo() const { return stacks / repos; }
};

struct LoadResult {
  double seconds = 0;
  std::size_t refusals = 0;  // of claims, in the measured time as everything here
  Latencies claims;          // those that were granted
  Latencies releases;
  std::size_t changes_in_all = 0;     // the warm-up and the end included
  std::vector<std::string> problems;  // not empty: the run failed
};

using MakeSession = std::function<std::unique_ptr<Session>()>;

// Ends by itself: when the time is over each connection releases what it holds. Whoever hears
// nothing for 10 s gives up.
[[nodiscard]] LoadResult run_load(const LoadOptions& options, const MakeSession& make_session);

}  // namespace bddlock::bench
