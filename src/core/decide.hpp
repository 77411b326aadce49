// The rules of lending, and nothing else. Pure: the same stack, command and time give the same
// decision. The caller stores what `effect` says together with `event`, and only then sends
// `reply`. A refusal is a reply too; it carries the facts a client needs and always comes with
// Effect::none.
//
// Every command but Settle wants a stack that is not due (is_due): the caller settles it first, so
// that what time ended has its own event.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/event.hpp"
#include "core/stack.hpp"

namespace bddlock::core {

// Of the seed's API.
struct SeedClaim {};  // PUT /claim-stack: by name, no lease
// PUT /release-stack: by name, no owner. Ends seed claims and holds; a live v1 claim only where the
// setting says so (DESIGN section 5).
struct SeedRelease {
  bool ends_claims = false;
};

// What time does.
struct Settle {
};  // ends a claim, offer or hold that is due; refused with nothing_to_end if it is not
// The scheduled release: ends a seed claim when now - last_used > expiry.
struct SweepUnused {
  seconds expiry;
};
// The scheduled removal: removes an available stack when now - last_used > unused_for.
struct RemoveUnused {
  seconds unused_for;
};

// Of a claim's owner, who knows its key. Refused with claim_lost if another, or nobody, has the
// stack.
struct Extend {
  ClaimKey key;
  std::optional<seconds> lease{};  // unset: the claim's own
  seconds claim_longest;           // maxClaimSeconds
};
struct Release {
  ClaimKey key;
  Outcome outcome = Outcome::passed;
  seconds keep{0};                        // more than 0: a hold for so long
  bool hold_allowed = false;              // whether the repo's limit of holds leaves room
  std::optional<Deployed> deployed{};     // its `at` is set by the decision
  std::optional<StringMap> attributes{};  // replaces all
  std::string note{};
};

// Of the queue.
struct Grant {
  Claim claim;  // `created` is set by the decision
};
struct Collect {  // the request of an offer was repeated: its lease starts now
  ClaimKey key;
};
struct TakeBack {
};  // ends an offer before its time, because another stack of the same offer is lost to it

// Of an admin. The fencing token says which claim is meant; fencing_token_moved if it is another by
// now.
struct AdminRelease {
  FencingToken fencing_token;
};
struct AdminExtend {
  FencingToken fencing_token;
  seconds lease;
  seconds claim_longest;
};
// Ends a claim, whose owner loses it (claim_lost), and keeps the stack aside; a hold goes on until
// now + keep.
struct AdminHold {
  FencingToken fencing_token;
  seconds keep;
};
struct Disable {
  std::string reason{};
  bool now = false;  // a live claim is lost; otherwise it may finish first
};
struct Enable {};
struct Describe {  // unset: stays as it is
  std::optional<StringMap> labels{};
  std::optional<StringMap> attributes{};
  std::optional<std::string> note{};
};
struct Remove {};  // DELETE: not while in use

using Command = std::variant<SeedClaim, SeedRelease, Settle, SweepUnused, RemoveUnused, Extend,
                             Release, Grant, Collect, TakeBack, AdminRelease, AdminExtend,
                             AdminHold, Disable, Enable, Describe, Remove>;

// Why a command was refused. The enumerators are the codes that clients of the API v1 see.
enum class Refusal {
  stack_unknown = 1,
  stack_exists,
  stack_unavailable,    // it is not free
  stack_in_use,         // it may not be removed now
  nothing_to_end,       // a release or sweep of what is not, or not yet, to be ended
  claim_lost,           // the claim is over; `stack` says who has it now
  fencing_token_moved,  // an admin named a claim that is over
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
  std::optional<Event> event;  // none: nothing that history tells has changed
};

[[nodiscard]] Decision decide(const Stack& stack, const Command& command, Instant now);

// A stack that enters the table. `last_token` is the largest fencing token that the name ever had
// (0 if none): a name that comes back goes on counting. One created in use counts as a grant.
struct NewStack {
  StackName stack_name;
  RepoName repo_name;
  bool available;
  StringMap labels{};
  StringMap attributes{};
  std::string note{};
  By by = By::seed;
};
[[nodiscard]] Decision admit(const NewStack& wanted, FencingToken last_token, Instant now);

// The record to store when `incoming` is imported over `present` (null: the name is not in the
// table): the larger fencing token wins, so that no grant's number is given twice. A present stack
// that is in use keeps its repo, state, claim and time: an import never takes a stack from its
// user. Its version is the one to expect when it is saved.
[[nodiscard]] Decision merge_import(const Stack& incoming, const Stack* present,
                                    FencingToken last_token, Instant now);

}  // namespace bddlock::core
