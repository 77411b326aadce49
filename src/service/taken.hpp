// Which records this server has tried to lend last: a candidate that is still in that state was
// read before it was lent to another, or is being lent now, so a grant looks for another one first.
// A hint only; what is saved is decided by the versions. Threads: any.
#pragma once

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "core/stack.hpp"

namespace bddlock::service {

class Taken {
 public:
  void note(const core::Stack& stack) {
    const std::scoped_lock lock{mutex_};
    if (versions_.size() >= noted_max) versions_.clear();
    core::Version& version = versions_[stack.stack_name];
    version = std::max(version, stack.version);
  }
  [[nodiscard]] bool is_taken(const core::Stack& stack) const {
    const std::scoped_lock lock{mutex_};
    const auto at = versions_.find(stack.stack_name);
    return at != versions_.end() && at->second >= stack.version;
  }

 private:
  static constexpr std::size_t noted_max = 10'000;

  mutable std::mutex mutex_;
  std::unordered_map<core::StackName, core::Version> versions_;
};

}  // namespace bddlock::service
