// A job that is a batch of its own, for lanes over stores where there is nothing to share. Private
// to service. Threads: one at a time.
#pragma once

#include "service/lane.hpp"

namespace bddlock::service {

// A store, and what its last job left of it.
class LoneJobs {
 public:
  explicit LoneJobs(Store& store) : store_(store) {}

  // False from an unknown outcome until the store has recovered.
  [[nodiscard]] bool settled() const { return settled_; }
  [[nodiscard]] core::Result<void> recover();
  // Recovers first where it has to. `now` is asked once the store is ready. The error is the job's
  // answer.
  template <class Now>
  [[nodiscard]] core::Result<void> run(WriteJob& job, Now now) {
    if (!settled_) {
      if (auto recovered = recover(); !recovered) return not_begun(recovered.error());
    }
    if (const auto begun = store_.begin(); !begun) return not_begun(begun.error());
    return settle(job.run(store_, now()));
  }

 private:
  static core::Result<void> not_begun(const core::Error& error);
  core::Result<void> settle(core::Result<void> done);

  Store& store_;
  bool settled_ = true;
};

}  // namespace bddlock::service
