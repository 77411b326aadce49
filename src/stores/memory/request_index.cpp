#include "stores/memory/request_index.hpp"

#include <iterator>
#include <limits>

namespace bddlock::stores::memory {

using core::Request;

RequestRecord RequestIndex::find(const RequestKey& key) const {
  const auto at = records_.find(key);
  return at == records_.end() ? nullptr : at->second;
}

void RequestIndex::put(const RequestKey& key, RequestRecord record) {
  auto at = records_.find(key);
  if (at != records_.end()) take_out(&at->second);
  if (!record) {
    if (at != records_.end()) records_.erase(at);
    return;
  }
  if (at == records_.end())
    at = records_.emplace(key, std::move(record)).first;
  else
    at->second = std::move(record);
  enter(&at->second);
}

void RequestIndex::take_out(Slot slot) {
  if ((*slot)->state != core::RequestState::waiting) {
    settled_.erase(key_of(slot));
    return;
  }
  line_.erase(slot);
  by_readiness_.erase(slot);
}

void RequestIndex::enter(Slot slot) {
  if ((*slot)->state != core::RequestState::waiting) {
    settled_.emplace(key_of(slot), *slot);
    return;
  }
  line_.insert(slot);
  by_readiness_.insert(slot);
}

std::vector<Request> RequestIndex::waiting(const core::RepoName& repo,
                                           const std::optional<service::QueuePlace>& after,
                                           std::size_t limit) const {
  std::vector<Request> found;
  auto at = after ? line_.upper_bound(InLine::Key{repo, -after->priority, after->arrival})
                  : line_.lower_bound(InLine::Key{repo, std::numeric_limits<int>::min(),
                                                  std::numeric_limits<std::int64_t>::min()});
  for (; at != line_.end() && (**at)->repo_name == repo && found.size() < limit; ++at)
    found.push_back(***at);
  return found;
}

std::int64_t RequestIndex::count_before(const core::RepoName& repo,
                                        const service::QueuePlace& place) const {
  const auto first = line_.lower_bound(
      InLine::Key{repo, std::numeric_limits<int>::min(), std::numeric_limits<std::int64_t>::min()});
  const auto end = line_.lower_bound(InLine::Key{repo, -place.priority, place.arrival});
  return std::distance(first, end);
}

std::vector<Request> RequestIndex::ready_until_before(core::Instant at, std::size_t limit) const {
  std::vector<Request> found;
  for (const Slot slot : by_readiness_) {
    if (found.size() >= limit || (*slot)->ready_until > at) break;
    found.push_back(**slot);
  }
  return found;
}

std::vector<Request> RequestIndex::settled(const std::optional<RequestKey>& after,
                                           std::size_t limit) const {
  std::vector<Request> found;
  auto at = after ? settled_.upper_bound(*after) : settled_.begin();
  for (; at != settled_.end() && found.size() < limit; ++at) found.push_back(*at->second);
  return found;
}

}  // namespace bddlock::stores::memory
