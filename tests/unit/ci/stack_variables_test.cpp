#include "ci/stack_variables.hpp"

#include <gtest/gtest.h>

namespace bddlock::ci {
namespace {

const std::string* value_of(const StackVariables& variables, const std::string& name) {
  for (const ExportValue& value : variables.values)
    if (value.name == name) return &value.value;
  return nullptr;
}

TEST(StackVariables, TellNameTokenAndWhetherItIsNew) {
  const auto variables = stack_variables({"pay-1", "abc.def", 42, true});
  EXPECT_EQ(*value_of(variables, "STACK_NAME"), "pay-1");
  EXPECT_EQ(*value_of(variables, "BDD_STACK_NAME"), "pay-1");
  EXPECT_EQ(*value_of(variables, "BDD_CLAIM_ID"), "abc.def");
  EXPECT_EQ(*value_of(variables, "BDD_FENCING_TOKEN"), "42");
  EXPECT_EQ(*value_of(variables, "BDD_STACK_CREATED"), "true");
  EXPECT_EQ(variables.values.size(), 5u);
  EXPECT_EQ(*value_of(stack_variables({"x", "y", 1, false}), "BDD_STACK_CREATED"), "false");
}

TEST(StackVariables, HaveOneSecret) {
  for (const ExportValue& value : stack_variables({"pay-1", "abc.def", 42, true}).values)
    EXPECT_EQ(value.is_secret, value.name == "BDD_CLAIM_ID") << value.name;
}

TEST(StackVariables, HaveAttributesUnderNamesThatShellsTake) {
  const auto variables = stack_variables(
      {"pay-1", "abc.def", 42, true, {{"base-url", "https://a"}, {"größe", "2"}, {"PATH", "/x"}}});
  EXPECT_EQ(*value_of(variables, "BDD_STACK_ATTR_BASE_URL"), "https://a");
  EXPECT_EQ(*value_of(variables, "BDD_STACK_ATTR_GR____E"), "2");
  EXPECT_EQ(*value_of(variables, "BDD_STACK_ATTR_PATH"), "/x");
  EXPECT_EQ(value_of(variables, "PATH"), nullptr);
}

TEST(StackVariables, LeaveOutWhatWouldTakeAnothersPlace) {
  const auto variables =
      stack_variables({"pay-1", "abc.def", 42, true, {{"a-b", "1"}, {"a_b", "2"}}});
  EXPECT_EQ(*value_of(variables, "BDD_STACK_ATTR_A_B"), "1");
  ASSERT_EQ(variables.left_out.size(), 1u);
  EXPECT_EQ(variables.left_out[0],
            "the attribute a_b would be BDD_STACK_ATTR_A_B as a-b is; it was left out");
}

TEST(StackVariables, LeaveOutZeroBytes) {
  const auto variables =
      stack_variables({"pay-1", "abc.def", 42, true, {{"a", std::string("x\0y", 3)}}});
  EXPECT_EQ(value_of(variables, "BDD_STACK_ATTR_A"), nullptr);
  EXPECT_EQ(variables.left_out.size(), 1u);
}

}  // namespace
}  // namespace bddlock::ci
