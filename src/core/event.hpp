// One line of history: what changed, when, by whom. Written in the same transaction as the change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/claim.hpp"
#include "core/stack.hpp"

namespace bddlock::core {

// An extension by a claim's owner is no event: heartbeats would drown what history is for.
enum class EventKind {
  created = 1,
  imported,
  claimed,
  offered,    // granted while nobody was listening
  collected,  // an offer became a claim
  released,
  expired,
  offer_lapsed,
  held,  // a claim ended and its stack is kept aside
  hold_ended,
  extended,  // by an admin
  disabled,
  disable_requested,  // after the present claim
  enabled,
  described,  // labels, note or attributes were changed by an admin
  removed,
  swept,  // a seed claim, by the scheduled release
};
[[nodiscard]] std::string_view to_text(EventKind kind);
[[nodiscard]] std::optional<EventKind> parse_event_kind(std::string_view text);

// Who changed it.
enum class By {
  owner = 1,  // of the claim
  admin,
  seed,  // a client of the seed's API
  time,  // a lease, an offer, a hold or the sweep
  import,
};
[[nodiscard]] std::string_view to_text(By by);
[[nodiscard]] std::optional<By> parse_by(std::string_view text);

struct Event {
  std::int64_t id = 0;  // rises with time; given by the store when it is saved
  Instant at{};
  EventKind kind = EventKind::created;
  By by = By::seed;
  StackName stack_name{};
  RepoName repo_name{};
  RequestId request_id{};       // empty: none
  std::optional<State> from{};  // none: the stack was not there
  std::optional<State> to{};    // none: it is not there any more
  Shared<Holder> holder{};      // of the claim that began, ended or changed
  FencingToken fencing_token = 0;
  std::optional<Outcome> outcome{};
  std::string note{};
  // How long the claim that ended had lasted; zero where none ended. Estimates are made of these.
  microseconds lasted{0};
  // Of the claim that began or ended, so that its owner can be told later what became of it. Never
  // shown.
  std::optional<ClaimKey> key{};
  // Of `held`: until when. Of `released` by its owner who wished for a hold: zero, and
  // hold_refused.
  Instant held_until{};
  bool hold_refused = false;

  friend bool operator==(const Event&, const Event&) = default;
};

}  // namespace bddlock::core
