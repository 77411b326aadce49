// The values that settings take. Each function returns the value or the end of a sentence that
// begins with the setting's name and says what stands there and what is allowed. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "cli/serve_options.hpp"

namespace bddlock::cli {

template <class T>
using Value = std::expected<T, std::string>;

using std::chrono::seconds;

// "90", "90s", "15m", "2h", "30d", "1h30m", between the two limits, both included.
[[nodiscard]] Value<seconds> parse_duration(std::string_view text, seconds least, seconds most);
// The shortest of these forms: 7200 s is "2h", 90 s is "90s".
[[nodiscard]] std::string duration_text(seconds duration);

[[nodiscard]] Value<std::size_t> parse_count(std::string_view text, std::size_t least,
                                             std::size_t most);
// "65536", "64KiB", "1MiB".
[[nodiscard]] Value<std::size_t> parse_bytes(std::string_view text, std::size_t least,
                                             std::size_t most);
// true or false, also as yes/no, on/off, 1/0, in any case.
[[nodiscard]] Value<bool> parse_switch(std::string_view text);

// "127.0.0.1:8080", "[::1]:8080", "localhost:8080".
[[nodiscard]] Value<ListenAddress> parse_listen(std::string_view text);
// The name of a DynamoDB table.
[[nodiscard]] Value<std::string> parse_table(std::string_view text);
// The name or ARN of a parameter of Amazon's Systems Manager.
[[nodiscard]] Value<std::string> parse_ssm_parameter(std::string_view text);
// "sqlite:FILE", "memory:", "dynamodb:TABLE", or "dynamodb:" with an empty path.
[[nodiscard]] Value<StoreChoice> parse_store(std::string_view text);
[[nodiscard]] Value<LogFormat> parse_log_format(std::string_view text);
// A cron expression that core::Schedule takes and that matches some day.
[[nodiscard]] Value<std::string> parse_cron(std::string_view text);
// A name that a new stack or repo may have.
[[nodiscard]] Value<std::string> parse_new_name(std::string_view text);

}  // namespace bddlock::cli
