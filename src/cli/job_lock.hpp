// At most one command of a job at a time goes by the job's own request id: two under one id would
// be lent one stack, and each of them would use it. The lock is a file beside the claim file, gone
// with the process that holds it.
#pragma once

#include <expected>
#include <string>

#include "cli/claim_folder.hpp"

namespace bddlock::cli {

struct LockFault {
  std::string sentence;
  bool is_held = false;  // by another command; else the lock cannot be made
};

class JobLock {
 public:
  [[nodiscard]] static std::expected<JobLock, LockFault> take(const ClaimPlace& place);

  JobLock(JobLock&&) = default;
  JobLock& operator=(JobLock&&) = delete;
  ~JobLock();

 private:
  JobLock(process::Descriptor folder, process::Descriptor file, std::string name)
      : folder_(std::move(folder)), file_(std::move(file)), name_(std::move(name)) {}

  process::Descriptor folder_;
  process::Descriptor file_;
  std::string name_;
};

}  // namespace bddlock::cli
