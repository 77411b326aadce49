#include "aws/times.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace bddlock::aws {
namespace {

namespace chrono = std::chrono;

void put_padded(std::string& text, std::int64_t value, std::size_t width) {
  const std::string digits = std::to_string(value);
  text.append(width - std::min(width, digits.size()), '0');
  text += digits;
}

// The number in `text` from `begin` on, or -1.
int number_at(std::string_view text, std::size_t begin, std::size_t digits) {
  int value = -1;
  const char* first = text.data() + begin;
  const auto [end, error] = std::from_chars(first, first + digits, value);
  return error == std::errc{} && end == first + digits ? value : -1;
}

// Of what stands behind the seconds: a fraction, and "Z", "+01:00" or "-0800".
std::optional<chrono::minutes> offset_in(std::string_view rest) {
  const auto zone = rest.find_first_not_of(".0123456789");
  if (zone == std::string_view::npos || (zone > 0 && rest.front() != '.')) return std::nullopt;
  std::string digits(rest.substr(zone));
  if (digits == "Z") return chrono::minutes{0};
  std::erase(digits, ':');
  if (digits.size() != 5 || (digits.front() != '+' && digits.front() != '-')) return std::nullopt;
  const int hours = number_at(digits, 1, 2);
  const int minutes = number_at(digits, 3, 2);
  if (hours < 0 || minutes < 0 || minutes > 59) return std::nullopt;
  const chrono::minutes offset = chrono::hours{hours} + chrono::minutes{minutes};
  return digits.front() == '-' ? -offset : offset;
}

}  // namespace

std::string to_basic_text(Instant at) {
  const auto day = chrono::floor<chrono::days>(at);
  const chrono::year_month_day date{day};
  const chrono::hh_mm_ss time{at - day};
  std::string text;
  put_padded(text, int{date.year()}, 4);
  put_padded(text, unsigned{date.month()}, 2);
  put_padded(text, unsigned{date.day()}, 2);
  text += 'T';
  put_padded(text, time.hours().count(), 2);
  put_padded(text, time.minutes().count(), 2);
  put_padded(text, time.seconds().count(), 2);
  return text + 'Z';
}

std::optional<Instant> parse_expiration(std::string_view text) {
  constexpr std::string_view form = "0000-00-00T00:00:00";
  if (text.size() <= form.size()) return std::nullopt;
  for (std::size_t i = 0; i < form.size(); ++i)
    if (form[i] != '0' && text[i] != form[i]) return std::nullopt;
  const chrono::year_month_day date{chrono::year{number_at(text, 0, 4)},
                                    chrono::month{static_cast<unsigned>(number_at(text, 5, 2))},
                                    chrono::day{static_cast<unsigned>(number_at(text, 8, 2))}};
  const int hours = number_at(text, 11, 2);
  const int minutes = number_at(text, 14, 2);
  const int seconds = number_at(text, 17, 2);
  const auto offset = offset_in(text.substr(form.size()));
  if (number_at(text, 0, 4) < 0 || !date.ok() || hours < 0 || hours > 23 || minutes < 0 ||
      minutes > 59 || seconds < 0 || seconds > 60 || !offset)
    return std::nullopt;
  return chrono::sys_days{date} + chrono::hours{hours} + chrono::minutes{minutes} +
         chrono::seconds{seconds} - *offset;
}

}  // namespace bddlock::aws
