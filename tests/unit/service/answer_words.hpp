// The service's answers in a few words, for short comparisons.
#pragma once

#include <set>
#include <string>
#include <variant>

#include "service/ended_claims.hpp"
#include "service/lender.hpp"

namespace bddlock::service {

inline std::string to_words(NoClaim why) {
  switch (why) {
    case NoClaim::none_available:
      return "none_available";
    case NoClaim::stack_unavailable:
      return "stack_unavailable";
    case NoClaim::never_satisfiable:
      return "never_satisfiable";
    case NoClaim::request_conflict:
      return "request_conflict";
    case NoClaim::request_ended:
      return "request_ended";
    case NoClaim::repo_unknown:
      return "repo_unknown";
    case NoClaim::stack_unknown:
      return "stack_unknown";
    case NoClaim::request_unknown:
      return "request_unknown";
  }
  return "";
}

inline std::string to_words(core::Refusal why) {
  switch (why) {
    case core::Refusal::stack_unknown:
      return "stack_unknown";
    case core::Refusal::stack_exists:
      return "stack_exists";
    case core::Refusal::stack_unavailable:
      return "stack_unavailable";
    case core::Refusal::stack_in_use:
      return "stack_in_use";
    case core::Refusal::nothing_to_end:
      return "nothing_to_end";
    case core::Refusal::claim_lost:
      return "claim_lost";
    case core::Refusal::fencing_token_moved:
      return "fencing_token_moved";
  }
  return "";
}

// "granted a b", "queued", or why not.
inline std::string to_words(const Granted& granted) {
  std::set<std::string> names;
  for (const core::Stack& stack : granted.stacks) names.insert(stack.stack_name.text());
  std::string words = "granted";
  for (const std::string& name : names) words += " " + name;
  return words;
}
inline std::string to_words(const Queued&) { return "queued"; }
inline std::string to_words(const NotGranted& no) { return to_words(no.why); }
inline std::string to_words(const Withdrawn&) { return "withdrawn"; }
inline std::string to_words(const core::Done& done) {
  return "done " + std::to_string(done.fencing_token);
}
inline std::string to_words(const core::Refused& refused) { return to_words(refused.why); }
inline std::string to_words(const core::Stack& stack) {
  return std::string{core::to_text(stack.state)};
}
inline std::string to_words(const ClaimLost& lost) {
  return "lost " + std::string{core::to_text(lost.reason)};
}
inline std::string to_words(const ClaimUnknown&) { return "unknown"; }
inline std::string to_words(const ClaimOver&) { return "over"; }
inline std::string to_words(const ReleaseAnswer& answer) {
  if (answer.held) return "held";
  return answer.hold_refused ? "released, hold_limit" : "released";
}
template <class... T>
std::string to_words(const std::variant<T...>& answer) {
  return std::visit([](const auto& value) { return to_words(value); }, answer);
}
template <class T>
std::string to_words(const core::Result<T>& answer) {
  return answer ? to_words(*answer) : "error: " + answer.error().detail;
}

}  // namespace bddlock::service
