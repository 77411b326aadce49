// A store that fails when told to: at which call, and whether before or after the change was made.
// Faults are armed from any thread.
#pragma once

#include <atomic>
#include <utility>

#include "fakes/store_decorator.hpp"

namespace bddlock::fakes {

class FaultyStore final : public StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;

  // How many of the next calls fail.
  std::atomic<int> finds_to_fail = 0;   // of a stack or a request
  std::atomic<int> lists_to_fail = 0;   // and every other look at several records
  std::atomic<int> events_to_fail = 0;  // forget_events too
  std::atomic<int> marks_to_fail = 0;   // put_mark too
  std::atomic<int> begins_to_fail = 0;
  std::atomic<int> saves_to_fail = 0;           // nothing is written: a full disk
  std::atomic<int> saves_to_lose = 0;           // written, and the reply is lost: outcome_unknown
  std::atomic<int> commits_to_refuse = 0;       // before COMMIT: nothing was changed
  std::atomic<int> commits_to_fail_undone = 0;  // in COMMIT; it is not there afterwards
  std::atomic<int> commits_to_fail_done = 0;    // in COMMIT; it is there all the same
  std::atomic<int> recoveries_to_fail = 0;

  // What was called, for tests that count.
  std::atomic<int> lists = 0;
  std::atomic<int> begins = 0;
  std::atomic<int> commits = 0;
  std::atomic<int> rollbacks = 0;
  std::atomic<int> recoveries = 0;

  core::Result<std::optional<core::Stack>> find(const core::StackName& name) override {
    if (take(finds_to_fail)) return unavailable("find");
    return StoreDecorator::find(name);
  }

  core::Result<service::StackPage> list(const service::StackQuery& query) override {
    ++lists;
    if (take(lists_to_fail)) return unavailable("list");
    return StoreDecorator::list(query);
  }

  core::Result<std::optional<std::int64_t>> mark(std::string_view key) override {
    if (take(marks_to_fail)) return unavailable("mark");
    return StoreDecorator::mark(key);
  }

  core::Result<std::vector<core::RepoName>> repos(const std::optional<core::RepoName>& after,
                                                  std::size_t limit) override {
    if (take(lists_to_fail)) return unavailable("repos");
    return StoreDecorator::repos(after, limit);
  }

  core::Result<service::RepoTotals> totals(const core::RepoName& repo) override {
    if (take(lists_to_fail)) return unavailable("totals");
    return StoreDecorator::totals(repo);
  }

  core::Result<std::vector<core::Stack>> available(const core::RepoName& repo,
                                                   const core::StringMap& labels,
                                                   std::size_t limit) override {
    if (take(lists_to_fail)) return unavailable("available");
    return StoreDecorator::available(repo, labels, limit);
  }

  core::Result<std::vector<core::Stack>> due(core::Instant now, std::size_t limit) override {
    if (take(lists_to_fail)) return unavailable("due");
    return StoreDecorator::due(now, limit);
  }

  core::Result<std::optional<core::Request>> find_request(const core::RepoName& repo,
                                                          const core::RequestId& id) override {
    if (take(finds_to_fail)) return unavailable("find_request");
    return StoreDecorator::find_request(repo, id);
  }

  core::Result<std::vector<core::Request>> waiting(const core::RepoName& repo,
                                                   const std::optional<service::QueuePlace>& after,
                                                   std::size_t limit) override {
    if (take(lists_to_fail)) return unavailable("waiting");
    return StoreDecorator::waiting(repo, after, limit);
  }

  core::Result<std::int64_t> count_waiting(const core::RepoName& repo) override {
    if (take(lists_to_fail)) return unavailable("count_waiting");
    return StoreDecorator::count_waiting(repo);
  }

  core::Result<std::int64_t> count_waiting_before(const core::RepoName& repo,
                                                  const service::QueuePlace& place) override {
    if (take(lists_to_fail)) return unavailable("count_waiting_before");
    return StoreDecorator::count_waiting_before(repo, place);
  }

  core::Result<std::int64_t> last_arrival(const core::RepoName& repo) override {
    if (take(lists_to_fail)) return unavailable("last_arrival");
    return StoreDecorator::last_arrival(repo);
  }

  core::Result<std::vector<core::Request>> ready_until_before(core::Instant at,
                                                              std::size_t limit) override {
    if (take(lists_to_fail)) return unavailable("ready_until_before");
    return StoreDecorator::ready_until_before(at, limit);
  }

  core::Result<std::vector<core::Request>> settled_requests(
      const std::optional<std::pair<core::RepoName, core::RequestId>>& after,
      std::size_t limit) override {
    if (take(lists_to_fail)) return unavailable("settled_requests");
    return StoreDecorator::settled_requests(after, limit);
  }

  core::Result<service::EventPage> events(const service::EventQuery& query) override {
    if (take(events_to_fail)) return unavailable("events");
    return StoreDecorator::events(query);
  }

  core::Result<void> put_mark(std::string_view key, std::int64_t value) override {
    if (take(marks_to_fail)) return unavailable("put_mark");
    return StoreDecorator::put_mark(key, value);
  }

  core::Result<std::int64_t> forget_events(core::Instant at, std::int64_t keep,
                                           std::size_t limit) override {
    if (take(events_to_fail)) return unavailable("forget_events");
    return StoreDecorator::forget_events(at, keep, limit);
  }

  core::Result<service::Saved> save(const service::Changes& changes) override {
    if (take(saves_to_fail)) return unavailable("save");
    auto saved = StoreDecorator::save(changes);
    if (take(saves_to_lose)) return unknown("save");
    return saved;
  }

  core::Result<void> begin() override {
    ++begins;
    if (take(begins_to_fail)) return unavailable("begin");
    return StoreDecorator::begin();
  }

  core::Result<void> commit() override {
    ++commits;
    if (take(commits_to_refuse)) {
      StoreDecorator::rollback();
      return unavailable("commit");
    }
    if (take(commits_to_fail_undone)) {
      StoreDecorator::rollback();
      return unknown("commit");
    }
    auto committed = StoreDecorator::commit();
    if (take(commits_to_fail_done)) return unknown("commit");
    return committed;
  }

  void rollback() noexcept override {
    ++rollbacks;
    StoreDecorator::rollback();
  }

  core::Result<void> recover() override {
    ++recoveries;
    if (take(recoveries_to_fail)) return unavailable("recover");
    return StoreDecorator::recover();
  }

 private:
  static bool take(std::atomic<int>& left) {
    int seen = left.load();
    while (seen > 0)
      if (left.compare_exchange_weak(seen, seen - 1)) return true;
    return false;
  }

  static std::unexpected<core::Error> unavailable(const char* where) {
    return std::unexpected(core::Error{core::Errc::store_unavailable, where});
  }
  static std::unexpected<core::Error> unknown(const char* where) {
    return std::unexpected(core::Error{core::Errc::outcome_unknown, where});
  }
};

}  // namespace bddlock::fakes
