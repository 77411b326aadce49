#include "api/import_body.hpp"

#include <unordered_map>

#include "wire/export_line.hpp"
#include "wire/nearest.hpp"

namespace bddlock::api {

std::expected<std::vector<core::Stack>, LineFault> parse_import(std::string_view body,
                                                                core::Instant now) {
  std::vector<core::Stack> stacks;
  std::unordered_map<core::StackName, std::size_t> line_of;
  for (std::size_t line = 1; !body.empty(); ++line) {
    const std::string_view text = body.substr(0, body.find('\n'));
    body.remove_prefix(std::min(body.size(), text.size() + 1));
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto stack = wire::parse_export_line(text, now);
    if (!stack) return std::unexpected(LineFault{line, std::move(stack.error())});
    const auto [first, is_new] = line_of.emplace(stack->stack_name, line);
    if (!is_new) {
      return std::unexpected(LineFault{line, "the stack " + wire::quoted(stack->stack_name.text()) +
                                                 " is in line " + std::to_string(first->second) +
                                                 " already"});
    }
    stacks.push_back(std::move(*stack));
  }
  return stacks;
}

}  // namespace bddlock::api
