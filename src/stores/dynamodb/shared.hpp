// What the stores of one process on one table have in common: where the ids of events go on, which
// repos have their row, and the stacks as they were saved last. Threads: any.
#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "stores/dynamodb/event_ids.hpp"
#include "stores/dynamodb/stack_item.hpp"

namespace bddlock::stores::dynamodb {

class Shared {
 public:
  explicit Shared(NextId next_id) : ids(std::move(next_id)) {}

  EventIds ids;

  // Whether the repo's row is known to be there; it is never removed.
  [[nodiscard]] bool has_repo(const core::RepoName& repo) const;
  void note_repo(const core::RepoName& repo);

  // As a save of this process left it, which may be the past by now.
  [[nodiscard]] std::optional<StackItem> recall(const core::StackName& name) const;
  void note_saved(StackItem item);  // not over a later one
  void forget(const core::StackName& name);

 private:
  static constexpr std::size_t kept_max = 10'000;  // of each; then it begins anew

  mutable std::mutex mutex_;  // of what stands below
  std::unordered_set<core::RepoName> repos_;
  std::unordered_map<core::StackName, StackItem> saved_;
};

}  // namespace bddlock::stores::dynamodb
