// What is told of claims by their claimId without changing anything: the state of a live one, and
// from the history what became of one that is over, for owners who ask late or twice. Any reader,
// any thread.
#pragma once

#include "service/answers.hpp"
#include "service/rules.hpp"
#include "service/store.hpp"

namespace bddlock::service {

// Of a claim or hold that lives, its stack; of one that is over, how it ended and who has the stack
// now.
[[nodiscard]] core::Result<ClaimState> look_up(StoreReader& store, const core::ClaimRef& claim,
                                               core::Instant now);

// How a claim that is over ended, for an extension that came too late.
[[nodiscard]] core::Result<ClaimState> what_became_of(StoreReader& store,
                                                      const core::ClaimRef& claim,
                                                      core::Instant now);

// What the owner's release was answered, for a repeat of it; lost if something else ended the
// claim. A repeat that does not wish for a hold (`keep`) meant to end the hold that the first
// release made.
[[nodiscard]] core::Result<Released> first_answer(StoreReader& store, const core::ClaimRef& claim,
                                                  core::seconds keep, core::Instant now);

}  // namespace bddlock::service
