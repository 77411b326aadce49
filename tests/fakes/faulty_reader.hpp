// A reader that fails when told to. Faults are armed from any thread.
#pragma once

#include <atomic>

#include "service/store.hpp"

namespace bddlock::fakes {

class FaultyReader final : public service::StoreReader {
 public:
  explicit FaultyReader(service::StoreReader& inner) : inner_(inner) {}

  std::atomic<int> calls_to_fail = 0;  // of the next ones

  core::Result<std::optional<core::Stack>> find(const core::StackName& name) override {
    if (fails()) return unavailable();
    return inner_.find(name);
  }
  core::Result<service::StackPage> list(const service::StackQuery& query) override {
    if (fails()) return unavailable();
    return inner_.list(query);
  }
  core::Result<core::FencingToken> retired_token(const core::StackName& name) override {
    if (fails()) return unavailable();
    return inner_.retired_token(name);
  }
  core::Result<std::optional<std::int64_t>> mark(std::string_view key) override {
    if (fails()) return unavailable();
    return inner_.mark(key);
  }
  core::Result<std::vector<core::RepoName>> repos(const std::optional<core::RepoName>& after,
                                                  std::size_t limit) override {
    if (fails()) return unavailable();
    return inner_.repos(after, limit);
  }
  core::Result<service::RepoTotals> totals(const core::RepoName& repo) override {
    if (fails()) return unavailable();
    return inner_.totals(repo);
  }
  core::Result<std::vector<core::Stack>> available(const core::RepoName& repo,
                                                   const core::StringMap& labels,
                                                   std::size_t limit) override {
    if (fails()) return unavailable();
    return inner_.available(repo, labels, limit);
  }
  core::Result<std::vector<core::Stack>> due(core::Instant now, std::size_t limit) override {
    if (fails()) return unavailable();
    return inner_.due(now, limit);
  }
  core::Result<std::optional<core::Request>> find_request(const core::RepoName& repo,
                                                          const core::RequestId& id) override {
    if (fails()) return unavailable();
    return inner_.find_request(repo, id);
  }
  core::Result<std::vector<core::Request>> waiting(const core::RepoName& repo,
                                                   const std::optional<service::QueuePlace>& after,
                                                   std::size_t limit) override {
    if (fails()) return unavailable();
    return inner_.waiting(repo, after, limit);
  }
  core::Result<std::int64_t> count_waiting(const core::RepoName& repo) override {
    if (fails()) return unavailable();
    return inner_.count_waiting(repo);
  }
  core::Result<std::int64_t> count_waiting_before(const core::RepoName& repo,
                                                  const service::QueuePlace& place) override {
    if (fails()) return unavailable();
    return inner_.count_waiting_before(repo, place);
  }
  core::Result<std::int64_t> last_arrival(const core::RepoName& repo) override {
    if (fails()) return unavailable();
    return inner_.last_arrival(repo);
  }
  core::Result<std::vector<core::Request>> ready_until_before(core::Instant at,
                                                              std::size_t limit) override {
    if (fails()) return unavailable();
    return inner_.ready_until_before(at, limit);
  }
  core::Result<std::vector<core::Request>> settled_requests(
      const std::optional<std::pair<core::RepoName, core::RequestId>>& after,
      std::size_t limit) override {
    if (fails()) return unavailable();
    return inner_.settled_requests(after, limit);
  }
  core::Result<service::EventPage> events(const service::EventQuery& query) override {
    if (fails()) return unavailable();
    return inner_.events(query);
  }

 private:
  bool fails() {
    int left = calls_to_fail.load();
    while (left > 0)
      if (calls_to_fail.compare_exchange_weak(left, left - 1)) return true;
    return false;
  }

  static std::unexpected<core::Error> unavailable() {
    return std::unexpected(core::Error{core::Errc::store_unavailable, "read"});
  }

  service::StoreReader& inner_;
};

}  // namespace bddlock::fakes
