// Who has a call open: calls that wait for a grant (long polls), each until its time is over, an
// answer comes, or its client is gone. A parked call costs a few hundred bytes and no thread.
//
// Threads: any. No callback is called under the lock, and each is called once at most: the first
// answer wins. Whoever takes a call out with expired() or close() answers it.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "service/answers.hpp"
#include "service/lane.hpp"

namespace bddlock::service {

// Names a parked call; 0: none.
using Ticket = std::uint64_t;

class Parking {
 public:
  struct Call {
    RequestKey key{};
    Done<ClaimAnswer> done{};
  };
  // A call that is over: its request, and until when another call of it may stay open (none: it was
  // the last).
  struct Gone {
    RequestKey key{};
    std::optional<core::Instant> open_until{};
  };

  // 0, and `done` is left as it is: closed.
  [[nodiscard]] Ticket open(RequestKey key, core::Instant deadline, Done<ClaimAnswer>&& done);
  [[nodiscard]] bool is_open(const RequestKey& key) const;
  // Whether a call of any request of the repo is, and of which repos there are such.
  [[nodiscard]] bool is_any_open(const core::RepoName& repo) const;
  [[nodiscard]] std::vector<core::RepoName> repos() const;

  void settle(Ticket ticket, core::Result<ClaimAnswer> answer);
  // Answers every open call of the request.
  void answer(const RequestKey& key, const ClaimAnswer& answer);
  // Nobody reads the answer any more. Nothing: it was answered or taken out before.
  [[nodiscard]] std::optional<Gone> gone(Ticket ticket);

  // Takes out the calls whose deadline is at or before `now`.
  [[nodiscard]] std::vector<Call> expired(core::Instant now);
  // Takes out all there are, and lets nobody in from now on.
  [[nodiscard]] std::vector<Call> close();

  [[nodiscard]] std::size_t size() const;

 private:
  using Deadlines = std::multimap<core::Instant, Ticket>;
  struct Parked {
    const RequestKey* key = nullptr;  // in open_
    Deadlines::iterator deadline{};
    Done<ClaimAnswer> done{};
  };

  std::vector<Call> take_until(core::Instant now);
  Call take(std::unordered_map<Ticket, Parked>::iterator at);

  mutable std::mutex mutex_;  // of what stands below
  bool closed_ = false;
  Ticket last_ = 0;
  std::unordered_map<Ticket, Parked> calls_;
  std::unordered_map<RequestKey, std::vector<Ticket>> open_;
  std::unordered_map<core::RepoName, std::size_t> repos_;  // how many requests of each are in open_
  Deadlines deadlines_;
};

}  // namespace bddlock::service
