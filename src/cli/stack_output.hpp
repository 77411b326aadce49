// How stacks are shown: a table for people, tab separated for programs, or the API's JSON.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"
#include "cli/environment.hpp"
#include "cli/values.hpp"
#include "core/stack.hpp"

namespace bddlock::cli {

// automatic: a table on a terminal, plain otherwise.
enum class Output { automatic = 1, table, plain, json };

[[nodiscard]] Value<Output> parse_output(std::string_view text);

// Of --output.
[[nodiscard]] Option output_option(Output& output);
[[nodiscard]] bool is_table(const Environment& env, Output output);

// Rows of cells: aligned for people, or tab separated, each ending with a newline.
[[nodiscard]] std::string plain_lines(const std::vector<std::vector<std::string>>& rows);

// Name, repo, state, time of last use, fencing token, until when it is in use, who has it, labels.
// The table has a heading, plain has none and ends each stack with a newline. Control characters in
// names are shown as escapes (text.hpp), but in JSON.
[[nodiscard]] std::string table_of(std::span<const core::Stack> stacks);
[[nodiscard]] std::string plain_lines_of(std::span<const core::Stack> stacks);
// All that is known of one stack, a line each: what, and its value.
[[nodiscard]] std::string details_of(const core::Stack& stack);
// One JSON array, one stack a line.
[[nodiscard]] std::string json_array_of(std::span<const core::Stack> stacks);

// The most telling of what a holder said of itself; empty if it said nothing.
[[nodiscard]] std::string name_of(const core::Holder& holder);

}  // namespace bddlock::cli
