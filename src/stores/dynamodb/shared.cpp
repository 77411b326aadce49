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
  const auto at = saved_.find(name);
  if (at == saved_.end()) return std::nullopt;
  return at->second;
}

void Shared::note_saved(StackItem item) {
  const std::scoped_lock lock{mutex_};
  if (saved_.size() >= kept_max) saved_.clear();
  const auto [at, is_new] = saved_.try_emplace(item.stack.stack_name, item);
  if (!is_new && at->second.stack.version < item.stack.version) at->second = std::move(item);
}

void Shared::forget(const core::StackName& name) {
  const std::scoped_lock lock{mutex_};
  saved_.erase(name);
}

}  // namespace bddlock::stores::dynamodb
