// Points in time as the rules see them: UTC, microseconds since 1970, the resolution of the seed's
// table. Nothing in core asks for the time; `now` is always a parameter.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bddlock::core {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;
using std::chrono::microseconds;
using std::chrono::seconds;

// The form that the original writes into its table: ISO 8601, UTC, no zone, as Python's
// datetime.isoformat() prints it: "2019-11-20T23:10:28.014213", without the fraction when that is
// zero. Times outside the years 1 to 9999 are printed as the nearest one inside (here and in
// to_rfc3339).
[[nodiscard]] std::string to_seed_text(Instant at);

// Reads to_seed_text's form and what a person might write by hand: a space instead of the T, a
// fraction of 1 to 9 digits (cut to microseconds), a trailing "Z" or "+00:00". Nothing if it is not
// such a time.
[[nodiscard]] std::optional<Instant> parse_seed_text(std::string_view text);

// RFC 3339 in UTC with milliseconds, as the API v1 prints times: "2019-11-20T23:10:28.014Z".
[[nodiscard]] std::string to_rfc3339(Instant at);
void append_rfc3339(std::string& out, Instant at);

// The same for whoever writes down many times one after the other: the calendar is looked at only
// when the second is another one.
class Rfc3339Text {
 public:
  // Valid until the next call.
  [[nodiscard]] std::string_view at(Instant at);

 private:
  std::string text_;  // empty before the first call
  Instant second_{};
};

}  // namespace bddlock::core
