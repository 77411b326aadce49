// What each CI says about a job. The order is that of detection.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ci/ci_job.hpp"
#include "ci/variables.hpp"

namespace bddlock::ci {

// What was read, not yet cleaned and cut.
struct Reading {
  CiJob job = {};
  std::vector<std::string> key = {};      // parts of the key
  std::vector<std::string> request = {};  // further parts of the request's key
  // Empty, or why the parts do not tell this job from all others. BDD_LOCK_JOB_KEY mends it.
  std::string same_key = {};
};

struct System {
  const char* name;
  bool (*detected)(const Variables&);
  Reading (*read)(const Variables&);
};

[[nodiscard]] std::span<const System> systems();

}  // namespace bddlock::ci
