// The requestId of a claim: a new one for each invocation, given by --request-id, or made of the
// CI's job (--request-id auto), so that a step that is run again after a crash finds the claim of
// its first run. Two commands of one job at a time must not share one: they would be lent one
// stack.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "ci/ci_job.hpp"
#include "cli/job_lock.hpp"
#include "cli/remote.hpp"
#include "core/claim.hpp"

namespace bddlock::cli {

class RequestIds {
 public:
  // `wanted`: empty, "auto" or an id. The lock of one that is not new is held as long as this
  // lives; it keeps commands of this user on this machine apart, not those of other machines.
  [[nodiscard]] static std::expected<RequestIds, Trouble> open(const Environment& env,
                                                               const std::string& wanted,
                                                               const ci::CiJob& job);

  // The id to ask with. Each call after the first gives the next of the job: the one before has
  // ended, as its step was over when this one was run.
  [[nodiscard]] core::RequestId next();
  // Nobody can have asked under it before.
  [[nodiscard]] bool is_new() const { return is_new_; }
  // False: the id is one alone, so a request that has ended is an error.
  [[nodiscard]] bool has_more() const { return has_more_ && count_ < runs_max; }

 private:
  explicit RequestIds(std::string base, bool is_new = false)
      : base_(std::move(base)), is_new_(is_new) {}
  static constexpr int runs_max = 100;

  std::string base_;
  bool is_new_;
  bool has_more_ = false;
  int count_ = 0;
  std::optional<JobLock> lock_ = {};
};

}  // namespace bddlock::cli
