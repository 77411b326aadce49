// Makes every change lose its first race: before the first save of a record lets it through,
// somebody else has saved the same record unchanged, so that its version moved on. (A record that
// is not there yet cannot be touched; there the save is refused once without that.)
#pragma once

#include "fakes/store_decorator.hpp"

namespace bddlock::fakes {

class ConflictOnceStore final : public StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;

  core::Result<service::Saved> save(std::span<const service::Change> changes) override {
    if (retried_) {
      retried_ = false;
      return StoreDecorator::save(changes);
    }
    retried_ = true;
    ++conflicts;
    for (const service::Change& change : changes)
      if (auto touched = touch(change.next.stack_name); !touched)
        return std::unexpected(touched.error());
    return service::Saved::version_moved;
  }

  int conflicts = 0;

 private:
  core::Result<void> touch(const core::StackName& name) {
    const auto present = inner_.find(name);
    if (!present) return std::unexpected(present.error());
    if (!*present) return {};
    const service::Change change{.next = **present, .expected = (*present)->version};
    const auto saved = inner_.save({&change, 1});
    if (!saved) return std::unexpected(saved.error());
    return {};
  }

  bool retried_ = false;  // the caller lost its first race already
};

}  // namespace bddlock::fakes
