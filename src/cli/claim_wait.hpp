// Waits for the claims of one request, by long polls of the API v1, until they are granted, the
// time is over, or somebody says stop. A request that came to nothing is withdrawn: nobody behind
// it waits for one that went away, and no stack is granted to nobody.
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "cli/claim_calls.hpp"

namespace bddlock::cli {

struct WaitPlan {
  std::string repo;
  core::RequestId request_id;
  core::Wish wish;
  seconds wait{0};         // 0: a request that cannot be granted at once is refused
  bool is_new_id = false;  // nobody can have asked under this id before
};

struct WaitHooks {
  ShouldStop should_stop = {};                      // empty: nobody does
  std::function<void(const Place&)> on_place = {};  // each time that the server tells it
};

// A Trouble that is `stopped`: it was withdrawn, and what had been granted meanwhile was released;
// where that failed, the message says so. ExitCode::not_in_time: the message says who has the
// stacks of the repo. A request that has ended before is a Refusal with the code "request_ended".
using Waited = std::expected<Grant, Refusal>;
[[nodiscard]] Waited wait_for_claims(const Environment& env, Remote& remote, const WaitPlan& plan,
                                     const WaitHooks& hooks);

// Gives back what nobody is going to use. The sentences say which stacks could not be released.
[[nodiscard]] std::string release_unused(Remote& remote, const Grant& grant);

}  // namespace bddlock::cli
