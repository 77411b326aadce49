// What "watch" looks at: a repo's stacks and its waiting line, and what differs between two looks.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/remote.hpp"
#include "core/instant.hpp"
#include "core/stack.hpp"
#include "wire/request_document.hpp"

namespace bddlock::cli {

struct Watched {
  std::vector<core::Stack> stacks = {};          // in the order of names
  std::vector<wire::ShownRequest> waiting = {};  // in the order of granting
};

// A repo that the server does not know has neither.
[[nodiscard]] std::expected<Watched, Trouble> read_watched(Remote& remote, const std::string& repo);

// A line for each stack and request that is new, differs or is gone, in this order; empty when
// nothing changed. That a claim was extended is no change: its owner does so all the time. `at` is
// when it was seen.
//
// Tab separated: at, what, name or request's id, states or places ("available>claimed", "2>1", "-"
// where it was not there), fencing token or number of stacks, until or since when, who.
[[nodiscard]] std::string plain_changes(const Watched& before, const Watched& now,
                                        core::Instant at);
// A JSON object each: {"at", "what", "stack": {...}} or {"at", "what", "request": {...}}. What is
// gone is shown as it was seen last.
[[nodiscard]] std::string json_changes(const Watched& before, const Watched& now, core::Instant at);

}  // namespace bddlock::cli
