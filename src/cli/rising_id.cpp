#include "cli/rising_id.hpp"

#include <algorithm>
#include <string_view>

namespace bddlock::cli {

namespace {

// Crockford's: without i, l, o and u, and its bytes are in the order of their values.
constexpr std::string_view base32_digits = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr int base32_bits = 5;

constexpr std::int64_t time_latest_ms = (std::int64_t{1} << 48) - 1;  // as ULID has it
constexpr int time_digits = 10;
constexpr int chance_digits = 8;  // 40 bits of a number

// The lowest bits of `number`, the first digit the highest.
void append_base32(std::string& out, std::uint64_t number, int digits) {
  for (int digit = digits - 1; digit >= 0; --digit)
    out += base32_digits[number >> (digit * base32_bits) & 31U];
}

}  // namespace

std::string rising_id(core::Instant now, const std::function<std::uint64_t()>& random) {
  const std::int64_t since_1970 =
      std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const auto time = std::clamp(since_1970, std::int64_t{0}, time_latest_ms);
  std::string id;
  append_base32(id, static_cast<std::uint64_t>(time), time_digits);
  append_base32(id, random(), chance_digits);
  append_base32(id, random(), chance_digits);
  return id;
}

}  // namespace bddlock::cli
