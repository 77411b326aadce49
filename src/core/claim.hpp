// A v1 claim: one job's use of one stack, from the grant to its end.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/instant.hpp"
#include "core/name.hpp"
#include "core/shared.hpp"

namespace bddlock::core {

using RequestId = Name<struct RequestIdTag>;

// One higher at each grant of a stack, never lower (invariant 3).
using FencingToken = std::int64_t;

// The secret half of a claimId: 128 random bits. Whoever knows it may extend and end the claim, so
// it is never logged, listed or put into an event.
struct ClaimKey {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const ClaimKey&, const ClaimKey&) = default;
};

// "<22 base64url characters of the key>.<the stack's name in base64url>": opaque to clients, a
// direct look-up for the server (DESIGN section 6).
[[nodiscard]] std::string claim_id(const ClaimKey& key, const StackName& stack);
struct ClaimRef {
  ClaimKey key{};
  StackName stack_name{};
};
[[nodiscard]] std::optional<ClaimRef> parse_claim_id(std::string_view text);

// Who: all of it is the client's word, for people to read. Each field 1024 bytes at most, often
// empty.
struct Holder {
  std::string ci{};
  std::string job{};
  std::string job_url{};  // http or https
  std::string repo{};
  std::string branch{};
  std::string commit{};
  std::string actor{};
  friend bool operator==(const Holder&, const Holder&) = default;
};

struct Claim {
  ClaimKey key{};
  RequestId request_id{};
  Shared<Holder> holder{};
  Instant claimed_at{};
  // Over for every decision at now >= expires_at, swept or not (invariant 7). Of an offer: until
  // when it may be collected. Of a hold: its heldUntil.
  Instant expires_at{};
  // How much later than that it is over here: another server's clock, by which expires_at was
  // reckoned, may be behind (DESIGN section 3, "Time"). 0 of an own one; no store keeps it.
  seconds skew{0};
  seconds lease{900};
  bool created = false;  // the stack is new, or nothing was reported as deployed on it since it was
  bool offered =
      false;  // granted while no call of its request was open; collecting it starts the lease
  friend bool operator==(const Claim&, const Claim&) = default;
};

using StringMap = std::map<std::string, std::string>;  // labels, attributes

// What a release said it had deployed.
struct Deployed {
  std::string branch{};
  std::string commit{};
  Instant at{};
  friend bool operator==(const Deployed&, const Deployed&) = default;
};

// No hold lasts longer (DESIGN section 6, keepSeconds).
inline constexpr seconds hold_longest{604800};

enum class Outcome { passed = 1, failed, cancelled };
[[nodiscard]] std::string_view to_text(Outcome outcome);
[[nodiscard]] std::optional<Outcome> parse_outcome(std::string_view text);

// Why a claim or hold is over. The enumerators are the wire's `endReason`.
enum class EndReason {
  released = 1,    // by its claimId
  expired,         // its lease ran out
  offer_lapsed,    // it was offered and not collected in time
  hold_ended,      // its hold ran out or was ended by its claimId
  admin_released,  // by an admin who named the fencing token
  stack_disabled,  // disabled "now"
  seed_released,   // by the seed's by-name release
  swept,           // a seed claim, by the scheduled release
};
[[nodiscard]] std::string_view to_text(EndReason reason);
[[nodiscard]] std::optional<EndReason> parse_end_reason(std::string_view text);

// How the stack's last claim ended; given with the next one.
struct LastEnd {
  EndReason reason = EndReason::released;
  std::optional<Outcome> outcome{};
  Instant at{};
  FencingToken fencing_token = 0;
  std::string note{};
  friend bool operator==(const LastEnd&, const LastEnd&) = default;
};

}  // namespace bddlock::core
