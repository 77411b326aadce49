// The process that `claim --background` leaves behind: it extends the job's claim until the claim
// is given back or lost, its lease or `max` is over, or until the job ends. A CI ends what its job
// left running; where there is none, the session that the claim was made from is watched.
#pragma once

#include <expected>
#include <string>

#include "cli/claim_file.hpp"
#include "cli/client_settings.hpp"
#include "cli/lease.hpp"
#include "process/descriptor.hpp"

namespace bddlock::cli {

struct BackgroundJob {
  ClientSettings client;
  ClaimPlace place;
  std::string job_key;
  std::string claim_id;
  seconds max{0};
  bool has_ci = false;
};

// A started one waits until it is told to go, and ends if it never is.
class Background {
 public:
  // The error is a sentence. REQUIRES: this process has one thread.
  [[nodiscard]] static std::expected<Background, std::string> start(const Environment& env,
                                                                    const BackgroundJob& job,
                                                                    Lease lease);
  // Who it is, for the claim file, which must name it before go().
  [[nodiscard]] const Extender& extender() const { return extender_; }
  void go();

 private:
  Background(Extender extender, process::Descriptor channel)
      : extender_(extender), channel_(std::move(channel)) {}

  Extender extender_;
  process::Descriptor channel_;
};

// What it does each time that it looks around; for tests. False: its work is over.
class BackgroundWork {
 public:
  BackgroundWork(const Environment& env, const BackgroundJob& job, Lease lease)
      : env_(env), job_(job), lease_(std::move(lease)), end_(env.since_boot() + job.max) {}

  // `is_alive`: whether the session that the claim was made from lives.
  [[nodiscard]] bool goes_on(Remote& remote, bool is_alive);

 private:
  [[nodiscard]] bool is_still_kept() const;

  const Environment& env_;
  const BackgroundJob& job_;
  Lease lease_;
  milliseconds end_;
};

}  // namespace bddlock::cli
