#include "cli/request_ids.hpp"

#include <unistd.h>

#include <array>
#include <vector>

#include "ci/job_key.hpp"
#include "cli/text.hpp"

namespace bddlock::cli {

namespace {

constexpr std::size_t random_id_characters = 20;  // of 36: more than 100 bits

Trouble usage_trouble(std::string message) { return {ExitCode::usage, std::move(message)}; }

}  // namespace

std::expected<RequestIds, Trouble> RequestIds::open(const Environment& env,
                                                    const std::string& wanted,
                                                    const ci::CiJob& job) {
  if (wanted.empty())
    return RequestIds("run-" + random_characters(random_id_characters, env.random), true);
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
