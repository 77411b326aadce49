#include "names.hpp"

#include <algorithm>
#include <charconv>

namespace bddlock::bench {
namespace {

constexpr std::string_view stack_prefix = "stack-";
constexpr std::string_view repo_prefix = "repo-";

std::string numbered(std::string_view prefix, std::size_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  std::string out(prefix);
  out.append(width - std::min(width, digits.size()), '0');
  return out.append(digits);
}

}  // namespace

std::string stack_name(std::size_t number) { return numbered(stack_prefix, number, 7); }
std::string repo_name(std::size_t number) { return numbered(repo_prefix, number, 4); }

std::optional<std::size_t> stack_number(std::string_view name) {
  if (!name.starts_with(stack_prefix)) return std::nullopt;
  name.remove_prefix(stack_prefix.size());
  std::size_t number = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
  if (parsed.ec != std::errc{} || parsed.ptr != name.data() + name.size()) return std::nullopt;
  return number;
}

}  // namespace bddlock::bench
