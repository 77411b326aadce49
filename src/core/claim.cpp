#include "core/claim.hpp"

#include <algorithm>

#include "core/base64url.hpp"

namespace bddlock::core {

std::string claim_id(const ClaimKey& key, const StackName& stack) {
  const std::string_view bytes{reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()};
  return to_base64url(bytes) + '.' + to_base64url(stack.text());
}

std::optional<ClaimRef> parse_claim_id(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto key = parse_base64url(text.substr(0, dot));
  auto name = parse_base64url(text.substr(dot + 1));
  if (!key || key->size() != ClaimKey{}.bytes.size() || !name || fault_in_name(*name))
    return std::nullopt;
  ClaimRef ref{{}, StackName{std::move(*name)}};
  std::transform(key->begin(), key->end(), ref.key.bytes.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return ref;
}

std::string_view to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "passed";
    case Outcome::failed:
      return "failed";
    case Outcome::cancelled:
      return "cancelled";
  }
  return "";
}

std::optional<Outcome> parse_outcome(std::string_view text) {
  for (const Outcome outcome : {Outcome::passed, Outcome::failed, Outcome::cancelled})
    if (text == to_text(outcome)) return outcome;
  return std::nullopt;
}

std::string_view to_text(EndReason reason) {
  switch (reason) {
    case EndReason::released:
      return "released";
    case EndReason::expired:
      return "expired";
    case EndReason::offer_lapsed:
      return "offer_lapsed";
    case EndReason::hold_ended:
      return "hold_ended";
    case EndReason::admin_released:
      return "admin_released";
    case EndReason::stack_disabled:
      return "stack_disabled";
    case EndReason::seed_released:
      return "seed_released";
    case EndReason::swept:
      return "swept";
  }
  return "";
}

std::optional<EndReason> parse_end_reason(std::string_view text) {
  for (int i = 1; i <= static_cast<int>(EndReason::swept); ++i)
    if (text == to_text(static_cast<EndReason>(i))) return static_cast<EndReason>(i);
  return std::nullopt;
}

}  // namespace bddlock::core
