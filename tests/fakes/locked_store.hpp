// One of several handles of a table without batches, each for a thread of its own: every call is
// made under the lock that the handles share, and a save is durable when it returns.
#pragma once

#include <mutex>

#include "fakes/store_decorator.hpp"

namespace bddlock::fakes {

class LockedStore final : public StoreDecorator {
 public:
  LockedStore(service::Store& inner, std::mutex& mutex) : StoreDecorator(inner), mutex_(mutex) {}

  core::Result<std::optional<core::Stack>> find(const core::StackName& name) override {
    const std::scoped_lock lock{mutex_};
    return inner_.find(name);
  }
  core::Result<service::StackPage> list(const service::StackQuery& query) override {
    const std::scoped_lock lock{mutex_};
    return inner_.list(query);
  }
  core::Result<core::FencingToken> retired_token(const core::StackName& name) override {
    const std::scoped_lock lock{mutex_};
    return inner_.retired_token(name);
  }
  core::Result<std::optional<std::int64_t>> mark(std::string_view key) override {
    const std::scoped_lock lock{mutex_};
    return inner_.mark(key);
  }
  core::Result<service::RepoTotals> totals(const core::RepoName& repo) override {
    const std::scoped_lock lock{mutex_};
    return inner_.totals(repo);
  }
  core::Result<std::vector<core::Stack>> available(const core::RepoName& repo,
                                                   const core::StringMap& labels,
                                                   std::size_t limit) override {
    const std::scoped_lock lock{mutex_};
    return inner_.available(repo, labels, limit);
  }
  core::Result<std::vector<core::Stack>> due(core::Instant now, std::size_t limit) override {
    const std::scoped_lock lock{mutex_};
    return inner_.due(now, limit);
  }
  core::Result<std::optional<core::Request>> find_request(const core::RepoName& repo,
                                                          const core::RequestId& id) override {
    const std::scoped_lock lock{mutex_};
    return inner_.find_request(repo, id);
  }
  core::Result<std::vector<core::Request>> waiting(const core::RepoName& repo,
                                                   const std::optional<service::QueuePlace>& after,
                                                   std::size_t limit) override {
    const std::scoped_lock lock{mutex_};
    return inner_.waiting(repo, after, limit);
  }
  core::Result<std::vector<core::RepoName>> repos(const std::optional<core::RepoName>& behind,
                                                  std::size_t limit) override {
    const std::scoped_lock lock{mutex_};
    return inner_.repos(behind, limit);
  }
  core::Result<std::int64_t> count_waiting(const core::RepoName& repo) override {
    const std::scoped_lock lock{mutex_};
    return inner_.count_waiting(repo);
  }
  core::Result<std::int64_t> count_waiting_before(const core::RepoName& repo,
                                                  const service::QueuePlace& place) override {
    const std::scoped_lock lock{mutex_};
    return inner_.count_waiting_before(repo, place);
  }
  core::Result<std::vector<core::Request>> settled_requests(
      const std::optional<std::pair<core::RepoName, core::RequestId>>& behind,
      std::size_t limit) override {
    const std::scoped_lock lock{mutex_};
    return inner_.settled_requests(behind, limit);
  }
  core::Result<service::EventPage> events(const service::EventQuery& query) override {
    const std::scoped_lock lock{mutex_};
    return inner_.events(query);
  }
  core::Result<std::int64_t> forget_events(core::Instant at, std::int64_t keep,
                                           std::size_t limit) override {
    const std::scoped_lock lock{mutex_};
    return inner_.forget_events(at, keep, limit);
  }
  std::optional<core::Stack> recall(const core::StackName& name) override {
    const std::scoped_lock lock{mutex_};
    return inner_.recall(name);
  }
  core::Result<std::int64_t> last_arrival(const core::RepoName& repo) override {
    const std::scoped_lock lock{mutex_};
    return inner_.last_arrival(repo);
  }
  core::Result<std::vector<core::Request>> ready_until_before(core::Instant at,
                                                              std::size_t limit) override {
    const std::scoped_lock lock{mutex_};
    return inner_.ready_until_before(at, limit);
  }
  core::Result<service::Saved> save(const service::Changes& changes) override {
    const std::scoped_lock lock{mutex_};
    return inner_.save(changes);
  }
  core::Result<void> put_mark(std::string_view key, std::int64_t value) override {
    const std::scoped_lock lock{mutex_};
    return inner_.put_mark(key, value);
  }
  core::Result<void> begin() override { return {}; }
  core::Result<void> commit() override { return {}; }
  void rollback() noexcept override {}

 private:
  std::mutex& mutex_;
};

}  // namespace bddlock::fakes
