#include "service/lone_job.hpp"

namespace bddlock::service {

using core::Result;

Result<void> LoneJobs::recover() {
  auto recovered = store_.recover();
  if (recovered) settled_ = true;
  return recovered;
}

Result<void> LoneJobs::not_begun(const core::Error& error) {
  return std::unexpected(core::Error{core::Errc::store_unavailable, error.detail});
}

Result<void> LoneJobs::settle(Result<void> done) {
  if (!done) {
    store_.rollback();
    settled_ = done.error().code != core::Errc::outcome_unknown;
    return done;
  }
  if (const auto committed = store_.commit(); !committed) {
    settled_ = false;
    return std::unexpected(core::Error{core::Errc::outcome_unknown, committed.error().detail});
  }
  return {};
}

}  // namespace bddlock::service
