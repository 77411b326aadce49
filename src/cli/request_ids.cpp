#include "cli/request_ids.hpp"

#include <unistd.h>

#include <array>
#include <vector>

#include "ci/job_key.hpp"
#include "cli/rising_id.hpp"

namespace bddlock::cli {

namespace {

Trouble usage_trouble(std::string message) { return {ExitCode::usage, std::move(message)}; }

}  // namespace

std::expected<RequestIds, Trouble> RequestIds::open(const Environment& env,
                                                    const std::string& wanted,
                                                    const ci::CiJob& job) {
  if (wanted.empty()) return RequestIds("run-" + rising_id(env.wall_time(), env.random), true);
  const bool is_of_job = wanted == "auto";
  if (is_of_job && !job.request_key)
    return std::unexpected(usage_trouble("--request-id auto: " + job.request_key.error()));
  RequestIds ids(is_of_job ? *job.request_key : wanted);
  ids.has_more_ = is_of_job;
  const std::string key = is_of_job ? job.key : ci::job_key("request", {&wanted, 1});
  auto lock = JobLock::take(claim_place(env.variable, geteuid(), key, ""));
  if (!lock)
    return std::unexpected(usage_trouble("--request-id " + wanted + ": " + lock.error().sentence));
  ids.lock_.emplace(std::move(*lock));
  return ids;
}

core::RequestId RequestIds::next() {
  if (++count_ == 1) return core::RequestId(base_);
  const std::array<std::string, 2> parts = {base_, std::to_string(count_)};
  return core::RequestId(ci::job_key("again", parts));
}

}  // namespace bddlock::cli
