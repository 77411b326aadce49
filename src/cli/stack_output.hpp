// How stacks are shown: a table for people, tab separated for programs, or the API's JSON.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "cli/environment.hpp"
#include "cli/values.hpp"
#include "core/stack.hpp"

namespace bddlock::cli {

// automatic: a table on a terminal, plain otherwise.
enum class Output { automatic = 1, table, plain, json };

[[nodiscard]] Value<Output> parse_output(std::string_view text);

// Name, repo, state, time of last use, fencing token. The table has a heading, plain has none and
// ends each stack with a newline. Control characters in names are shown as escapes (text.hpp), but
// in JSON.
[[nodiscard]] std::string table_of(std::span<const core::Stack> stacks);
[[nodiscard]] std::string plain_lines_of(std::span<const core::Stack> stacks);
// One JSON array, one stack a line.
[[nodiscard]] std::string json_array_of(std::span<const core::Stack> stacks);

}  // namespace bddlock::cli
