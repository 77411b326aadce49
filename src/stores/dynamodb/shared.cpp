#include "stores/dynamodb/shared.hpp"

namespace bddlock::stores::dynamodb {

bool Shared::has_repo(const core::RepoName& repo) const {
  const std::scoped_lock lock{mutex_};
  return repos_.contains(repo);
}

void Shared::note_repo(const core::RepoName& repo) {
  const std::scoped_lock lock{mutex_};
  if (repos_.size() >= kept_max) repos_.clear();
  repos_.insert(repo);
}

std::optional<StackItem> Shared::recall(const core::StackName& name) const {
  const std::scoped_lock lock{mutex_};
  const auto at = known_.find(name);
  if (at == known_.end()) return std::nullopt;
  return at->second;
}

void Shared::note(const StackItem& item) {
  const std::scoped_lock lock{mutex_};
  if (known_.size() >= kept_max) known_.clear();
  const auto [at, is_new] = known_.try_emplace(item.stack.stack_name, item);
  if (!is_new && at->second.stack.version <= item.stack.version) at->second = item;
}

bool Shared::has_later(const core::StackName& name, core::Version version) const {
  const std::scoped_lock lock{mutex_};
  const auto at = known_.find(name);
  return at != known_.end() && at->second.stack.version > version;
}

void Shared::forget(const core::StackName& name) {
  const std::scoped_lock lock{mutex_};
  known_.erase(name);
}

bool Shared::trusts_memory() {
  int left = reads_before_trust_;
  while (left > 0 && !reads_before_trust_.compare_exchange_weak(left, left - 1)) {
  }
  return left <= 0;
}

}  // namespace bddlock::stores::dynamodb
