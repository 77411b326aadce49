// A value for later steps, and what keeps it out of one form or another. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bddlock::ci {

struct ExportValue {
  std::string name;
  std::string value;
  bool is_secret = false;
};

// Each returns why this value cannot be carried, as the end of a sentence that begins with its
// name.
using FaultIn = std::optional<std::string> (*)(const ExportValue&);
[[nodiscard]] std::optional<std::string> no_fault(const ExportValue&);
// By any variable.
[[nodiscard]] std::optional<std::string> fault_in_variable(const ExportValue& value);
// By a line of NAME=value, which knows neither quotes nor escapes.
[[nodiscard]] std::optional<std::string> fault_in_line(const ExportValue& value);
// By a line of GitLab's dotenv report. GitLab strips values, and puts other variables, secret ones
// too, where they have a $ (it makes dotenv variables with raw: false).
[[nodiscard]] std::optional<std::string> fault_for_gitlab(const ExportValue& value);

enum class Secrets { left_out = 1, taken };

// Those that can be carried. For each other one a sentence goes into `left_out`, but not for secret
// ones: that these are left out goes without saying.
[[nodiscard]] std::vector<ExportValue> fitting(const std::vector<ExportValue>& values,
                                               Secrets secrets, FaultIn fault_in,
                                               std::vector<std::string>& left_out);

}  // namespace bddlock::ci
