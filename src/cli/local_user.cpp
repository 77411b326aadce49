#include "cli/local_user.hpp"

#include <unistd.h>

#include <array>

#include "ci/variables.hpp"

namespace bddlock::cli {

ci::LocalUser local_user(const Environment& env) {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  const ci::Lookup lookup = env.variable;
  std::string user = ci::Variables(lookup).first({"USER", "LOGNAME"});
  if (user.empty()) user = "user " + std::to_string(geteuid());
  return {host.data(), std::move(user)};
}

ci::CiJob detect_job(const Environment& env) { return ci::detect(env.variable, local_user(env)); }

core::Holder holder_of(const ci::CiJob& job) {
  return {job.ci, job.job, job.job_url, job.repo, job.branch, job.commit, job.actor};
}

}  // namespace bddlock::cli
