#include "core/schedule.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <vector>

namespace bddlock::core {
namespace {

namespace chrono = std::chrono;
using Text = std::string_view;

constexpr std::array<Text, 12> month_names = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                              "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<Text, 7> weekday_names = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct Field {
  Text name;
  unsigned first;
  unsigned last;
  std::span<const Text> names;  // the first of them means `first`
  Text allowed;
};

constexpr std::array<Field, 5> fields = {{
    {"minute", 0, 59, {}, "0 to 59"},
    {"hour", 0, 23, {}, "0 to 23"},
    {"day of month", 1, 31, {}, "1 to 31"},
    {"month", 1, 12, month_names, "1 to 12 or JAN to DEC"},
    {"day of week", 0, 7, weekday_names, "0 to 7 (0 and 7 are Sunday) or SUN to SAT"},
}};

struct Macro {
  Text name;
  Text expression;
};

constexpr std::array<Macro, 7> macros = {{
    {"@hourly", "0 * * * *"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"},
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
}};

std::string quoted(Text text) { return "\"" + std::string{text} + "\""; }

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool same_name(Text left, Text right) { return std::ranges::equal(left, right, {}, upper, upper); }

std::vector<Text> split_at_blanks(Text text) {
  constexpr Text blanks = " \t";
  std::vector<Text> words;
  while (true) {
    const auto begin = text.find_first_not_of(blanks);
    if (begin == Text::npos) return words;
    text.remove_prefix(begin);
    words.push_back(text.substr(0, text.find_first_of(blanks)));
    text.remove_prefix(words.back().size());
  }
}

std::optional<unsigned> parse_number(Text text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

using Values = std::bitset<60>;
using Fault = std::optional<std::string>;

// Reads one field; the messages end in what is allowed there.
class FieldParser {
 public:
  explicit FieldParser(const Field& field) : field_(field) {}

  std::expected<Values, std::string> parse(Text text) {
    for (Text rest = text;;) {
      const auto comma = rest.find(',');
      if (const Fault fault = add_part(rest.substr(0, comma)))
        return std::unexpected("the " + std::string{field_.name} + " field is " + quoted(text) +
                               ": " + *fault);
      if (comma == Text::npos) return values_;
      rest.remove_prefix(comma + 1);
    }
  }

 private:
  // "*", "7", "1-5", "*/5" or "10-20/2".
  Fault add_part(Text part) {
    const auto slash = part.find('/');
    const Text range = part.substr(0, slash);
    unsigned from = field_.first;
    unsigned to = field_.last;
    unsigned step = 1;
    if (const Fault fault = parse_range(range, from, to)) return fault;
    if (slash != Text::npos) {
      if (range != "*" && range.find('-') == Text::npos)
        return "a step needs a range; write " + std::string{range} + "-" +
               std::to_string(field_.last) + std::string{part.substr(slash)};
      if (const Fault fault = parse_step(part.substr(slash + 1), step)) return fault;
    }
    for (unsigned value = from; value <= to; value += step) values_.set(value);
    return std::nullopt;
  }

  Fault parse_range(Text range, unsigned& from, unsigned& to) const {
    if (range == "*") return std::nullopt;
    const auto dash = range.find('-');
    if (const Fault fault = parse_value(range.substr(0, dash), from)) return fault;
    to = from;
    if (dash == Text::npos) return std::nullopt;
    if (const Fault fault = parse_value(range.substr(dash + 1), to)) return fault;
    if (from <= to) return std::nullopt;
    return "the range " + quoted(range) + " runs backwards; write two, parted by a comma" +
           (field_.last == 7 ? ", or 7 for a Sunday at its end" : "");
  }

  Fault parse_value(Text text, unsigned& value) const {
    for (std::size_t i = 0; i < field_.names.size(); ++i) {
      if (!same_name(text, field_.names[i])) continue;
      value = field_.first + static_cast<unsigned>(i);
      return std::nullopt;
    }
    const auto number = parse_number(text);
    if (!number || *number < field_.first || *number > field_.last)
      return (text.empty() ? "a value is missing" : quoted(text) + " is not allowed") +
             std::string{"; allowed are "} + std::string{field_.allowed} +
             ", ranges, lists and steps of them, and *";
    value = *number;
    return std::nullopt;
  }

  Fault parse_step(Text text, unsigned& step) const {
    const auto number = parse_number(text);
    if (!number || *number == 0 || *number > field_.last)
      return "the step " + quoted(text) + " is not allowed; allowed are 1 to " +
             std::to_string(field_.last);
    step = *number;
    return std::nullopt;
  }

  const Field& field_;
  Values values_;
};

constexpr Text form =
    "five fields are needed: minute, hour, day of month, month, day of week, such as "
    "\"0 1 * * MON-FRI\"";

// What other schedulers write and this one does not: says what to write instead.
Fault fault_in_form(Text expression, const std::vector<Text>& words) {
  if (words.empty()) return "the cron expression is empty; " + std::string{form};
  if (words.front().starts_with("cron(") || words.front().starts_with("rate("))
    return "the form of AWS, " + quoted(expression) +
           ", is not read here: leave out \"cron(\", \")\" and the year, and write * for ?; " +
           std::string{form};
  if (words.front().starts_with("@"))
    return quoted(expression) +
           " is not known; allowed are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and "
           "@annually, or five fields";
  if (words.size() != fields.size())
    return "the cron expression " + quoted(expression) + " has " + std::to_string(words.size()) +
           (words.size() == 1 ? " field; " : " fields; ") + std::string{form} +
           (words.size() > fields.size() ? "; leave out seconds and year" : "");
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i].find('?') != Text::npos)
      return "the " + std::string{fields[i].name} + " field is " + quoted(words[i]) +
             ": ? is not allowed; write * instead";
  return std::nullopt;
}

Text without_macro(Text expression, const std::vector<Text>& words) {
  if (words.size() != 1) return expression;
  const auto macro =
      std::ranges::find_if(macros, [&](const Macro& m) { return words.front() == m.name; });
  return macro == macros.end() ? expression : macro->expression;
}

template <std::size_t size>
void assign(std::bitset<size>& to, const Values& from) {
  for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
}

}  // namespace

