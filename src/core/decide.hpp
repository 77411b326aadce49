// The rules of lending, and nothing else. Pure: the same stack, command and time give the same
// decision. The caller stores what `effect` says, and only then sends `reply`. A refusal is a reply
// too; it carries the facts a client needs and always comes with Effect::none.
#pragma once

#include <variant>

#include "core/stack.hpp"

namespace bddlock::core {

// Commands on a stack that exists.
struct SeedClaim {};    // PUT /claim-stack: by name, no lease
struct SeedRelease {};  // PUT /release-stack: by name, no owner
// The scheduled release: ends a seed claim when now - last_used > expiry.
struct SweepUnused {
  seconds expiry;
};
struct Remove {};  // DELETE: not while in use
// The scheduled removal: removes an available stack when now - last_used > unused_for.
struct RemoveUnused {
  seconds unused_for;
};
using Command = std::variant<SeedClaim, SeedRelease, SweepUnused, Remove, RemoveUnused>;

// Why a command was refused. The enumerators are the codes that clients of the API v1 see.
enum class Refusal {
  stack_unknown = 1,
  stack_exists,
  stack_unavailable,  // it is not free
  stack_in_use,       // it may not be removed now
  nothing_to_end,     // a release or sweep of what is not, or not yet, to be ended
};

struct Done {
  FencingToken fencing_token;  // of the stack after the command
};
struct Refused {
  Refusal why;
  Stack stack;  // as it is; empty for stack_unknown
};
using Reply = std::variant<Done, Refused>;

enum class Effect { none, save, remove };

struct Decision {
  Effect effect;
  Stack next;  // to be stored for Effect::save; the record as it was otherwise
  Reply reply;
};

[[nodiscard]] Decision decide(const Stack& stack, const Command& command, Instant now);

// A stack that enters the table. `last_token` is the largest fencing token that the name ever had
// (0 if none): a name that comes back goes on counting. One created in use counts as a grant.
struct NewStack {
  StackName stack_name;
  RepoName repo_name;
  bool available;
};
[[nodiscard]] Stack admit(const NewStack& wanted, FencingToken last_token, Instant now);

// The record to store when `incoming` is imported over `present` (null: the name is not in the
// table): the larger fencing token wins, so that no grant's number is given twice. A present stack
// that is in use keeps its repo, state and time: an import never takes a stack from its user. Its
// version is the one to expect when it is saved.
[[nodiscard]] Stack merge_import(const Stack& incoming, const Stack* present,
                                 FencingToken last_token);

}  // namespace bddlock::core
