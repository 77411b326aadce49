#include "service/ended_claims.hpp"

#include <utility>

namespace bddlock::service {

using core::EventKind;
using core::Result;

namespace {

// What the history remembers of the end of a claim, and of the hold that it became.
struct Ends {
  std::optional<core::Event> claim{};
  std::optional<core::Event> hold{};
};

// Whether the event tells of the claim's end or beginning, so that nothing further back is of
// interest.
bool note(Ends& ends, core::Event& event) {
  switch (event.kind) {
    case EventKind::hold_ended:
      ends.hold = std::move(event);
      return false;
    case EventKind::held:
      if (event.from == core::State::held) return false;  // a hold was prolonged
      break;
    case EventKind::disabled:
      if (event.from == core::State::held) {
        ends.hold = std::move(event);
        return false;
      }
      break;
    case EventKind::released:
    case EventKind::expired:
    case EventKind::offer_lapsed:
      break;
    case EventKind::claimed:
    case EventKind::collected:
    case EventKind::offered:
      return true;
    default:
      return false;
  }
  ends.claim = std::move(event);
  return true;
}

Result<Ends> ends_of(StoreReader& store, const core::ClaimRef& claim, core::Instant now) {
  Ends ends;
  EventQuery query{.stack_name = claim.stack_name, .since = now - ended_claim_kept, .limit = 200};
  while (true) {
    auto page = store.events(query);
    if (!page) return std::unexpected(page.error());
    for (core::Event& event : page->items)
      if (event.key == claim.key && note(ends, event)) return ends;
    if (!page->next_before) return ends;
    query.before = page->next_before;
  }
}

core::EndReason reason_of(const core::Event& event) {
  switch (event.kind) {
    case EventKind::expired:
      return core::EndReason::expired;
    case EventKind::offer_lapsed:
      return core::EndReason::offer_lapsed;
    case EventKind::disabled:
      return core::EndReason::stack_disabled;
    case EventKind::hold_ended:
      return core::EndReason::hold_ended;
    default:
      break;
  }
  if (event.by == core::By::admin) return core::EndReason::admin_released;
  return event.by == core::By::seed ? core::EndReason::seed_released : core::EndReason::released;
}

// As it is for every decision at `now`, settled or not.
Result<std::optional<core::Stack>> stack_now(StoreReader& store, const core::StackName& name,
                                             core::Instant now) {
  auto stack = store.find(name);
  if (!stack || !*stack || !core::is_due(**stack, now)) return stack;
  return core::decide(**stack, core::Settle{}, now).next;
}

Result<ClaimLost> lost(StoreReader& store, const core::Event& event, core::Instant now) {
  auto stack = stack_now(store, event.stack_name, now);
  if (!stack) return std::unexpected(stack.error());
  return ClaimLost{reason_of(event), event.at, std::move(*stack)};
}

// It is over, though nothing has written that down yet.
ClaimLost lost_unwritten(const core::Stack& stack, core::Instant now) {
  const core::Decision decision = core::decide(stack, core::Settle{}, now);
  return {reason_of(*decision.event), stack.claim->expires_at, decision.next};
}

}  // namespace

Result<ClaimState> what_became_of(StoreReader& store, const core::ClaimRef& claim,
                                  core::Instant now) {
  const auto ends = ends_of(store, claim, now);
  if (!ends) return std::unexpected(ends.error());
  const auto& last = ends->hold ? ends->hold : ends->claim;
  if (!last) return ClaimUnknown{};
  auto answer = lost(store, *last, now);
  if (!answer) return std::unexpected(answer.error());
  return std::move(*answer);
}

Result<ClaimState> look_up(StoreReader& store, const core::ClaimRef& claim, core::Instant now) {
  auto stack = store.find(claim.stack_name);
  if (!stack) return std::unexpected(stack.error());
  const bool is_its = *stack && (*stack)->claim && (*stack)->claim->key == claim.key &&
                      claim.key != core::ClaimKey{};
  if (!is_its) return what_became_of(store, claim, now);
  if (core::is_due(**stack, now)) return lost_unwritten(**stack, now);
  return std::move(**stack);
}

Result<Released> first_answer(StoreReader& store, const core::ClaimRef& claim, core::seconds keep,
                              core::Instant now) {
  const auto ends = ends_of(store, claim, now);
  if (!ends) return std::unexpected(ends.error());
  const bool of_hold = ends->hold && (keep.count() == 0 || !ends->claim);
  const auto& end = of_hold ? ends->hold : ends->claim;
  if (!end) return ClaimUnknown{};
  const bool is_release = end->kind == EventKind::released || end->kind == EventKind::held ||
                          end->kind == EventKind::hold_ended;
  if (!is_release || end->by != core::By::owner) {
    auto answer = lost(store, *end, now);
    if (!answer) return std::unexpected(answer.error());
    return std::move(*answer);
  }
  ReleaseAnswer answer{.stack_name = end->stack_name,
                       .repo_name = end->repo_name,
                       .fencing_token = end->fencing_token,
                       .held = end->kind == EventKind::held,
                       .hold_refused = end->hold_refused};
  if (answer.held) answer.held_until = end->held_until;
  return answer;
}

}  // namespace bddlock::service
