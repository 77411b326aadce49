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

void put_digits(char* to, std::int64_t value, std::size_t width) {
  for (; width > 0; --width, value /= 10) to[width - 1] = static_cast<char>('0' + value % 10);
}

// Over the zeros of "0000-00-00T00:00:00"; returns what is left.
microseconds put_whole_seconds(char* to, Instant at) {
  at = std::clamp(at, first_instant, last_instant);
  const auto day = chrono::floor<chrono::days>(at);
  const chrono::year_month_day date{day};
  const chrono::hh_mm_ss time{at - day};
  put_digits(to, int{date.year()}, 4);
  put_digits(to + 5, unsigned{date.month()}, 2);
  put_digits(to + 8, unsigned{date.day()}, 2);
  put_digits(to + 11, time.hours().count(), 2);
  put_digits(to + 14, time.minutes().count(), 2);
  put_digits(to + 17, time.seconds().count(), 2);
  return time.subseconds();
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
  std::string text = "0000-00-00T00:00:00.000000";
  const microseconds fraction = put_whole_seconds(text.data(), at);
  put_digits(text.data() + 20, fraction.count(), 6);
  if (fraction.count() == 0) text.resize(19);
  return text;
}

void append_rfc3339(std::string& out, Instant at) {
  const std::size_t before = out.size();
  out += "0000-00-00T00:00:00.000Z";
  char* text = out.data() + before;
  const microseconds fraction = put_whole_seconds(text, at);
  put_digits(text + 20, fraction.count() / 1000, 3);
}

std::string to_rfc3339(Instant at) {
  std::string text;
  append_rfc3339(text, at);
  return text;
}

std::string_view Rfc3339Text::at(Instant at) {
  at = std::clamp(at, first_instant, last_instant);
  if (text_.empty() || at < second_ || at >= second_ + seconds{1}) {
    second_ = chrono::floor<seconds>(at);
    text_ = to_rfc3339(second_);
  }
  put_digits(text_.data() + 20, (at - second_).count() / 1000, 3);
  return text_;
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
