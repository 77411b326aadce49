#include "service/hold_times.hpp"

#include <algorithm>
#include <functional>
#include <queue>

namespace bddlock::service {

void HoldTimes::note(const core::RepoName& repo, core::microseconds lasted) {
  const std::scoped_lock lock{mutex_};
  const auto found = repos_.find(repo);
  if (found == repos_.end()) return;  // it will be read, this end included, when somebody asks
  found->second.push_front(lasted);
  if (found->second.size() > remembered) found->second.pop_back();
}

core::Result<std::optional<core::microseconds>> HoldTimes::typical(StoreReader& store,
                                                                   const core::RepoName& repo) {
  std::unique_lock lock{mutex_};
  if (!repos_.contains(repo)) {
    lock.unlock();
    auto times = read(store, repo);
    if (!times) return std::unexpected(times.error());
    lock.lock();
    repos_.emplace(repo, std::move(*times));
  }
  const auto& times = repos_.at(repo);
  if (times.empty()) return std::nullopt;
  std::vector<core::microseconds> sorted(times.begin(), times.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

core::Result<std::deque<core::microseconds>> HoldTimes::read(StoreReader& store,
                                                             const core::RepoName& repo) const {
  std::deque<core::microseconds> times;
  // Other events lie between the ends; a few pages are enough for an estimate.
  EventQuery query{.repo_name = repo, .limit = 200};
  for (int pages = 0; pages < 5 && times.size() < remembered; ++pages) {
    const auto page = store.events(query);
    if (!page) return std::unexpected(page.error());
    for (const core::Event& event : page->items)
      if (event.lasted.count() > 0 && times.size() < remembered) times.push_back(event.lasted);
    if (!page->next_before) break;
    query.before = page->next_before;
  }
  return times;
}

core::seconds estimate_wait(std::int64_t position, core::microseconds typical,
                            std::vector<core::microseconds> elapsed) {
  if (elapsed.empty()) return std::chrono::ceil<core::seconds>(typical);
  // The times at which stacks come free, the earliest first; each is then claimed for `typical`
  // again.
  std::priority_queue<core::microseconds, std::vector<core::microseconds>, std::greater<>> free_at;
  for (const core::microseconds so_far : elapsed)
    free_at.push(std::max(typical - so_far, core::microseconds{0}));
  // Whole rounds in one step, so that a long queue costs no more than its stacks.
  const auto stacks = static_cast<std::int64_t>(elapsed.size());
  const std::int64_t rounds = (position - 1) / stacks;
  for (std::int64_t i = 0; i < (position - 1) % stacks; ++i) {
    const core::microseconds next = free_at.top();
    free_at.pop();
    free_at.push(next + typical);
  }
  return std::chrono::ceil<core::seconds>(free_at.top() + rounds * typical);
}

}  // namespace bddlock::service
