// The reads of the port on the two tables. What a decision is made on is read consistently; lists,
// counts and the history of a repo or of all may lag behind, as DynamoDB's global indexes do.
// Threads: any, without `seen`. Reads of single stacks write too, where the original was here, and
// due() takes away what is left of claims that ended before their time.
#pragma once

#include "service/store.hpp"
#include "stores/dynamodb/seen.hpp"
#include "stores/dynamodb/shared.hpp"
#include "stores/dynamodb/table.hpp"

namespace bddlock::stores::dynamodb {

class Reads {
 public:
  template <class T>
  using Result = core::Result<T>;
  using Stacks = std::vector<core::Stack>;
  using Requests = std::vector<core::Request>;

  // For the reader of lists.
  explicit Reads(const Table& table) : table_(table) {}
  // For a store that writes: both note all that is read of stacks.
  Reads(const Table& table, Seen& seen, Shared& shared)
      : table_(table), seen_(&seen), shared_(&shared) {}

  // As this server takes it: times of another's clock end late.
  core::Stack by_own_clock(StackItem read) const;

  Result<std::optional<core::Stack>> find(const core::StackName& name) const;
  Result<service::StackPage> list(const service::StackQuery& query) const;
  Result<std::int64_t> number(std::string_view pk, std::string_view sk,
                              std::string_view name) const;  // 0 if it is not there
  Result<std::optional<std::int64_t>> mark(std::string_view key) const;
  Result<std::vector<core::RepoName>> repos(const std::optional<core::RepoName>& after,
                                            std::size_t limit) const;
  Result<service::RepoTotals> totals(const core::RepoName& repo) const;
  Result<Stacks> available(const core::RepoName& repo, const core::StringMap& labels,
                           std::size_t limit) const;
  // Those that this process remembers as free without reading them.
  Result<Stacks> likely_available(const core::RepoName& repo, const core::StringMap& labels,
                                  std::size_t enough, std::size_t limit) const;
  // One page of the index.
  Result<std::vector<core::StackName>> free_names(const core::RepoName& repo) const;
  Result<Stacks> due(core::Instant now, std::size_t limit) const;

  Result<std::optional<core::Request>> find_request(const core::RepoName& repo,
                                                    const core::RequestId& id) const;
  Result<Requests> waiting(const core::RepoName& repo,
                           const std::optional<service::QueuePlace>& after,
                           std::size_t limit) const;
  Result<std::int64_t> count_waiting(const core::RepoName& repo,
                                     const std::optional<service::QueuePlace>& before) const;
  Result<std::int64_t> last_arrival(const core::RepoName& repo) const;
  Result<Requests> ready_until_before(core::Instant at, std::size_t limit) const;
  Result<Requests> settled_requests(
      const std::optional<std::pair<core::RepoName, core::RequestId>>& after,
      std::size_t limit) const;
  Result<service::EventPage> events(const service::EventQuery& query) const;

 private:
  Result<core::Stack> stack_of(const Item& item) const;
  // Writes down what the original did to it (catch_up.cpp).
  Result<StackItem> caught_up(StackItem read) const;
  Result<bool> write_down(const StackItem& read) const;
  Result<Stacks> stacks_of(const std::vector<core::StackName>& names) const;
  // All of a repo (unset: of the table) that `wanted` takes, in the order of names.
  Result<Stacks> all_stacks(const std::optional<core::RepoName>& repo,
                            const std::function<bool(const core::Stack&)>& wanted) const;
  json::object free_query(const core::RepoName& repo) const;
  Result<void> add_free(const core::RepoName& repo, const core::Wish& wish,
                        const std::vector<core::StackName>& names, Stacks& found) const;
  Result<Stacks> find_free(const core::RepoName& repo, const core::StringMap& labels,
                           std::size_t limit, std::size_t enough_remembered) const;
  void add_remembered(const core::RepoName& repo, const core::Wish& wish, std::size_t enough,
                      std::vector<core::StackName>& names, Stacks& found) const;
  void remove_forgotten(const std::vector<json::object>& removals) const;
  Result<std::vector<core::RepoName>> repos_with_requests(std::string_view from) const;
  Result<bool> has_requests(const core::RepoName& repo) const;
  Result<void> add_settled(const core::RepoName& repo, std::string_view after, std::size_t limit,
                           Requests& found) const;

  const Table& table_;
  Seen* seen_ = nullptr;
  Shared* shared_ = nullptr;
};

}  // namespace bddlock::stores::dynamodb
