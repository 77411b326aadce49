// Called by service; every rule of a stack that exists is in here, one operator() a command.
#include "core/decide.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

namespace bddlock::core {
namespace {

// now - last_used > limit, for any three values: a time in the future ends nothing, and nothing
// overflows.
bool unused_for_longer(Instant last_used, Instant now, seconds limit) {
  if (last_used >= now) return false;
  constexpr std::int64_t limit_max = std::numeric_limits<std::int64_t>::max() / 1'000'000;
  if (limit.count() > limit_max) return false;
  const auto passed_us = static_cast<std::uint64_t>(now.time_since_epoch().count()) -
                         static_cast<std::uint64_t>(last_used.time_since_epoch().count());
  const auto limit_us =
      static_cast<std::uint64_t>(std::max<std::int64_t>(limit.count(), 0)) * 1'000'000;
  return passed_us > limit_us;
}

// Imports are cut at fencing_token_import_max, so counting never gets to the end of the type.
FencingToken next_token(FencingToken token) {
  return token < std::numeric_limits<FencingToken>::max() ? token + 1 : token;
}

// Longer than any claim; a record may say anything about the past.
constexpr seconds lasted_longest = std::chrono::hours{24 * 365};

bool in_use(const Stack& stack) {
  return stack.state == State::claimed || stack.state == State::held;
}

// The decisions on one stack at one time.
class Decide {
 public:
  Decide(const Stack& stack, Instant now) : stack_(stack), now_(now) {}

  Decision operator()(SeedClaim) const {
    if (stack_.state != State::available) return refuse(Refusal::stack_unavailable);
    Stack next = stack_;
    next.state = State::claimed;
    next.last_used = now_;
    next.fencing_token = next_token(stack_.fencing_token);
    return save(std::move(next), EventKind::claimed, By::seed);
  }

  Decision operator()(const SeedRelease& release) const {
    const bool live_claim = stack_.state == State::claimed && stack_.claim;
    if (!in_use(stack_) || (live_claim && !release.ends_claims))
      return refuse(Refusal::nothing_to_end);
    return free_it(EndReason::seed_released,
                   stack_.state == State::held ? EventKind::hold_ended : EventKind::released,
                   By::seed);
  }

  Decision operator()(Settle) const {
    if (!is_due(stack_, now_)) return refuse(Refusal::nothing_to_end);
    if (stack_.state == State::held)
      return free_it(EndReason::hold_ended, EventKind::hold_ended, By::time);
    if (is_offered(stack_))
      return free_it(EndReason::offer_lapsed, EventKind::offer_lapsed, By::time);
    return free_it(EndReason::expired, EventKind::expired, By::time);
  }

  Decision operator()(const SweepUnused& sweep) const {
    if (stack_.state != State::claimed || stack_.claim ||
        !unused_for_longer(stack_.last_used, now_, sweep.expiry))
      return refuse(Refusal::nothing_to_end);
    return free_it(EndReason::swept, EventKind::swept, By::time);
  }

  Decision operator()(const RemoveUnused& old) const {
    if (in_use(stack_)) return refuse(Refusal::stack_in_use);
    if (stack_.state != State::available ||
        !unused_for_longer(stack_.last_used, now_, old.unused_for))
      return refuse(Refusal::nothing_to_end);
    return remove(By::time);
  }

  Decision operator()(const Extend& extend) const {
    if (!owned_by(extend.key)) return refuse(Refusal::claim_lost);
    Stack next = stack_;
    const seconds lease = extend.lease.value_or(stack_.claim->lease);
    next.claim->expires_at = std::max(stack_.claim->expires_at,
                                      std::min(now_ + lease, latest_end(extend.claim_longest)));
    return save_quietly(std::move(next));
  }

