#include "core/instant.hpp"

#include <algorithm>
#include <cstdint>

namespace bddlock::core {
namespace {

namespace chrono = std::chrono;

// What four digits of a year can say; times outside are printed as the nearest one inside.
constexpr Instant first_instant = chrono::sys_days{chrono::year{1} / 1 / 1};
constexpr Instant last_instant =
    chrono::sys_days{chrono::year{10000} / 1 / 1} - chrono::microseconds{1};

void put_digits(std::string& text, std::int64_t value, std::size_t width) {
  const std::size_t end = text.size() + width;
  text.resize(end);
  for (std::size_t i = 1; i <= width; ++i, value /= 10)
    text[end - i] = static_cast<char>('0' + value % 10);
}

// "2019-11-20T23:10:28"; sets `fraction` to what is left.
std::string to_whole_seconds(Instant at, microseconds& fraction) {
  at = std::clamp(at, first_instant, last_instant);
  const auto day = chrono::floor<chrono::days>(at);
  const chrono::year_month_day date{day};
  const chrono::hh_mm_ss time{at - day};
  std::string text;
  text.reserve(32);
  put_digits(text, int{date.year()}, 4);
  text += '-';
  put_digits(text, unsigned{date.month()}, 2);
  text += '-';
  put_digits(text, unsigned{date.day()}, 2);
  text += 'T';
  put_digits(text, time.hours().count(), 2);
  text += ':';
  put_digits(text, time.minutes().count(), 2);
  text += ':';
  put_digits(text, time.seconds().count(), 2);
  fraction = time.subseconds();
  return text;
}

// Takes things off the front of a text; after the first that does not fit nothing does.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value * 10 + digit();
    return value;
  }

  void one_of(std::string_view allowed) {
    if (rest_.empty() || allowed.find(rest_.front()) == std::string_view::npos) return fail();
    rest_.remove_prefix(1);
  }

  // 1 to 9 digits behind a point, cut to microseconds; 0 where there is no point.
  microseconds fraction() {
    if (!skip(".")) return microseconds{0};
    int value = digit();
    int count = 1;
    for (; count < 9 && at_digit(); ++count) {
      const int next = digit();
      if (count < 6) value = value * 10 + next;
    }
    for (; count < 6; ++count) value *= 10;
    return microseconds{value};
  }

  bool skip(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  [[nodiscard]] bool ended_well() const { return good_ && rest_.empty(); }

 private:
  [[nodiscard]] bool at_digit() const {
    return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }

  int digit() {
    if (!at_digit()) {
      fail();
      return 0;
    }
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }

  void fail() {
    good_ = false;
    rest_ = {};
  }

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

std::string to_seed_text(Instant at) {
  microseconds fraction{};
  std::string text = to_whole_seconds(at, fraction);
  if (fraction.count() == 0) return text;
  text += '.';
  put_digits(text, fraction.count(), 6);
  return text;
}

std::string to_rfc3339(Instant at) {
  microseconds fraction{};
  std::string text = to_whole_seconds(at, fraction);
  text += '.';
  put_digits(text, fraction.count() / 1000, 3);
  text += 'Z';
  return text;
}

std::optional<Instant> parse_seed_text(std::string_view text) {
  Scanner scanner{text};
  const int year = scanner.digits(4);
  scanner.one_of("-");
  const int month = scanner.digits(2);
  scanner.one_of("-");
  const int day = scanner.digits(2);
  scanner.one_of("T ");
  const int hour = scanner.digits(2);
  scanner.one_of(":");
  const int minute = scanner.digits(2);
  scanner.one_of(":");
  const int second = scanner.digits(2);
  const microseconds fraction = scanner.fraction();
  if (!scanner.skip("Z")) scanner.skip("+00:00");
  if (!scanner.ended_well()) return std::nullopt;
  const chrono::year_month_day date{chrono::year{year}, chrono::month{static_cast<unsigned>(month)},
                                    chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || year == 0 || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return chrono::sys_days{date} + chrono::hours{hour} + chrono::minutes{minute} + seconds{second} +
         fraction;
}

}  // namespace bddlock::core
