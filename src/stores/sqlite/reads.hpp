// The read half of the port, once for the store and once for the reader: each says how it gets at
// its connection's queries.
#pragma once

#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "service/store.hpp"
#include "stores/sqlite/queries.hpp"

namespace bddlock::stores::sqlite {

template <class Port>
class Reads : public Port {
 public:
  core::Result<std::optional<core::Stack>> find(const core::StackName& name) override {
    return look([&](Queries& queries) { return queries.stacks.find(name); });
  }
  core::Result<service::StackPage> list(const service::StackQuery& query) override {
    return look([&](Queries& queries) { return queries.stacks.list(query); });
  }
  core::Result<core::FencingToken> retired_token(const core::StackName& name) override {
    return look([&](Queries& queries) { return queries.stacks.retired_token(name); });
  }
  core::Result<std::optional<std::int64_t>> mark(std::string_view key) override {
    return look([&](Queries& queries) { return queries.mark(key); });
  }
  core::Result<std::vector<core::RepoName>> repos(const std::optional<core::RepoName>& after,
                                                  std::size_t limit) override {
    return look([&](Queries& queries) { return queries.repos.list(after, limit); });
  }
  core::Result<service::RepoTotals> totals(const core::RepoName& repo) override {
    return look_at_repo(repo, [](const RepoRow& row) { return row.totals; });
  }
  core::Result<std::vector<core::Stack>> available(const core::RepoName& repo,
                                                   const core::StringMap& labels,
                                                   std::size_t limit) override {
    return look([&](Queries& queries) { return queries.stacks.available(repo, labels, limit); });
  }
  core::Result<std::vector<core::Stack>> due(core::Instant now, std::size_t limit) override {
    return look([&](Queries& queries) { return queries.stacks.due(now, limit); });
  }
  core::Result<std::optional<core::Request>> find_request(const core::RepoName& repo,
                                                          const core::RequestId& id) override {
    return look([&](Queries& queries) { return queries.requests.find(repo, id); });
  }
  core::Result<std::vector<core::Request>> waiting(const core::RepoName& repo,
                                                   const std::optional<service::QueuePlace>& after,
                                                   std::size_t limit) override {
    return look([&](Queries& queries) { return queries.requests.waiting(repo, after, limit); });
  }
  core::Result<std::int64_t> count_waiting(const core::RepoName& repo) override {
    return look_at_repo(repo, [](const RepoRow& row) { return row.waiting; });
  }
  core::Result<std::int64_t> count_waiting_before(const core::RepoName& repo,
                                                  const service::QueuePlace& place) override {
    return look(
        [&](Queries& queries) { return queries.requests.count_waiting_before(repo, place); });
  }
  core::Result<std::int64_t> last_arrival(const core::RepoName& repo) override {
    return look_at_repo(repo, [](const RepoRow& row) { return row.last_arrival; });
  }
  core::Result<std::vector<core::Request>> ready_until_before(core::Instant at,
                                                              std::size_t limit) override {
    return look([&](Queries& queries) { return queries.requests.ready_until_before(at, limit); });
  }
  core::Result<std::vector<core::Request>> settled_requests(
      const std::optional<std::pair<core::RepoName, core::RequestId>>& after,
      std::size_t limit) override {
    return look([&](Queries& queries) { return queries.requests.settled(after, limit); });
  }
  core::Result<service::EventPage> events(const service::EventQuery& query) override {
    return look([&](Queries& queries) { return queries.events.find(query); });
  }

 private:
  // Held during each look.
  [[nodiscard]] virtual std::unique_lock<std::mutex> guard() = 0;
  [[nodiscard]] virtual core::Result<Queries*> usable() = 0;
  [[nodiscard]] virtual core::Result<RepoRow> repo_row(Queries& queries,
                                                       const core::RepoName& repo) {
    return queries.repos.find(repo);
  }

  auto look(auto at) -> decltype(at(std::declval<Queries&>())) {
    const auto guarded = guard();
    const auto queries = usable();
    if (!queries) return std::unexpected(queries.error());
    return at(**queries);
  }

  auto look_at_repo(const core::RepoName& repo, auto value)
      -> core::Result<decltype(value(RepoRow{}))> {
    const auto guarded = guard();
    const auto queries = usable();
    if (!queries) return std::unexpected(queries.error());
    const auto row = repo_row(**queries, repo);
    if (!row) return std::unexpected(row.error());
    return value(*row);
  }
};

}  // namespace bddlock::stores::sqlite
