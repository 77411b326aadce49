// Points in time as Amazon's services write them. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bddlock::aws {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;

// "20150830T123600Z", of the years 0 to 9999.
[[nodiscard]] std::string to_basic_text(Instant at);

// Reads "2015-08-30T12:36:00Z", also with a fraction, which is ignored, and with another zone
// ("+00:00", "+0100").
[[nodiscard]] std::optional<Instant> parse_expiration(std::string_view text);

}  // namespace bddlock::aws
