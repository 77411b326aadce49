// One stack as a line of an export (DESIGN section 8): the seed's fields as in its table, then
// version 1's, on one line:
//   {"stackName":"a","repoName":"r","isAvailable":"x",
//    "lastUsed":"2019-11-20T23:10:28.014213","fencingToken":3}
// `state` is written only where isAvailable does not say it: held (with heldUntil), disabled. Then,
// where there is something to say: disabledReason, disableAfterClaim, labels, attributes, note,
// undeployed, deployed {"branch", "commit", "at"} and lastEnd {"reason", "outcome", "at",
// "fencingToken", "note"}. A claim's id, holder and lease are not in it: an import makes a seed
// claim of a claimed stack.
#pragma once

#include <string>
#include <string_view>

#include "core/stack.hpp"
#include "wire/json_reader.hpp"

namespace bddlock::wire {

[[nodiscard]] std::string export_line(const core::Stack& stack);  // without the newline

// Needed are stackName and repoName. isAvailable is "x" or absent, lastUsed absent means `now`,
// fencingToken absent means 0; held without heldUntil is over at `now`. Unknown fields are refused,
// so that nothing is lost unseen.
[[nodiscard]] Parsed<core::Stack> parse_export_line(std::string_view line, core::Instant now);

}  // namespace bddlock::wire
