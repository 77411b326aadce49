// The table as it is for every decision at a moment: what time has ended is over, whether or not
// anything has written that down (invariant 7). For whoever only looks. Any thread.
#pragma once

#include "service/store.hpp"

namespace bddlock::service {

[[nodiscard]] core::Stack seen_at(core::Stack stack, core::Instant now);

// As StoreReader::list, with the states, and by the states, of `now`. Due stacks that are not yet
// settled are looked for among the first thousand; a running server settles them within a second.
[[nodiscard]] core::Result<StackPage> list_seen(StoreReader& reader, const StackQuery& query,
                                                core::Instant now);

// As StoreReader::totals, with the states of `now`.
[[nodiscard]] core::Result<RepoTotals> totals_seen(StoreReader& reader, const core::RepoName& repo,
                                                   core::Instant now);

}  // namespace bddlock::service
