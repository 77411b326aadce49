#include "ci/export_value.hpp"

#include <algorithm>
#include <string_view>

namespace bddlock::ci {

namespace {

bool is_variable_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && std::ranges::all_of(name, fits) && !(name[0] >= '0' && name[0] <= '9');
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool has_outer_space(std::string_view text) { return text.starts_with(' ') || text.ends_with(' '); }

}  // namespace

std::optional<std::string> no_fault(const ExportValue&) { return std::nullopt; }

std::optional<std::string> fault_in_variable(const ExportValue& value) {
  if (!is_variable_name(value.name)) return "is no name for a variable";
  if (value.value.find('\0') != std::string::npos)
    return "has a zero byte in it, which no variable can hold";
  return std::nullopt;
}

std::optional<std::string> fault_in_line(const ExportValue& value) {
  if (auto fault = fault_in_variable(value)) return fault;
  if (has_control(value.value)) return "has several lines or a control character in it";
  return std::nullopt;
}

std::optional<std::string> fault_for_gitlab(const ExportValue& value) {
  if (auto fault = fault_in_line(value)) return fault;
  if (has_outer_space(value.value)) return "begins or ends with a space, which GitLab takes away";
  if (value.value.find('$') != std::string::npos) return "has a $ in it, which GitLab expands";
  return std::nullopt;
}

std::vector<ExportValue> fitting(const std::vector<ExportValue>& values, Secrets secrets,
                                 FaultIn fault_in, std::vector<std::string>& left_out) {
  std::vector<ExportValue> result;
  for (const ExportValue& value : values) {
    if (value.is_secret && secrets == Secrets::left_out) continue;
    if (const auto fault = fault_in(value)) {
      left_out.push_back(value.name + " " + *fault + "; it was left out");
    } else {
      result.push_back(value);
    }
  }
  return result;
}

}  // namespace bddlock::ci
