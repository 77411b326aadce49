// The port to a table of stacks: versioned records, and no opinions. A store decides nothing; it
// saves what it is told to if the records are still the ones that were read. tests/contract is its
// specification: a new store is done when that suite is green.
//
// Threads: any thread may call a StoreReader. A Store belongs to one caller at a time where it has
// batches (memory, SQLite: the write lane's thread); one without batches may be called from any
// thread. Time: calls may block; none asks for the time. Errors: Errc::store_unavailable: nothing
// was changed. Errc::outcome_unknown: only from commit(), or from a save of a store without
// batches, and there from whatever fails in a job behind a save that succeeded. "Not found" and
// "version moved on" are values, never errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/event.hpp"
#include "core/request.hpp"
#include "core/stack.hpp"
#include "service/ties.hpp"

namespace bddlock::service {

// Which stacks to list. Unset: no restriction. In the order of names, byte by byte.
struct StackQuery {
  std::optional<core::RepoName> repo_name{};
  std::optional<core::State> state{};
  std::optional<core::StackName> after{};  // only names behind this one
  std::size_t limit = 1000;                // at most; a page may be shorter and yet not the last
};

struct StackPage {
  std::vector<core::Stack> items{};
  std::optional<core::StackName> next_after{};  // to go on with; nothing: this was the last page
};

// How many stacks a repo has; zeros for one that nobody has heard of.
struct RepoTotals {
  std::int64_t stacks = 0;
  std::int64_t available = 0;
  std::int64_t claimed = 0;
  std::int64_t held = 0;
  std::int64_t disabled = 0;
};

// Where to go on in the order of granting.
struct QueuePlace {
  int priority = 0;
  std::int64_t arrival = 0;
};

// Newest first. Unset: no restriction; of stack and repo at most one is set.
struct EventQuery {
  std::optional<core::StackName> stack_name{};
  std::optional<core::RepoName> repo_name{};
  std::optional<std::int64_t> before{};  // only events with a smaller id
  std::optional<core::Instant> since{};  // only events at or after
  std::optional<core::Instant> until{};  // only events before
  std::size_t limit = 100;
};

// A page may be short, even empty, and yet not the last.
struct EventPage {
  std::vector<core::Event> items{};
  std::optional<std::int64_t> next_before{};  // to go on with; nothing: this was the last page
};

class StoreReader {
 public:
  virtual ~StoreReader() = default;

  [[nodiscard]] virtual core::Result<std::optional<core::Stack>> find(
      const core::StackName& name) = 0;
  [[nodiscard]] virtual core::Result<StackPage> list(const StackQuery& query) = 0;

  // The last fencing token of a name that was deleted; 0 if the name never was.
  [[nodiscard]] virtual core::Result<core::FencingToken> retired_token(
      const core::StackName& name) = 0;

  // A small value kept beside the stacks under a fixed key, such as when the sweep last ran.
  [[nodiscard]] virtual core::Result<std::optional<std::int64_t>> mark(std::string_view key) = 0;

  // Repos that have stacks or requests, in the order of names, behind `after`.
  [[nodiscard]] virtual core::Result<std::vector<core::RepoName>> repos(
      const std::optional<core::RepoName>& after, std::size_t limit) = 0;
  [[nodiscard]] virtual core::Result<RepoTotals> totals(const core::RepoName& repo) = 0;

  // Available stacks of the repo that have all `labels`, the one used last first; ties in any
  // order.
  [[nodiscard]] virtual core::Result<std::vector<core::Stack>> available(
      const core::RepoName& repo, const core::StringMap& labels, std::size_t limit) = 0;
  // The same as far as it is remembered, which may be the past: for a save that asks that they are
  // still so, and for nothing that is decided without one. If `enough` are remembered there may be
  // more.
  [[nodiscard]] virtual core::Result<std::vector<core::Stack>> likely_available(
      const core::RepoName& repo, const core::StringMap& labels, std::size_t /*enough*/,
      std::size_t limit) {
    return available(repo, labels, limit);
  }
  // Of those the `count` that were used last, ties broken by `random`.
  [[nodiscard]] virtual core::Result<std::vector<core::Stack>> used_last(
      const core::RepoName& repo, std::size_t count, const std::function<std::uint64_t()>& random) {
    auto found = available(repo, {}, count + ties_looked_at);
    if (!found) return found;
    break_ties(*found, count, [](const core::Stack& stack) { return stack.last_used; }, random);
    if (found->size() > count)
      found->erase(found->begin() + static_cast<std::ptrdiff_t>(count), found->end());
    return found;
  }
  // Stacks whose claim, offer or hold is over at `now` (core::is_due), the earliest first.
  [[nodiscard]] virtual core::Result<std::vector<core::Stack>> due(core::Instant now,
                                                                   std::size_t limit) = 0;

