#include "cli/stack_output.hpp"

#include <vector>

#include "cli/text.hpp"
#include "wire/nearest.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::cli {

namespace {

std::vector<std::string> cells_of(const core::Stack& stack) {
  return {printable(stack.stack_name.text()), printable(stack.repo_name.text()),
          std::string(core::to_text(stack.state)), core::to_rfc3339(stack.last_used),
          std::to_string(stack.fencing_token)};
}

}  // namespace

Value<Output> parse_output(std::string_view text) {
  if (text == "table") return Output::table;
  if (text == "plain") return Output::plain;
  if (text == "json") return Output::json;
  return std::unexpected(wire::quoted(text) + " is no output: table, plain and json are allowed");
}

std::string table_of(std::span<const core::Stack> stacks) {
  std::vector<std::vector<std::string>> rows = {{"STACK", "REPO", "STATE", "LAST USED", "TOKEN"}};
  for (const core::Stack& stack : stacks) rows.push_back(cells_of(stack));
  return aligned(rows);
}

std::string plain_lines_of(std::span<const core::Stack> stacks) {
  std::string text;
  for (const core::Stack& stack : stacks) {
    std::string line;
    for (const std::string& cell : cells_of(stack)) line += (line.empty() ? "" : "\t") + cell;
    text += line + "\n";
  }
  return text;
}

std::string json_array_of(std::span<const core::Stack> stacks) {
  std::string text = "[";
  for (const core::Stack& stack : stacks) {
    text += text.size() > 1 ? ",\n " : "";
    text += wire::to_text(stack);
  }
  return text + "]\n";
}

}  // namespace bddlock::cli
