#include "ci/ci_job.hpp"

#include <algorithm>

#include "ci/job_key.hpp"
#include "ci/systems.hpp"
#include "ci/text.hpp"

namespace bddlock::ci {

namespace {

constexpr const char* extra_variable = "BDD_LOCK_JOB_KEY";

Reading read_local(const LocalUser& local, const std::string& extra) {
  Reading reading{.job = {.job = local.host, .actor = local.user}};
  // Where somebody names the job, the machine that it runs on is not part of what it is.
  if (extra.empty()) reading.key = {local.host, local.user};
  reading.same_key = "no CI that bdd-lock knows was detected";
  return reading;
}

void clean(CiJob& job) {
  for (std::string* text : {&job.job, &job.repo, &job.branch, &job.commit, &job.actor})
    *text = clean_line(*text);
  job.job_url = link_or_nothing(job.job_url);
}

void set_keys(Reading& reading, const std::string& extra) {
  CiJob& job = reading.job;
  const std::string kind = job.ci.empty() ? "local" : job.ci;
  std::vector<std::string> parts = reading.key;
  if (!extra.empty()) parts.push_back(extra);
  job.key = job_key(kind, parts);
  parts.insert(parts.end(), reading.request.begin(), reading.request.end());
  if (reading.same_key.empty() || !extra.empty()) {
    job.request_key = job_key(kind, parts);
  } else {
    job.request_key = std::unexpected(
        reading.same_key + ", so no id can be made that is this job's alone: set " +
        extra_variable + " to a text that only this job has, or give an id yourself");
  }
}

}  // namespace

CiJob detect(const Lookup& lookup, const LocalUser& local) {
  const Variables variables(lookup);
  const std::string extra = variables[extra_variable];
  const auto known = systems();
  const auto found =
      std::ranges::find_if(known, [&](const System& one) { return one.detected(variables); });
  Reading reading = found == known.end() ? read_local(local, extra) : found->read(variables);
  if (found != known.end()) reading.job.ci = found->name;
  clean(reading.job);
  set_keys(reading, extra);
  return std::move(reading.job);
}

}  // namespace bddlock::ci
