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
  if (wanted != "auto") return RequestIds(wanted);
  if (!job.request_key)
    return std::unexpected(usage_trouble("--request-id auto: " + job.request_key.error()));
  auto lock = JobLock::take(claim_place(env.variable, geteuid(), job.key, ""));
  if (!lock) return std::unexpected(usage_trouble("--request-id auto: " + lock.error()));
  RequestIds ids(*job.request_key);
  ids.lock_.emplace(std::move(*lock));
  return ids;
}

core::RequestId RequestIds::next() {
  if (++count_ == 1) return core::RequestId(base_);
  const std::array<std::string, 2> parts = {base_, std::to_string(count_)};
  return core::RequestId(ci::job_key("again", parts));
}

}  // namespace bddlock::cli
