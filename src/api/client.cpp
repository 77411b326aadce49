#include "api/client.hpp"

#include <utility>
#include <vector>

namespace bddlock::api {

Client::Watch Client::begin() {
  const std::lock_guard lock(mutex_);
  watches_.emplace(++last_, nullptr);
  return last_;
}

void Client::watch(Watch watch, std::move_only_function<void()> on_gone) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = watches_.find(watch);
    if (found == watches_.end()) return;
    if (!gone_) {
      found->second = std::move(on_gone);
      return;
    }
    watches_.erase(found);
  }
  on_gone();
}

void Client::end(Watch watch) {
  std::move_only_function<void()> dropped;  // what it holds may call in here as it goes
  const std::lock_guard lock(mutex_);
  const auto found = watches_.find(watch);
  if (found == watches_.end()) return;
  dropped = std::move(found->second);
  watches_.erase(found);
}

void Client::note_gone() {
  std::vector<std::move_only_function<void()>> called;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(gone_, true)) return;
    for (auto at = watches_.begin(); at != watches_.end();) {
      if (!at->second) {  // not watched yet: watch() will find that it is gone
        ++at;
        continue;
      }
      called.push_back(std::move(at->second));
      at = watches_.erase(at);
    }
  }
  for (auto& on_gone : called) on_gone();
}

}  // namespace bddlock::api
