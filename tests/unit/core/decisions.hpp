// Stacks to decide on, and what is expected of a decision.
#pragma once

#include <gtest/gtest.h>

#include "core/decide.hpp"

namespace bddlock::core {

using namespace std::chrono_literals;

inline constexpr Instant noon = std::chrono::sys_days{2020y / 1 / 6} + 12h;
inline constexpr seconds expiry = 7200s;
inline constexpr seconds day = 86400s;
inline constexpr ClaimKey owner{{1, 2, 3}};
inline constexpr ClaimKey stranger{{9}};

inline Stack stack_in(State state, Instant last_used = noon) {
  return {.stack_name = StackName{"alpha"},
          .repo_name = RepoName{"repo"},
          .state = state,
          .last_used = last_used,
          .fencing_token = 7,
          .version = 3};
}

// Claimed at noon for 900 s.
inline Stack claimed_stack() {
  Stack stack = stack_in(State::claimed);
  stack.claim = Claim{.key = owner,
                      .request_id = RequestId{"build-1"},
                      .holder = core::Holder{.job = "build"},
                      .claimed_at = noon,
                      .expires_at = noon + 900s,
                      .lease = 900s};
  return stack;
}

// Offered at noon for 5 s.
inline Stack offered_stack() {
  Stack stack = claimed_stack();
  stack.claim->offered = true;
  stack.claim->expires_at = noon + 5s;
  return stack;
}

// Released at noon with an hour's hold.
inline Stack held_stack() {
  Stack stack = claimed_stack();
  stack.state = State::held;
  stack.claim->claimed_at = noon - 600s;
  stack.claim->expires_at = noon + 1h;
  stack.last_end = LastEnd{EndReason::released, Outcome::failed, noon, 7, "look"};
  return stack;
}

// Free since `at`, when its seed claim ended.
inline Stack freed_stack(EndReason reason, Instant at) {
  Stack stack = stack_in(State::available, at);
  stack.last_end = LastEnd{reason, std::nullopt, at, 7, {}};
  return stack;
}

// The command saves the stack as `expected`, and says so.
inline Decision expect_saved(const Stack& before, const Command& command, Instant now,
                             const Stack& expected) {
  Decision decision = decide(before, command, now);
  EXPECT_EQ(decision.effect, Effect::save);
  EXPECT_EQ(decision.next, expected);
  const auto* done = std::get_if<Done>(&decision.reply);
  EXPECT_NE(done, nullptr);
  if (done != nullptr) {
    EXPECT_EQ(done->fencing_token, expected.fencing_token);
  }
  return decision;
}

inline void expect_refused(const Stack& before, const Command& command, Instant now, Refusal why) {
  const Decision decision = decide(before, command, now);
  EXPECT_EQ(decision.effect, Effect::none);
  EXPECT_EQ(decision.next, before);
  EXPECT_EQ(decision.event, std::nullopt);
  ASSERT_TRUE(std::holds_alternative<Refused>(decision.reply));
  EXPECT_EQ(std::get<Refused>(decision.reply).why, why);
  EXPECT_EQ(std::get<Refused>(decision.reply).stack, before);
}

// Done, and nothing to be stored or told.
inline void expect_unchanged(const Stack& before, const Command& command, Instant now) {
  const Decision decision = decide(before, command, now);
  EXPECT_EQ(decision.effect, Effect::none);
  EXPECT_EQ(decision.next, before);
  EXPECT_EQ(decision.event, std::nullopt);
  EXPECT_TRUE(std::holds_alternative<Done>(decision.reply));
}

inline void expect_removed(const Stack& before, const Command& command, Instant now) {
  const Decision decision = decide(before, command, now);
  EXPECT_EQ(decision.effect, Effect::remove);
  EXPECT_EQ(decision.next, before);
  EXPECT_TRUE(std::holds_alternative<Done>(decision.reply));
  ASSERT_TRUE(decision.event);
  EXPECT_EQ(decision.event->kind, EventKind::removed);
  EXPECT_EQ(decision.event->to, std::nullopt);
}

inline void expect_event(const Decision& decision, EventKind kind, By by, std::optional<State> from,
                         std::optional<State> to) {
  ASSERT_TRUE(decision.event);
  EXPECT_EQ(decision.event->kind, kind);
  EXPECT_EQ(decision.event->by, by);
  EXPECT_EQ(decision.event->from, from);
  EXPECT_EQ(decision.event->to, to);
  EXPECT_EQ(decision.event->stack_name, decision.next.stack_name);
  EXPECT_EQ(decision.event->repo_name, decision.next.repo_name);
  EXPECT_EQ(decision.event->fencing_token, decision.next.fencing_token);
}

}  // namespace bddlock::core
