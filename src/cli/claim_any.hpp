// Claims a stack, and waits for one where it may: the loops behind `claim`.
//
// A claim whose outcome is unknown is neither a success nor a failure. It is never taken for ours,
// because the seed's API does not say who claimed a stack; the loop over a repo goes on with
// another stack and says which one may have been claimed. The server's sweep frees it in the end.
#pragma once

#include <expected>
#include <string>

#include "cli/remote.hpp"

namespace bddlock::cli {

struct ClaimWish {
  std::string name;         // this stack; empty: any of `repo`
  std::string repo;         // needed for any
  seconds wait{0};          // how long to wait until one is free
  bool may_create = true;   // any: create one when none is free
  std::string name_prefix;  // of a created one; empty: "REPO-"
};

struct Claimed {
  std::string stack_name;
  bool created = false;
};

// Trouble with ExitCode::not_in_time: none was free in time; the message says how many the repo
// has.
[[nodiscard]] std::expected<Claimed, Trouble> claim_by_name(const Environment& env, Remote& remote,
                                                            const ClaimWish& wish);
[[nodiscard]] std::expected<Claimed, Trouble> claim_any(const Environment& env, Remote& remote,
                                                        const ClaimWish& wish);

}  // namespace bddlock::cli