  Decision operator()(const Release& release) const {
    if (!owned_by(release.key)) return refuse(Refusal::claim_lost);
    if (stack_.state == State::held)
      return free_it(EndReason::hold_ended, EventKind::hold_ended, By::owner);
    const bool hold = release.keep > seconds{0} && release.hold_allowed;
    Decision decision = hold ? keep_aside(now_ + release.keep, By::owner)
                             : free_it(EndReason::released, EventKind::released, By::owner);
    Stack& next = decision.next;
    if (release.deployed) {
      next.deployed = release.deployed;
      next.deployed->at = now_;
      next.undeployed = false;
    }
    if (release.attributes) next.attributes = *release.attributes;
    next.last_end->outcome = decision.event->outcome = release.outcome;
    next.last_end->note = decision.event->note = release.note;
    decision.event->hold_refused = release.keep > seconds{0} && !hold;
    return decision;
  }

  Decision operator()(const Grant& grant) const {
    if (stack_.state != State::available) return refuse(Refusal::stack_unavailable);
    Stack next = stack_;
    next.state = State::claimed;
    next.last_used = now_;
    next.fencing_token = next_token(stack_.fencing_token);
    next.claim = grant.claim;
    next.claim->created = stack_.undeployed;
    return save(std::move(next), grant.claim.offered ? EventKind::offered : EventKind::claimed,
                By::owner);
  }

  Decision operator()(const Collect& collect) const {
    if (!owned_by(collect.key)) return refuse(Refusal::claim_lost);
    if (!stack_.claim->offered)
      return {Effect::none, stack_, Done{stack_.fencing_token}, std::nullopt};
    Stack next = stack_;
    next.last_used = now_;
    next.claim->offered = false;
    next.claim->claimed_at = now_;
    next.claim->expires_at = now_ + stack_.claim->lease;
    next.claim->skew = seconds{0};
    return save(std::move(next), EventKind::collected, By::owner);
  }

  Decision operator()(TakeBack) const {
    if (!is_offered(stack_)) return refuse(Refusal::nothing_to_end);
    return free_it(EndReason::offer_lapsed, EventKind::offer_lapsed, By::time);
  }

  Decision operator()(const AdminRelease& release) const {
    if (auto refused = not_meant(release.fencing_token)) return std::move(*refused);
    return free_it(EndReason::admin_released,
                   stack_.state == State::held ? EventKind::hold_ended : EventKind::released,
                   By::admin);
  }

  Decision operator()(const AdminExtend& extend) const {
    if (auto refused = not_meant(extend.fencing_token)) return std::move(*refused);
    // A seed claim has no lease, and nobody has an offer: it goes to the next in line in time.
    if (!stack_.claim || is_offered(stack_)) return refuse(Refusal::nothing_to_end);
    Stack next = stack_;
    next.claim->expires_at = std::max(
        stack_.claim->expires_at, std::min(now_ + extend.lease, latest_end(extend.claim_longest)));
    return save(std::move(next), EventKind::extended, By::admin);
  }

  Decision operator()(const AdminHold& hold) const {
    if (auto refused = not_meant(hold.fencing_token)) return std::move(*refused);
    return keep_aside(now_ + hold.keep, By::admin);
  }

  Decision operator()(const Disable& disable) const {
    const bool later = in_use(stack_) && !disable.now;
    Stack next = stack_;
    if (later) {
      next.disable_after_claim = true;
      next.disabled_reason = disable.reason;
      return save(std::move(next), EventKind::disable_requested, By::admin, disable.reason);
    }
    if (in_use(stack_)) end_claim(next, EndReason::stack_disabled);
    next.state = State::disabled;
    next.disable_after_claim = false;
    next.disabled_reason = disable.reason;
    return save(std::move(next), EventKind::disabled, By::admin, disable.reason);
  }

  Decision operator()(Enable) const {
    if (stack_.state != State::disabled && !stack_.disable_after_claim)
      return {Effect::none, stack_, Done{stack_.fencing_token}, std::nullopt};
    Stack next = stack_;
    if (stack_.state == State::disabled) next.state = State::available;
    next.disable_after_claim = false;
    next.disabled_reason.clear();
    return save(std::move(next), EventKind::enabled, By::admin);
  }

