// A store that hands everything on to another one; what the faulty fakes are made of.
#pragma once

#include "service/store.hpp"

namespace bddlock::fakes {

class StoreDecorator : public service::Store {
 public:
  explicit StoreDecorator(service::Store& inner) : inner_(inner) {}

  core::Result<std::optional<core::Stack>> find(const core::StackName& name) override {
    return inner_.find(name);
  }
  core::Result<service::StackPage> list(const service::StackQuery& query) override {
    return inner_.list(query);
  }
  core::Result<core::FencingToken> retired_token(const core::StackName& name) override {
    return inner_.retired_token(name);
  }
  core::Result<std::optional<std::int64_t>> mark(std::string_view key) override {
    return inner_.mark(key);
  }
  core::Result<std::vector<core::RepoName>> repos(const std::optional<core::RepoName>& after,
                                                  std::size_t limit) override {
    return inner_.repos(after, limit);
  }
  core::Result<service::RepoTotals> totals(const core::RepoName& repo) override {
    return inner_.totals(repo);
  }
  core::Result<std::vector<core::Stack>> available(const core::RepoName& repo,
                                                   const core::StringMap& labels,
                                                   std::size_t limit) override {
    return inner_.available(repo, labels, limit);
  }
  core::Result<std::vector<core::Stack>> due(core::Instant now, std::size_t limit) override {
    return inner_.due(now, limit);
  }
  core::Result<std::optional<core::Request>> find_request(const core::RepoName& repo,
                                                          const core::RequestId& id) override {
    return inner_.find_request(repo, id);
  }
  core::Result<std::vector<core::Request>> waiting(const core::RepoName& repo,
                                                   const std::optional<service::QueuePlace>& after,
                                                   std::size_t limit) override {
    return inner_.waiting(repo, after, limit);
  }
  core::Result<std::int64_t> count_waiting(const core::RepoName& repo) override {
    return inner_.count_waiting(repo);
  }
  core::Result<std::int64_t> count_waiting_before(const core::RepoName& repo,
                                                  const service::QueuePlace& place) override {
    return inner_.count_waiting_before(repo, place);
  }
  core::Result<std::int64_t> last_arrival(const core::RepoName& repo) override {
    return inner_.last_arrival(repo);
  }
  core::Result<std::vector<core::Request>> ready_until_before(core::Instant at,
                                                              std::size_t limit) override {
    return inner_.ready_until_before(at, limit);
  }
  core::Result<std::vector<core::Request>> settled_requests(
      const std::optional<std::pair<core::RepoName, core::RequestId>>& after,
      std::size_t limit) override {
    return inner_.settled_requests(after, limit);
  }
  core::Result<service::EventPage> events(const service::EventQuery& query) override {
    return inner_.events(query);
  }
  core::Result<service::Saved> save(const service::Changes& changes) override {
    return inner_.save(changes);
  }
  core::Result<void> put_mark(std::string_view key, std::int64_t value) override {
    return inner_.put_mark(key, value);
  }
  core::Result<std::int64_t> forget_events(core::Instant at, std::int64_t keep,
                                           std::size_t limit) override {
    return inner_.forget_events(at, keep, limit);
  }
  std::optional<core::Stack> recall(const core::StackName& name) override {
    return inner_.recall(name);
  }
  [[nodiscard]] std::size_t records_a_save_max() const override {
    return inner_.records_a_save_max();
  }
  core::Result<void> begin() override { return inner_.begin(); }
  core::Result<void> commit() override { return inner_.commit(); }
  void rollback() noexcept override { inner_.rollback(); }
  core::Result<void> recover() override { return inner_.recover(); }

 protected:
  service::Store& inner_;
};

}  // namespace bddlock::fakes
