// A stack as the table keeps it: one versioned record for each name.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/claim.hpp"
#include "core/instant.hpp"
#include "core/name.hpp"

namespace bddlock::core {

enum class State { available = 1, claimed, held, disabled };

[[nodiscard]] std::string_view to_text(State state);
[[nodiscard]] std::optional<State> parse_state(std::string_view text);

// The largest that an import may bring: 2^52, which leaves as many grants again until 2^53, from
// where on JSON readers that keep numbers as doubles take one token for another.
inline constexpr FencingToken fencing_token_import_max = FencingToken{1} << 52;

// One higher at each save. 0: there is no such record.
using Version = std::int64_t;

struct Stack {
  StackName stack_name{};
  RepoName repo_name{};
  State state = State::available;
  Instant last_used{};  // of its last claim, release, sweep or creation
  FencingToken fencing_token = 0;
  Version version = 0;

  // Of a v1 claim (claimed) or hold (held); none on a seed claim and on a stack that is not in use.
  std::optional<Claim> claim{};

  StringMap labels{};
  StringMap attributes{};  // 4 KiB at most, keys and values together
  std::string note{};
  std::string disabled_reason{};     // of a disabled one, and of one to be disabled after its claim
  bool disable_after_claim = false;  // only while claimed or held
  // It was created for a claim and no release has named what is deployed on it yet.
  bool undeployed = false;
  std::optional<Deployed> deployed{};
  std::optional<LastEnd> last_end{};

  friend bool operator==(const Stack&, const Stack&) = default;
};

// Whether it is claimed by an offer, which nobody has collected yet.
[[nodiscard]] bool is_offered(const Stack& stack);

// Whether the time of its claim, offer or hold has come: it is over whatever the record says, and
// must be settled (decide.hpp) before anything else is decided on it (invariant 7).
[[nodiscard]] bool is_due(const Stack& stack, Instant now);

}  // namespace bddlock::core