  Decision operator()(const Describe& describe) const {
    Stack next = stack_;
    if (describe.labels) next.labels = *describe.labels;
    if (describe.attributes) next.attributes = *describe.attributes;
    if (describe.note) next.note = *describe.note;
    if (next == stack_) return {Effect::none, stack_, Done{stack_.fencing_token}, std::nullopt};
    return save(std::move(next), EventKind::described, By::admin);
  }

  Decision operator()(Remove) const {
    return in_use(stack_) ? refuse(Refusal::stack_in_use) : remove(By::admin);
  }

 private:
  [[nodiscard]] bool owned_by(const ClaimKey& key) const {
    // An admin's hold of a seed claim has no key, and so no owner.
    return stack_.claim && stack_.claim->key == key && key != ClaimKey{};
  }

  // Past this no extension goes: a claim's longest life, or a hold's from when the claim became
  // one.
  [[nodiscard]] Instant latest_end(seconds claim_longest) const {
    if (stack_.state != State::held) return stack_.claim->claimed_at + claim_longest;
    const auto& ended = stack_.last_end;  // of an earlier claim, if an offer became the hold
    const bool its_own = ended && ended->fencing_token == stack_.fencing_token;
    return (its_own ? ended->at : stack_.claim->claimed_at) + hold_longest;
  }

  // An admin's command must name the claim that is there.
  [[nodiscard]] std::optional<Decision> not_meant(FencingToken token) const {
    if (token != stack_.fencing_token) return refuse(Refusal::fencing_token_moved);
    if (!in_use(stack_)) return refuse(Refusal::nothing_to_end);
    return std::nullopt;
  }

  [[nodiscard]] Decision refuse(Refusal why) const {
    return {Effect::none, stack_, Refused{why, stack_}, std::nullopt};
  }

  [[nodiscard]] Decision save_quietly(Stack next) const {
    const FencingToken token = next.fencing_token;
    return {Effect::save, std::move(next), Done{token}, std::nullopt};
  }

  [[nodiscard]] Event event(EventKind kind, By by, const Stack& next, std::string note = {}) const {
    Event told{.at = now_,
               .kind = kind,
               .by = by,
               .stack_name = stack_.stack_name,
               .repo_name = stack_.repo_name,
               .from = stack_.state,
               .to = next.state,
               .fencing_token = next.fencing_token,
               .note = std::move(note)};
    // The claim that was there, or else the one that began.
    if (const auto& claim = stack_.claim ? stack_.claim : next.claim) {
      told.request_id = claim->request_id;
      told.holder = claim->holder;
      if (claim->key != ClaimKey{}) told.key = claim->key;
    }
    if (stack_.state == State::claimed && next.state != State::claimed) told.lasted = lasted();
    if (next.state == State::held) told.held_until = next.claim ? next.claim->expires_at : now_;
    return told;
  }

  // How long the claim that ends now had the stack; an offer had it for nobody.
  [[nodiscard]] microseconds lasted() const {
    if (is_offered(stack_)) return microseconds{0};
    const Instant since = stack_.claim ? stack_.claim->claimed_at : stack_.last_used;
    if (since >= now_) return microseconds{0};
    return unused_for_longer(since, now_, lasted_longest) ? lasted_longest : now_ - since;
  }

  [[nodiscard]] Decision save(Stack next, EventKind kind, By by, std::string note = {}) const {
    Event told = event(kind, by, next, std::move(note));
    const FencingToken token = next.fencing_token;
    return {Effect::save, std::move(next), Done{token}, std::move(told)};
  }

  [[nodiscard]] Decision remove(By by) const {
    Event told = event(EventKind::removed, by, stack_);
    told.to.reset();
    return {Effect::remove, stack_, Done{stack_.fencing_token}, std::move(told)};
  }

