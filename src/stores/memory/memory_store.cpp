#include "stores/memory/memory_store.hpp"

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

#include "stores/memory/memory_table.hpp"

namespace bddlock::stores {
namespace {

using core::RepoName;
using core::RequestId;
using core::Result;
using core::Stack;
using core::StackName;
using memory::RequestKey;
using memory::Side;
using service::Saved;

// The reads of the port, on one side.
template <class Port>
class SideReader : public Port {
 public:
  Result<std::optional<Stack>> find(const StackName& name) override {
    return read([&](const Side& side) { return value_of(side.stacks.find(name)); });
  }
  Result<service::StackPage> list(const service::StackQuery& query) override {
    return read([&](const Side& side) { return side.stacks.list(query); });
  }
  Result<core::FencingToken> retired_token(const StackName& name) override {
    return read([&](const Side& side) { return value_or_empty(side.retired, name); });
  }
  Result<std::optional<std::int64_t>> mark(std::string_view key) override {
    return read([&](const Side& side) {
      const auto at = side.marks.find(key);
      return at == side.marks.end() ? std::nullopt : std::optional{at->second};
    });
  }
  Result<std::vector<RepoName>> repos(const std::optional<RepoName>& after,
                                      std::size_t limit) override {
    return read([&](const Side& side) { return memory::list_repos(side, after, limit); });
  }
  Result<service::RepoTotals> totals(const RepoName& repo) override {
    return read([&](const Side& side) { return value_or_empty(side.repos, repo).totals; });
  }
  Result<std::vector<Stack>> available(const RepoName& repo, const core::StringMap& labels,
                                       std::size_t limit) override {
    return read([&](const Side& side) { return side.stacks.available(repo, labels, limit); });
  }
  Result<std::vector<Stack>> due(core::Instant now, std::size_t limit) override {
    return read([&](const Side& side) { return side.stacks.due(now, limit); });
  }
  Result<std::optional<core::Request>> find_request(const RepoName& repo,
                                                    const RequestId& id) override {
    return read([&](const Side& side) { return value_of(side.requests.find({repo, id})); });
  }
  Result<std::vector<core::Request>> waiting(const RepoName& repo,
                                             const std::optional<service::QueuePlace>& after,
                                             std::size_t limit) override {
    return read([&](const Side& side) { return side.requests.waiting(repo, after, limit); });
  }
  Result<std::int64_t> count_waiting(const RepoName& repo) override {
    return read([&](const Side& side) { return value_or_empty(side.repos, repo).waiting; });
  }
  Result<std::int64_t> count_waiting_before(const RepoName& repo,
                                            const service::QueuePlace& place) override {
    return read([&](const Side& side) { return side.requests.count_before(repo, place); });
  }
  Result<std::int64_t> last_arrival(const RepoName& repo) override {
    return read([&](const Side& side) { return value_or_empty(side.repos, repo).last_arrival; });
  }
  Result<std::vector<core::Request>> ready_until_before(core::Instant at,
                                                        std::size_t limit) override {
    return read([&](const Side& side) { return side.requests.ready_until_before(at, limit); });
  }
  Result<std::vector<core::Request>> settled_requests(const std::optional<RequestKey>& after,
                                                      std::size_t limit) override {
    return read([&](const Side& side) { return side.requests.settled(after, limit); });
  }
  Result<service::EventPage> events(const service::EventQuery& query) override {
    return read([&](const Side& side) { return side.events.find(query); });
  }

 protected:
  // `mutex` may be null, where nobody else changes the side.
  SideReader(const Side& side, std::mutex* mutex) : side_(side), mutex_(mutex) {}

 private:
  auto read(const auto& look) {
    const auto lock =
        mutex_ != nullptr ? std::unique_lock{*mutex_} : std::unique_lock<std::mutex>{};
    return look(side_);
  }

  static std::optional<Stack> value_of(const memory::StackRecord& record) {
    return record ? std::optional{*record} : std::nullopt;
  }
  static std::optional<core::Request> value_of(const memory::RequestRecord& record) {
    return record ? std::optional{*record} : std::nullopt;
  }
  template <class Map, class Key>
  static typename Map::mapped_type value_or_empty(const Map& map, const Key& key) {
    const auto at = map.find(key);
    return at == map.end() ? typename Map::mapped_type{} : at->second;
  }

