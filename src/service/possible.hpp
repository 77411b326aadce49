// Whether a repo could ever grant a wish, whatever is released. Private to service.
#pragma once

#include <optional>

#include "service/answers.hpp"
#include "service/rules.hpp"
#include "service/store.hpp"

namespace bddlock::service {

// Why not: repo_unknown, stack_unknown or never_satisfiable, with a sentence. Nothing: it could.
// Disabled stacks count, because they may be enabled.
[[nodiscard]] core::Result<std::optional<NotGranted>> impossible(StoreReader& store,
                                                                 const ClaimRules& rules,
                                                                 const core::RepoName& repo,
                                                                 const core::Wish& wish);

}  // namespace bddlock::service
