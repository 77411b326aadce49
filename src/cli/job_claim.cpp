#include "cli/job_claim.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ci/escape.hpp"
#include "cli/claim_wait.hpp"
#include "cli/local_user.hpp"
#include "cli/text.hpp"
#include "process/descriptor.hpp"
#include "process/table.hpp"

namespace bddlock::cli {

namespace {

constexpr int extender_ends_within = 1'000;  // milliseconds; SIGTERM ends it at once

}  // namespace

Option claim_file_option(std::string& path) {
  return {.name = "claim-file",
          .variable = "BDD_LOCK_CLAIM_FILE",
          .value = "FILE",
          .fallback = "one for each job, for this user alone",
          .help = "where the job's claim is kept between its steps",
          .assign = [&path](std::string_view text, Source) -> Fault {
            path = text;
            if (text.empty() || text.ends_with('/')) return "is no file's name";
            return std::nullopt;
          }};
}

std::expected<JobClaim, Trouble> find_job_claim(const Environment& env, const std::string& named) {
  const ci::CiJob job = detect_job(env);
  JobClaim claim{claim_place(env.variable, geteuid(), job.key, named), job.key};
  auto file = read_claim_file(claim.place, job.key);
  if (!file) return std::unexpected(Trouble{ExitCode::usage, file.error()});
  claim.file = std::move(*file);
  return claim;
}

std::string nothing_kept(const JobClaim& claim) {
  return "this job has no claim: there is no claim file " + claim.place.path();
}

std::expected<std::string, Trouble> claim_id_of(const JobClaim& claim, const Remote& remote) {
  if (!claim.file || claim.file->claims.empty()) {
    return std::unexpected(
        Trouble{ExitCode::refused, nothing_kept(claim) +
                                       " with one. Give the stack's NAME or --claim-id-file, or "
                                       "claim with --export"});
  }
  if (claim.file->endpoint != remote.target().endpoint) {
    return std::unexpected(
        Trouble{ExitCode::usage, "the claim in " + claim.place.path() +
                                     " is one of the server at " + claim.file->endpoint +
                                     ", and --endpoint is " + remote.target().endpoint});
  }
  return claim.file->claims.front().claim_id;
}

std::expected<void, Trouble> forget_unfinished(Remote& remote, const JobClaim& claim) {
  const auto granted = withdraw_request(remote, claim.file->repo,
                                        core::RequestId(claim.file->request_id), CallLimits{});
  if (!granted) return std::unexpected(granted.error());
  const std::string failed = release_unused(remote, *granted);
  if (failed.empty()) return {};
  return std::unexpected(Trouble{.message = "an earlier step asked for a stack" + failed});
}

void stop_extender(const JobClaim& claim) {
  if (!claim.file || !claim.file->extender) return;
  const Extender& extender = *claim.file->extender;
  const process::Descriptor handle(static_cast<int>(syscall(SYS_pidfd_open, extender.pid, 0)));
  const auto entry = process::process_entry(extender.pid);
  if (!entry || entry->started != extender.started) return;
  if (!handle) {  // kernels before 5.3
    kill(extender.pid, SIGTERM);
    return;
  }
  syscall(SYS_pidfd_send_signal, handle.get(), SIGTERM, nullptr, 0);
  pollfd ended{handle.get(), POLLIN, 0};
  poll(&ended, 1, extender_ends_within);
}

}  // namespace bddlock::cli
