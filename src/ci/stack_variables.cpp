#include "ci/stack_variables.hpp"

namespace bddlock::ci {

std::string attribute_variable(const std::string& key) {
  std::string name = "BDD_STACK_ATTR_";
  for (const char c : key) {
    if (c >= 'a' && c <= 'z') {
      name += static_cast<char>(c - 'a' + 'A');
    } else {
      name += (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
    }
  }
  return name;
}

StackVariables stack_variables(const StackFacts& facts) {
  StackVariables result;
  result.values = {{"STACK_NAME", facts.stack_name},
                   {"BDD_STACK_NAME", facts.stack_name},
                   {"BDD_CLAIM_ID", facts.claim_id, true},
                   {"BDD_FENCING_TOKEN", std::to_string(facts.fencing_token)},
                   {"BDD_STACK_CREATED", facts.created ? "true" : "false"}};
  std::map<std::string, std::string> keys;
  for (const auto& [key, value] : facts.attributes) {
    const std::string name = attribute_variable(key);
    const auto [first, is_new] = keys.emplace(name, key);
    if (!is_new) {
      result.left_out.push_back("the attribute " + key + " would be " + name + " as " +
                                first->second + " is; it was left out");
    } else if (value.find('\0') != std::string::npos) {
      result.left_out.push_back(
          "the attribute " + key +
          " has a zero byte in it, which no variable can hold; it was left out");
    } else {
      result.values.push_back({name, value});
    }
  }
  return result;
}

}  // namespace bddlock::ci