  const Side& side_;
  std::mutex* mutex_;
};

struct Table {
  Side working;    // the writer's alone
  Side committed;  // the writer changes it under the mutex, so it may read it without
  std::mutex mutex;
};

class MemoryReader final : public SideReader<service::StoreReader> {
 public:
  explicit MemoryReader(std::shared_ptr<Table> table)
      : SideReader(table->committed, &table->mutex), table_(std::move(table)) {}

 private:
  std::shared_ptr<Table> table_;
};

class MemoryStore final : public SideReader<service::Store> {
 public:
  explicit MemoryStore(std::shared_ptr<Table> table)
      : SideReader(table->working, nullptr), table_(std::move(table)) {}

  Result<Saved> save(const service::Changes& changes) override {
    if (!as_expected(changes)) return Saved::version_moved;
    for (const service::StackChange& change : changes.stacks) put(change);
    for (const service::RequestChange& change : changes.requests) put(change);
    for (const core::Event& event : changes.events) append(event);
    if (!in_batch_) (void)commit();
    return Saved::yes;
  }

  Result<void> put_mark(std::string_view key, std::int64_t value) override {
    const auto at = touched_.marks.emplace(key).first;
    working().marks.insert_or_assign(*at, value);
    return in_batch_ ? Result<void>{} : commit();
  }

  Result<std::int64_t> forget_events(core::Instant at, std::int64_t keep,
                                     std::size_t limit) override {
    memory::EventLog& events = working().events;
    const std::int64_t from = events.keep_from(at, keep, limit);
    const std::int64_t count = from - events.first_id();
    events.start_at(from);
    if (!in_batch_) (void)commit();
    return count;
  }

  Result<void> begin() override {
    in_batch_ = true;
    return {};
  }

  Result<void> commit() override {
    {
      const std::scoped_lock lock{table_->mutex};
      table_->committed.become_as(working(), touched_);
      table_->committed.events.drop_forgotten();
    }
    working().events.drop_forgotten();
    end_batch();
    return {};
  }

  void rollback() noexcept override {
    working().become_as(table_->committed, touched_);
    end_batch();
  }

 private:
  Side& working() { return table_->working; }

  bool as_expected(const service::Changes& changes) {
    const auto version_of = [](const auto& record) { return record ? record->version : 0; };
    return std::ranges::all_of(changes.stacks,
                               [&](const service::StackChange& change) {
                                 return version_of(working().stacks.find(change.next.stack_name)) ==
                                        change.expected;
                               }) &&
           std::ranges::all_of(changes.requests, [&](const service::RequestChange& change) {
             return version_of(working().requests.find(
                        {change.next.repo_name, change.next.request_id})) == change.expected;
           });
  }

  void put(const service::StackChange& change) {
    const StackName& name = change.next.stack_name;
    touched_.stacks.insert(name);
    if (change.remove) {
      touched_.retired.insert(name);
      core::FencingToken& token = working().retired[name];
      token = std::max(token, change.next.fencing_token);
      return working().put_stack(name, nullptr);
    }
    auto next = std::make_shared<Stack>(change.next);
    next->version = change.expected + 1;
    working().put_stack(name, std::move(next));
  }

  void put(const service::RequestChange& change) {
    const RequestKey key{change.next.repo_name, change.next.request_id};
    touched_.requests.insert(key);
    if (change.remove) return working().put_request(key, nullptr);
    auto next = std::make_shared<core::Request>(change.next);
    next->version = change.expected + 1;
    touched_.repos.insert(key.first);
    std::int64_t& last_arrival = working().repos[key.first].last_arrival;
    last_arrival = std::max(last_arrival, next->arrival);
    working().put_request(key, std::move(next));
  }

  void append(const core::Event& event) {
    auto told = std::make_shared<core::Event>(event);
    told->id = working().events.last_id() + 1;
    working().events.append(std::move(told));
  }

  void end_batch() {
    touched_ = {};
    in_batch_ = false;
  }

  std::shared_ptr<Table> table_;
  memory::Touched touched_;
  bool in_batch_ = false;
};

}  // namespace

MemoryTable make_memory_table() {
  auto table = std::make_shared<Table>();
  return {std::make_unique<MemoryStore>(table), std::make_unique<MemoryReader>(table)};
}

}  // namespace bddlock::stores
