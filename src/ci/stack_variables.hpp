// The variables that a job gets with a stack. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ci/export_value.hpp"

namespace bddlock::ci {

struct StackFacts {
  std::string stack_name;
  std::string claim_id;
  std::int64_t fencing_token = 0;
  bool created = false;
  std::map<std::string, std::string> attributes = {};
};

struct StackVariables {
  // STACK_NAME, BDD_STACK_NAME, BDD_CLAIM_ID, BDD_FENCING_TOKEN, BDD_STACK_CREATED (true or false)
  // and BDD_STACK_ATTR_*.
  std::vector<ExportValue> values = {};
  // Sentences on attributes that two names make the same variable of, or that none can hold.
  std::vector<std::string> left_out = {};
};

[[nodiscard]] StackVariables stack_variables(const StackFacts& facts);

// BDD_STACK_ATTR_BASE_URL of base-url: letters in upper case, and _ for all that is neither letter
// nor digit of ASCII.
[[nodiscard]] std::string attribute_variable(const std::string& key);

}  // namespace bddlock::ci
