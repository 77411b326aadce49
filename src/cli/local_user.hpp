// Who runs this program, where no CI says it: the holder's job and actor.
#pragma once

#include "ci/ci_job.hpp"
#include "cli/environment.hpp"
#include "core/claim.hpp"

namespace bddlock::cli {

// By the variables USER and LOGNAME, else the user's number: a static program cannot ask the
// host's user database.
[[nodiscard]] ci::LocalUser local_user(const Environment& env);

// From `env` alone.
[[nodiscard]] ci::CiJob detect_job(const Environment& env);
[[nodiscard]] core::Holder holder_of(const ci::CiJob& job);

}  // namespace bddlock::cli
