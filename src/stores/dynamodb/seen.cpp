#include "stores/dynamodb/seen.hpp"

#include <algorithm>

namespace bddlock::stores::dynamodb {

void Seen::note(const StackItem& item) {
  const auto [at, is_new] = stacks_.try_emplace(
      item.stack.stack_name, One{item.stack.version, item.as_read, item.last_event});
  if (is_new) return;
  One& one = at->second;
  one.last_event = std::max(one.last_event, item.last_event);
  if (one.version == item.stack.version) {
    one.is_moved = one.is_moved || one.as_read != item.as_read;
    return;
  }
  one = {item.stack.version, item.as_read, one.last_event};
}

const AsRead* Seen::find(const core::StackName& name, core::Version version) const {
  const auto at = stacks_.find(name);
  if (at == stacks_.end() || at->second.version != version || at->second.is_moved) return nullptr;
  return &at->second.as_read;
}

std::int64_t Seen::last_event(const core::StackName& name) const {
  const auto at = stacks_.find(name);
  return at == stacks_.end() ? 0 : at->second.last_event;
}

std::optional<std::int64_t> Seen::last_arrival(const core::RepoName& repo) const {
  const auto at = arrivals_.find(repo);
  if (at == arrivals_.end()) return std::nullopt;
  return at->second;
}

}  // namespace bddlock::stores::dynamodb