  // Names of available stacks of the repo, for a look once a second whether there is anything to
  // hand over: as cheap as can be, so it may be the past, and of many it may be some.
  [[nodiscard]] virtual core::Result<std::vector<core::StackName>> free_names(
      const core::RepoName& repo) {
    const auto free = available(repo, {}, 100);
    if (!free) return std::unexpected(free.error());
    std::vector<core::StackName> names;
    for (const core::Stack& stack : *free) names.push_back(stack.stack_name);
    return names;
  }

  [[nodiscard]] virtual core::Result<std::optional<core::Request>> find_request(
      const core::RepoName& repo, const core::RequestId& id) = 0;
  // Waiting requests of the repo in the order of granting (core::before), behind `after`.
  [[nodiscard]] virtual core::Result<std::vector<core::Request>> waiting(
      const core::RepoName& repo, const std::optional<QueuePlace>& after, std::size_t limit) = 0;
  // How many wait in the repo; and how many of them before this place.
  [[nodiscard]] virtual core::Result<std::int64_t> count_waiting(const core::RepoName& repo) = 0;
  [[nodiscard]] virtual core::Result<std::int64_t> count_waiting_before(
      const core::RepoName& repo, const QueuePlace& place) = 0;
  // The largest `arrival` that was ever saved in the repo, whatever became of its request; 0 at
  // first. So a request that comes back to its place (an offer that lapsed) is never behind one
  // that arrived later.
  [[nodiscard]] virtual core::Result<std::int64_t> last_arrival(const core::RepoName& repo) = 0;
  // Waiting requests whose ready_until is at or before `at`, of all repos, the earliest first.
  [[nodiscard]] virtual core::Result<std::vector<core::Request>> ready_until_before(
      core::Instant at, std::size_t limit) = 0;
  // Requests that are not waiting, of all repos, behind `after`, whether it is still there or not:
  // in an order of their keys that never changes, in which those of one repo come in the order of
  // their ids. Behind a repo's empty id come all of that repo.
  [[nodiscard]] virtual core::Result<std::vector<core::Request>> settled_requests(
      const std::optional<std::pair<core::RepoName, core::RequestId>>& after,
      std::size_t limit) = 0;

  [[nodiscard]] virtual core::Result<EventPage> events(const EventQuery& query) = 0;
};

// One record to change. `expected` is the version that was read; 0: it must not be there. The
// version in `next` is ignored: the store writes expected + 1.
struct StackChange {
  core::Stack next;
  core::Version expected = 0;
  bool remove =
      false;  // then only next's name and fencing token count: the token is kept as retired
};
struct RequestChange {
  core::Request next;
  core::Version expected = 0;
  bool remove = false;
};

// What belongs together: all of it is saved, or none.
struct Changes {
  std::vector<StackChange> stacks{};
  std::vector<RequestChange> requests{};
  std::vector<core::Event> events{};  // their ids are given by the store, rising in this order
};

enum class Saved { yes = 1, version_moved };

class Store : public StoreReader {
 public:
  // version_moved: nothing was changed, because at least one record is not as expected.
  // A key twice in `changes` is a bug.
  [[nodiscard]] virtual core::Result<Saved> save(const Changes& changes) = 0;

  // The record as this process saved it last, where a store remembers that because a find() is
  // paid for. It may be the past: good for a decision that is saved, since that save is refused
  // then, and never for a refusal.
  [[nodiscard]] virtual std::optional<core::Stack> recall(const core::StackName&) {
    return std::nullopt;
  }

  // How many stacks or requests one save takes, each with an event or two. No fewer than a grant
  // needs: core::count_max stacks and their request.
  [[nodiscard]] virtual std::size_t records_a_save_max() const { return 500; }

  [[nodiscard]] virtual core::Result<void> put_mark(std::string_view key, std::int64_t value) = 0;

  // Removes the oldest events, one after the other, up to the first that is neither before `at` nor
  // one of more than `keep`; at most `limit` in one call. How many it removed. Ids are never given
  // again.
  [[nodiscard]] virtual core::Result<std::int64_t> forget_events(core::Instant at,
                                                                 std::int64_t keep,
                                                                 std::size_t limit) = 0;

  // A batch: saves between begin() and commit() are seen by this object's own reads at once, by
  // everybody else and after a crash once commit() has returned. After a failed save only
  // rollback() may follow. After a failed commit() nothing may be called but recover(), until that
  // succeeds. A store that makes each save durable by itself keeps these defaults.
  [[nodiscard]] virtual core::Result<void> begin() { return {}; }
  [[nodiscard]] virtual core::Result<void> commit() { return {}; }
  virtual void rollback() noexcept {}

  // Brings the store back after a failed commit(): returns only when it is settled, and will stay
  // settled over a crash, whether the lost batch is there. Until then store_unavailable; call it
  // again.
  [[nodiscard]] virtual core::Result<void> recover() { return {}; }
};

}  // namespace bddlock::service
