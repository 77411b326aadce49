// A stack as the table keeps it: one versioned record for each name.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/instant.hpp"
#include "core/name.hpp"

namespace bddlock::core {

// `held` and `disabled` are reached by the API v1 only; the rules of the seed's API know them
// already.
enum class State { available = 1, claimed, held, disabled };

[[nodiscard]] std::string_view to_text(State state);
[[nodiscard]] std::optional<State> parse_state(std::string_view text);

// One higher at each grant of this stack, never lower (invariant 3).
using FencingToken = std::int64_t;

// The largest that an import may bring: 2^52, which leaves as many grants again until 2^53, from
// where on JSON readers that keep numbers as doubles take one token for another.
inline constexpr FencingToken fencing_token_import_max = FencingToken{1} << 52;

// One higher at each save. 0: there is no such record.
using Version = std::int64_t;

struct Stack {
  StackName stack_name;
  RepoName repo_name;
  State state = State::available;
  Instant last_used{};  // of its last claim, release, sweep or creation
  FencingToken fencing_token = 0;
  Version version = 0;

  friend bool operator==(const Stack&, const Stack&) = default;
};

}  // namespace bddlock::core
