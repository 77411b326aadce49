// Repos as the API v1 shows them: how many stacks they have in which state, and how many requests
// wait.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/instant.hpp"
#include "core/name.hpp"

namespace bddlock::wire {

struct ShownRepo {
  core::RepoName repo_name{};
  std::int64_t stacks = 0;
  std::int64_t available = 0;
  std::int64_t claimed = 0;
  std::int64_t held = 0;
  std::int64_t disabled = 0;
  std::int64_t waiting = 0;
  std::optional<core::seconds>
      typical_claim{};  // the median of its latest claims; none: no history
};

// {"repoName", "stacks", "available", "claimed", "held", "disabled", "waiting",
// "typicalClaimSeconds"}
[[nodiscard]] boost::json::object repo_document(const ShownRepo& repo);
[[nodiscard]] std::string to_text(const ShownRepo& repo);

struct RepoList {
  std::vector<ShownRepo> items{};
  std::optional<std::string> next_cursor{};
};
[[nodiscard]] std::string to_text(const RepoList& list);

}  // namespace bddlock::wire
