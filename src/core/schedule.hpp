// When the scheduled work runs: cron expressions of five fields, in UTC (so there is no daylight
// saving to think of). Pure.
#pragma once

#include <bitset>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "core/instant.hpp"

namespace bddlock::core {

// Minute, hour, day of month, month, day of week: "*", numbers, names (JAN, MON), ranges, steps
// ("*/5", "10-20/2"), lists, 7 for Sunday, and @hourly @daily @midnight @weekly @monthly @yearly
// @annually. As in POSIX crontab, when both day fields are restricted (do not start with "*"),
// either may match.
class Schedule {
 public:
  // The error says which field is wrong, what stands there and what is allowed.
  [[nodiscard]] static std::expected<Schedule, std::string> parse(std::string_view expression);

  // The first minute strictly after `after` that matches; nothing if none does within eight years
  // ("0 0 30 2 *" never does; "0 0 29 2 *" may take eight).
  [[nodiscard]] std::optional<Instant> next_after(Instant after) const;

 private:
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;     // 1 to 31
  std::bitset<13> months_;   // 1 to 12
  std::bitset<7> weekdays_;  // 0 is Sunday
  bool any_day_ = true;      // the day-of-month field starts with "*"
  bool any_weekday_ = true;  // the day-of-week field starts with "*"

  [[nodiscard]] bool day_matches(std::chrono::year_month_day day) const;
};

}  // namespace bddlock::core
