#include "core/stack.hpp"

namespace bddlock::core {

std::string_view to_text(State state) {
  switch (state) {
    case State::available:
      return "available";
    case State::claimed:
      return "claimed";
    case State::held:
      return "held";
    case State::disabled:
      return "disabled";
  }
  return "";
}

std::optional<State> parse_state(std::string_view text) {
  for (const State state : {State::available, State::claimed, State::held, State::disabled})
    if (text == to_text(state)) return state;
  return std::nullopt;
}

bool is_offered(const Stack& stack) {
  return stack.state == State::claimed && stack.claim && stack.claim->offered;
}

bool is_due(const Stack& stack, Instant now) {
  return stack.claim.has_value() && now >= stack.claim->expires_at + stack.claim->skew;
}

}  // namespace bddlock::core
