// What the stores of one process on one table have in common: where the ids of events go on, which
// repos have their row, and the stacks as they were last. Threads: any.
#pragma once

#include <atomic>
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

  // As a save of this process left it, or as it was read, which may be the past by now.
  [[nodiscard]] std::optional<StackItem> recall(const core::StackName& name) const;
  // As it was saved or read; not over a later one. The original changes one without a new version.
  void note(const StackItem& item);
  [[nodiscard]] bool has_later(const core::StackName& name, core::Version version) const;
  void forget(const core::StackName& name);

  // Whether what is remembered of free stacks may be lent without reading it first. While others
  // change the same stacks that would mostly be in vain, and a transaction that fails costs more
  // than a read. Each question counts: after so many memory is tried again.
  [[nodiscard]] bool trusts_memory();
  void distrust_memory() { reads_before_trust_ = reads_after_surprise; }

 private:
  static constexpr int reads_after_surprise = 64;
  static constexpr std::size_t kept_max = 10'000;  // of each; then it begins anew

  mutable std::mutex mutex_;  // of what stands below
  std::unordered_set<core::RepoName> repos_;
  std::unordered_map<core::StackName, StackItem> known_;
  std::atomic<int> reads_before_trust_ = 0;
};

}  // namespace bddlock::stores::dynamodb
