#include "cli/values.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <utility>

#include "core/name.hpp"
#include "core/schedule.hpp"
#include "wire/nearest.hpp"

namespace bddlock::cli {

namespace {

std::optional<std::uint64_t> digits(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

struct Unit {
  std::string_view suffix;
  std::uint64_t factor;
};

// A number and one of the units; the longest suffixes first. Nothing: it is no such thing, or too
// large.
std::optional<std::uint64_t> with_unit(std::string_view text, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.suffix)) continue;
    const auto number = digits(text.substr(0, text.size() - unit.suffix.size()));
    if (!number || *number > UINT64_MAX / unit.factor) continue;
    return *number * unit.factor;
  }
  return std::nullopt;
}

constexpr std::array<std::pair<char, std::uint64_t>, 4> duration_units = {
    {{'d', 86'400}, {'h', 3600}, {'m', 60}, {'s', 1}}};

// The number in front, with the first of `units` from `least` on that stands behind it; both are
// taken off. Nothing: there is no such thing, or it is too large.
std::optional<std::uint64_t> take_part(std::string_view& text, std::size_t& least) {
  const auto end = text.find_first_not_of("0123456789");
  if (end == std::string_view::npos) return std::nullopt;
  const auto number = digits(text.substr(0, end));
  while (least < duration_units.size() && duration_units[least].first != text[end]) ++least;
  if (!number || least == duration_units.size()) return std::nullopt;
  const auto factor = duration_units[least++].second;
  if (*number > UINT64_MAX / factor) return std::nullopt;
  text.remove_prefix(end + 1);
  return *number * factor;
}

// "90", or parts from the largest unit to the smallest: "1h30m".
std::optional<std::uint64_t> whole_duration(std::string_view text) {
  if (const auto number = digits(text)) return number;
  std::uint64_t sum = 0;
  std::size_t least = 0;
  do {
    const auto part = take_part(text, least);
    if (!part || *part > UINT64_MAX - sum) return std::nullopt;
    sum += *part;
  } while (!text.empty());
  return sum;
}

constexpr std::array<Unit, 3> byte_units = {{{"KiB", 1024}, {"MiB", 1024 * 1024}, {"", 1}}};

std::string lower(std::string_view text) {
  std::string copy(text);
  std::ranges::transform(copy, copy.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  });
  return copy;
}

std::string bytes_text(std::size_t bytes) {
  if (bytes % (1024 * 1024) == 0 && bytes > 0) return std::to_string(bytes / (1024 * 1024)) + "MiB";
  if (bytes % 1024 == 0 && bytes > 0) return std::to_string(bytes / 1024) + "KiB";
  return std::to_string(bytes);
}

bool is_ip_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> scratch{};
  return inet_pton(AF_INET, text.c_str(), scratch.data()) == 1 ||
         inet_pton(AF_INET6, text.c_str(), scratch.data()) == 1;
}

}  // namespace

bool ListenAddress::is_loopback() const { return address == "::1" || address.starts_with("127."); }

Value<seconds> parse_duration(std::string_view text, seconds least, seconds most) {
  const auto number = whole_duration(text);
  if (!number) {
    return std::unexpected(wire::quoted(text) +
                           " is no duration: write whole seconds (90) or whole numbers with d, h, "
                           "m or s behind them (90s, 15m, 2h, 30d, 1h30m)");
  }
  if (*number < static_cast<std::uint64_t>(least.count()) ||
      *number > static_cast<std::uint64_t>(most.count())) {
    return std::unexpected(wire::quoted(text) + " is out of range: " + duration_text(least) +
                           " to " + duration_text(most) + " are allowed");
  }
  return seconds(static_cast<std::int64_t>(*number));
}

std::string duration_text(seconds duration) {
  const auto count = duration.count();
  if (count != 0 && count % 86'400 == 0) return std::to_string(count / 86'400) + "d";
  if (count != 0 && count % 3600 == 0) return std::to_string(count / 3600) + "h";
  if (count != 0 && count % 60 == 0) return std::to_string(count / 60) + "m";
  return std::to_string(count) + "s";
}

Value<std::size_t> parse_count(std::string_view text, std::size_t least, std::size_t most) {
  const auto number = digits(text);
  if (number && *number >= least && *number <= most) return static_cast<std::size_t>(*number);
  return std::unexpected(wire::quoted(text) + " is not allowed: write a whole number from " +
                         std::to_string(least) + " to " + std::to_string(most));
}

Value<std::size_t> parse_bytes(std::string_view text, std::size_t least, std::size_t most) {
  const auto number = with_unit(text, byte_units);
  if (number && *number >= least && *number <= most) return static_cast<std::size_t>(*number);
  return std::unexpected(
      wire::quoted(text) + " is not allowed: write a number of bytes (65536) or one " +
      "with KiB or MiB behind it (64KiB), from " + bytes_text(least) + " to " + bytes_text(most));
}

