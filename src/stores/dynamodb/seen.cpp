#include "stores/dynamodb/seen.hpp"

#include <algorithm>

namespace bddlock::stores::dynamodb {

void Seen::note(const StackItem& item) {
  One read{item.stack.version, item.as_read, item.lease_by, due_at(item.stack), item.last_event};
  const auto [at, is_new] = stacks_.try_emplace(item.stack.stack_name, read);
  if (is_new) return;
  One& one = at->second;
  one.last_event = read.last_event = std::max(one.last_event, read.last_event);
  if (one.version == read.version) {
    one.is_moved = one.is_moved || one.as_read != read.as_read;
    return;
  }
  one = read;
}

void Seen::note_remembered(const StackItem& item) {
  const auto at = stacks_.find(item.stack.stack_name);
  if (at != stacks_.end() && at->second.version >= item.stack.version) return;
  note(item);
  stacks_.at(item.stack.stack_name).is_remembered = true;
}

bool Seen::is_remembered(const core::StackName& name) const {
  const auto at = stacks_.find(name);
  return at != stacks_.end() && at->second.is_remembered;
}

std::string Seen::lease_by(const core::Stack& next, const std::string& own) const {
  const auto at = stacks_.find(next.stack_name);
  const bool is_same = next.claim && at != stacks_.end() && at->second.expires_at == due_at(next);
  return is_same ? at->second.lease_by : own;
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