  // A hold's claim has ended before: how it did stays what is told of it.
  void end_claim(Stack& next, EndReason reason) const {
    if (stack_.state == State::claimed && !is_offered(stack_))
      next.last_end = LastEnd{reason, std::nullopt, now_, stack_.fencing_token, {}};
    next.claim.reset();
    next.last_used = now_;
  }

  // The end of a claim, offer or hold: available, or disabled if that was asked for.
  [[nodiscard]] Decision free_it(EndReason reason, EventKind kind, By by) const {
    Stack next = stack_;
    end_claim(next, reason);
    next.state = stack_.disable_after_claim ? State::disabled : State::available;
    next.disable_after_claim = false;
    return save(std::move(next), kind, by);
  }

  [[nodiscard]] Decision keep_aside(Instant until, By by) const {
    Stack next = stack_;
    if (stack_.state == State::claimed && !is_offered(stack_))
      next.last_end = LastEnd{by == By::admin ? EndReason::admin_released : EndReason::released,
                              std::nullopt,
                              now_,
                              stack_.fencing_token,
                              {}};
    // A seed claim has nobody who could end the hold by a claimId, and a claim that an admin ended
    // has nobody any more: the hold ends by time, by name or by an admin.
    if (!next.claim) next.claim = Claim{.claimed_at = stack_.last_used};
    if (by == By::admin && stack_.state == State::claimed) next.claim->key = ClaimKey{};
    next.state = State::held;
    next.last_used = now_;
    next.claim->expires_at = until;
    next.claim->skew = seconds{0};
    next.claim->offered = false;
    return save(std::move(next), EventKind::held, by);
  }

  const Stack& stack_;
  const Instant now_;
};

// An offer would be one of a request that is not here.
Stack as_it_comes(Stack incoming) {
  if (!in_use(incoming)) {
    incoming.claim.reset();
    incoming.disable_after_claim = false;
  }
  if (incoming.claim) incoming.claim->offered = false;
  return incoming;
}

Event table_event(const Stack& stack, const Stack* present, EventKind kind, By by, Instant now) {
  return {.at = now,
          .kind = kind,
          .by = by,
          .stack_name = stack.stack_name,
          .repo_name = stack.repo_name,
          .from = present != nullptr ? std::optional{present->state} : std::nullopt,
          .to = stack.state,
          .fencing_token = stack.fencing_token};
}

}  // namespace

Decision decide(const Stack& stack, const Command& command, Instant now) {
  return std::visit(Decide{stack, now}, command);
}

Decision admit(const NewStack& wanted, FencingToken last_token, Instant now) {
  Stack stack{.stack_name = wanted.stack_name,
              .repo_name = wanted.repo_name,
              .state = wanted.available ? State::available : State::claimed,
              .last_used = now,
              .fencing_token = wanted.available ? last_token : next_token(last_token),
              .labels = wanted.labels,
              .attributes = wanted.attributes,
              .note = wanted.note};
  Event told = table_event(stack, nullptr, EventKind::created, wanted.by, now);
  const FencingToken token = stack.fencing_token;
  return {Effect::save, std::move(stack), Done{token}, std::move(told)};
}

Decision merge_import(const Stack& incoming, const Stack* present, FencingToken last_token,
                      Instant now) {
  Stack merged = present != nullptr && in_use(*present) ? *present : as_it_comes(incoming);
  merged.stack_name = incoming.stack_name;
  merged.version = present != nullptr ? present->version : 0;
  merged.fencing_token =
      std::max({std::min(incoming.fencing_token, fencing_token_import_max), last_token,
                present != nullptr ? present->fencing_token : FencingToken{0}});
  Event told = table_event(merged, present, EventKind::imported, By::import, now);
  const FencingToken token = merged.fencing_token;
  return {Effect::save, std::move(merged), Done{token}, std::move(told)};
}

}  // namespace bddlock::core