std::expected<Schedule, std::string> Schedule::parse(std::string_view expression) {
  expression = without_macro(expression, split_at_blanks(expression));
  const auto words = split_at_blanks(expression);
  if (Fault fault = fault_in_form(expression, words)) return std::unexpected(std::move(*fault));
  std::array<Values, fields.size()> values;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto parsed = FieldParser{fields[i]}.parse(words[i]);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    values[i] = *parsed;
  }
  if (values[4].test(7)) values[4].set(0);
  Schedule schedule;
  assign(schedule.minutes_, values[0]);
  assign(schedule.hours_, values[1]);
  assign(schedule.days_, values[2]);
  assign(schedule.months_, values[3]);
  assign(schedule.weekdays_, values[4]);
  schedule.any_day_ = words[2].starts_with('*');
  schedule.any_weekday_ = words[4].starts_with('*');
  return schedule;
}

bool Schedule::day_matches(std::chrono::year_month_day date) const {
  if (!months_[unsigned{date.month()}]) return false;
  const bool day = days_[unsigned{date.day()}];
  const bool weekday = weekdays_[chrono::weekday{chrono::sys_days{date}}.c_encoding()];
  return any_day_ || any_weekday_ ? day && weekday : day || weekday;
}

std::optional<Instant> Schedule::next_after(Instant after) const {
  constexpr auto searched = chrono::days{8 * 366};
  constexpr Instant first = chrono::sys_days{chrono::year{1} / 1 / 1};
  constexpr Instant last = chrono::sys_days{chrono::year{9999} / 12 / 31};
  if (after > last) return std::nullopt;
  const auto begin = chrono::floor<chrono::minutes>(std::max(after, first)) + chrono::minutes{1};
  const auto today = chrono::floor<chrono::days>(begin);
  for (auto day = today; day <= today + searched; day += chrono::days{1}) {
    if (!day_matches(chrono::year_month_day{day})) continue;
    for (auto minute = std::max<decltype(begin)>(begin, day); minute < day + chrono::days{1};
         minute += chrono::minutes{1}) {
      const chrono::hh_mm_ss time{minute - day};
      if (!hours_[static_cast<std::size_t>(time.hours().count())]) {
        minute = day + time.hours() + chrono::minutes{59};  // on to the next hour
        continue;
      }
      if (minutes_[static_cast<std::size_t>(time.minutes().count())]) return minute;
    }
  }
  return std::nullopt;
}

}  // namespace bddlock::core