Value<bool> parse_switch(std::string_view text) {
  const std::string word = lower(text);
  if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
  if (word == "false" || word == "no" || word == "off" || word == "0") return false;
  return std::unexpected(wire::quoted(text) +
                         " is neither true nor false (yes, no, on, off, 1 and 0 " +
                         "are allowed too)");
}

Value<ListenAddress> parse_listen(std::string_view text) {
  const auto colon = text.rfind(':');
  const std::string allowed =
      ": write ADDRESS:PORT with an IP address, such as 127.0.0.1:8080, 0.0.0.0:8080 (every "
      "network of "
      "this machine) or [::1]:8080";
  if (colon == std::string_view::npos) {
    return std::unexpected(wire::quoted(text) + " has no port" + allowed);
  }
  std::string host(text.substr(0, colon));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    return std::unexpected(wire::quoted(text) + " is an IPv6 address without brackets" + allowed);
  }
  if (host == "localhost") host = "127.0.0.1";
  if (!is_ip_address(host)) {
    return std::unexpected(wire::quoted(text) + " does not begin with an IP address" + allowed);
  }
  const auto port = digits(text.substr(colon + 1));
  if (!port || *port > 65'535) {
    return std::unexpected(wire::quoted(text) +
                           " has no port from 0 to 65535 (0 takes a free one)" + allowed);
  }
  return ListenAddress{std::move(host), static_cast<std::uint16_t>(*port)};
}

// Amazon's rule, and room for the name of the second table.
Value<std::string> parse_table(std::string_view text) {
  constexpr std::size_t least = 3;
  constexpr std::size_t most = 255 - std::string_view("-requests").size();
  const bool is_plain = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
  if (is_plain && text.size() >= least && text.size() <= most) return std::string(text);
  return std::unexpected(wire::quoted(text) + " is no name of a DynamoDB table: 3 to " +
                         std::to_string(most) + " letters, digits, '_', '-' and '.' are allowed");
}

// Amazon's rule for names, and the colons of ARNs, versions and labels.
Value<std::string> parse_ssm_parameter(std::string_view text) {
  constexpr std::size_t most = 2048;
  const bool is_plain = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./:").find(c) != std::string_view::npos;
  });
  if (is_plain && !text.empty() && text.size() <= most) return std::string(text);
  return std::unexpected(
      wire::quoted(text) + " is no name of a parameter of Amazon's Systems Manager: 1 to " +
      std::to_string(most) + " letters, digits, '_', '-', '.', '/' and ':' are allowed");
}

Value<StoreChoice> parse_store(std::string_view text) {
  if (text == "memory:") return StoreChoice{StoreChoice::Kind::memory, ""};
  constexpr std::string_view sqlite = "sqlite:";
  if (text.starts_with(sqlite) && text.size() > sqlite.size()) {
    return StoreChoice{StoreChoice::Kind::sqlite, std::string(text.substr(sqlite.size()))};
  }
  constexpr std::string_view dynamodb = "dynamodb:";
  if (text.starts_with(dynamodb)) {
    if (text == dynamodb) return StoreChoice{StoreChoice::Kind::dynamodb, ""};
    auto table = parse_table(text.substr(dynamodb.size()));
    if (!table) return std::unexpected(wire::quoted(text) + ": " + table.error());
    return StoreChoice{StoreChoice::Kind::dynamodb, std::move(*table)};
  }
  const std::string allowed =
      ": write sqlite:FILE, dynamodb:TABLE, or memory: for a table that is gone when the server "
      "stops";
  if (text == sqlite) return std::unexpected("\"sqlite:\" has no file behind it" + allowed);
  return std::unexpected(wire::quoted(text) + " is no store" + allowed);
}

Value<LogFormat> parse_log_format(std::string_view text) {
  if (text == "auto") return LogFormat::automatic;
  if (text == "json") return LogFormat::json;
  if (text == "text") return LogFormat::text;
  return std::unexpected(wire::quoted(text) + " is no log format: auto, json and text are allowed");
}

Value<std::string> parse_cron(std::string_view text) {
  const auto schedule = core::Schedule::parse(text);
  if (!schedule)
    return std::unexpected(wire::quoted(text) + " is no cron expression: " + schedule.error());
  if (!schedule->next_after(core::Instant{})) {
    return std::unexpected(wire::quoted(text) + " names a day that never comes");
  }
  return std::string(text);
}

Value<std::string> parse_new_name(std::string_view text) {
  if (const auto fault = core::fault_in_name(text)) {
    return std::unexpected(wire::quoted(text) + " " + *fault);
  }
  return std::string(text);
}

}  // namespace bddlock::cli
