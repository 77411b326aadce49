#include "core/decide.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

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

bool in_use(const Stack& stack) {
  return stack.state == State::claimed || stack.state == State::held;
}

Decision refuse(const Stack& stack, Refusal why) {
  return {Effect::none, stack, Refused{why, stack}};
}

Decision save(Stack next) {
  const FencingToken token = next.fencing_token;
  return {Effect::save, std::move(next), Done{token}};
}

Decision remove(const Stack& stack) { return {Effect::remove, stack, Done{stack.fencing_token}}; }

Decision make_available(Stack stack, Instant now) {
  stack.state = State::available;
  stack.last_used = now;
  return save(std::move(stack));
}

struct Decide {
  const Stack& stack;
  Instant now;

  Decision operator()(SeedClaim) const {
    if (stack.state != State::available) return refuse(stack, Refusal::stack_unavailable);
    Stack next = stack;
    next.state = State::claimed;
    next.last_used = now;
    next.fencing_token = next_token(stack.fencing_token);
    return save(std::move(next));
  }

  Decision operator()(SeedRelease) const {
    if (!in_use(stack)) return refuse(stack, Refusal::nothing_to_end);
    return make_available(stack, now);
  }

  Decision operator()(SweepUnused sweep) const {
    if (stack.state != State::claimed || !unused_for_longer(stack.last_used, now, sweep.expiry))
      return refuse(stack, Refusal::nothing_to_end);
    return make_available(stack, now);
  }

  Decision operator()(Remove) const {
    return in_use(stack) ? refuse(stack, Refusal::stack_in_use) : remove(stack);
  }

  Decision operator()(RemoveUnused old) const {
    if (in_use(stack)) return refuse(stack, Refusal::stack_in_use);
    if (stack.state != State::available || !unused_for_longer(stack.last_used, now, old.unused_for))
      return refuse(stack, Refusal::nothing_to_end);
    return remove(stack);
  }
};

}  // namespace

Decision decide(const Stack& stack, const Command& command, Instant now) {
  return std::visit(Decide{stack, now}, command);
}

Stack admit(const NewStack& wanted, FencingToken last_token, Instant now) {
  return {.stack_name = wanted.stack_name,
          .repo_name = wanted.repo_name,
          .state = wanted.available ? State::available : State::claimed,
          .last_used = now,
          .fencing_token = wanted.available ? last_token : next_token(last_token)};
}

Stack merge_import(const Stack& incoming, const Stack* present, FencingToken last_token) {
  Stack merged = present != nullptr && in_use(*present) ? *present : incoming;
  merged.stack_name = incoming.stack_name;
  merged.version = present != nullptr ? present->version : 0;
  merged.fencing_token =
      std::max({std::min(incoming.fencing_token, fencing_token_import_max), last_token,
                present != nullptr ? present->fencing_token : FencingToken{0}});
  return merged;
}

}  // namespace bddlock::core
