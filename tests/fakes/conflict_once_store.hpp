// Makes every change lose its first race: before the first save of a record lets it through,
// somebody else has saved the same record unchanged, so that its version moved on. (A record that
// is not there yet cannot be touched; there the save is refused once without that.)
#pragma once

#include "fakes/store_decorator.hpp"

namespace bddlock::fakes {

class ConflictOnceStore final : public StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;

  core::Result<service::Saved> save(const service::Changes& changes) override {
    if (retried_) {
      retried_ = false;
      return StoreDecorator::save(changes);
    }
    retried_ = true;
    ++conflicts;
    if (auto touched = touch(changes); !touched) return std::unexpected(touched.error());
    return service::Saved::version_moved;
  }

  int conflicts = 0;

 private:
  core::Result<void> touch(const service::Changes& changes) {
    service::Changes unchanged;
    for (const service::StackChange& change : changes.stacks) {
      const auto present = inner_.find(change.next.stack_name);
      if (!present) return std::unexpected(present.error());
      if (*present)
        unchanged.stacks.push_back({.next = **present, .expected = (*present)->version});
    }
    for (const service::RequestChange& change : changes.requests) {
      const auto present = inner_.find_request(change.next.repo_name, change.next.request_id);
      if (!present) return std::unexpected(present.error());
      if (*present)
        unchanged.requests.push_back({.next = **present, .expected = (*present)->version});
    }
    const auto saved = inner_.save(unchanged);
    if (!saved) return std::unexpected(saved.error());
    return {};
  }

  bool retried_ = false;  // the caller lost its first race already
};

}  // namespace bddlock::fakes
