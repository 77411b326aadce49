#include "wire/export_line.hpp"

#include <gtest/gtest.h>

#include "unit/wire/moments.hpp"

namespace bddlock::wire {
namespace {

using core::State;

core::Stack stack_in(State state) {
  return {.stack_name = core::StackName("a"),
          .repo_name = core::RepoName("r"),
          .state = state,
          .last_used = core::Instant{core::microseconds{1574291428014213}},
          .fencing_token = 3,
          .version = 0};
}

TEST(ExportLine, IsTheSeedsFieldsAndThenV1s) {
  EXPECT_EQ(export_line(stack_in(State::available)),
            R"({"stackName":"a","repoName":"r","isAvailable":"x",)"
            R"("lastUsed":"2019-11-20T23:10:28.014213","fencingToken":3})");
  EXPECT_EQ(export_line(stack_in(State::claimed)),
            R"({"stackName":"a","repoName":"r",)"
            R"("lastUsed":"2019-11-20T23:10:28.014213","fencingToken":3})");
  EXPECT_EQ(export_line(stack_in(State::held)),
            R"({"stackName":"a","repoName":"r","lastUsed":"2019-11-20T23:10:28.014213",)"
            R"("fencingToken":3,"state":"held"})");
}

TEST(ExportLine, IsReadBackInEveryState) {
  for (const State state : {State::available, State::claimed, State::disabled}) {
    EXPECT_EQ(parse_export_line(export_line(stack_in(state)), now).value(), stack_in(state));
  }
}

core::Stack held_until(core::Instant until) {
  core::Stack stack = stack_in(State::held);
  stack.claim = core::Claim{.claimed_at = stack.last_used, .expires_at = until};
  return stack;
}

TEST(ExportLine, KeepsUntilWhenAStackIsHeld) {
  const core::Stack held = held_until(now + core::seconds{60});
  EXPECT_NE(export_line(held).find(R"("heldUntil":"2020-09-13T12:27:40.000Z")"), std::string::npos);
  EXPECT_EQ(parse_export_line(export_line(held), now).value(), held);
}

TEST(ExportLine, EndsAHoldAtOnceThatSaysNotUntilWhen) {
  EXPECT_EQ(parse_export_line(export_line(stack_in(State::held)), now).value(), held_until(now));
}

TEST(ExportLine, KeepsAllThatV1Knows) {
  core::Stack stack = stack_in(State::disabled);
  stack.labels = {{"size", "large"}};
  stack.attributes = {{"url", "https://a"}};
  stack.note = "mind the gap";
  stack.disabled_reason = "upgrade";
  stack.undeployed = true;
  stack.deployed = core::Deployed{"main", "abc", now};
  stack.last_end = core::LastEnd{core::EndReason::swept, std::nullopt, now, 2, "n"};
  EXPECT_EQ(parse_export_line(export_line(stack), now).value(), stack);
  core::Stack marked = stack_in(State::claimed);
  marked.disable_after_claim = true;
  marked.disabled_reason = "later";
  EXPECT_EQ(parse_export_line(export_line(marked), now).value(), marked);
}

TEST(ExportLine, HasNothingOfWhoeverHasTheStack) {
  core::Stack stack = stack_in(State::claimed);
  stack.claim = core::Claim{.request_id = core::RequestId("wanted"),
                            .holder = core::Holder{.job = "4711"},
                            .claimed_at = now,
                            .expires_at = now + core::seconds{60}};
  stack.claim->key.bytes.fill(1);
  EXPECT_EQ(export_line(stack), export_line(stack_in(State::claimed)));
}

TEST(ExportLine, NeedsTheTwoNamesOnly) {
  const auto stack = parse_export_line(R"({"stackName":"a","repoName":"r"})", now);
  ASSERT_TRUE(stack) << stack.error();
  EXPECT_EQ(stack->state, State::claimed);
  EXPECT_EQ(stack->last_used, now);
  EXPECT_EQ(stack->fencing_token, 0);
}

class FaultyLine : public testing::TestWithParam<std::pair<std::string_view, std::string_view>> {};

TEST_P(FaultyLine, IsRefusedWithASentence) {
  const auto [line, part] = GetParam();
  const auto stack = parse_export_line(line, now);
  ASSERT_FALSE(stack);
  EXPECT_NE(stack.error().find(part), std::string::npos) << stack.error();
}

INSTANTIATE_TEST_SUITE_P(
    Lines, FaultyLine,
    testing::Values(
        std::pair{"stackName,repoName", "the line is no JSON"},
        std::pair{R"({"repoName":"r"})", "stackName is missing"},
        std::pair{R"({"stackName":"","repoName":"r"})", "stackName is empty"},
        std::pair{R"({"stackName":"a","repoName":"r","isAvailable":true})",
                  "isAvailable must be a string"},
        std::pair{R"({"stackName":"a","repoName":"r","isAvailable":"y"})",
                  R"(isAvailable must be "x")"},
        std::pair{R"({"stackName":"a","repoName":"r","lastUsed":"yesterday"})",
                  "lastUsed must be a UTC time"},
        std::pair{R"({"stackName":"a","repoName":"r","fencingToken":"3"})",
                  "fencingToken must be a whole"},
        std::pair{R"({"stackName":"a","repoName":"r","state":"free"})", "state must be available"},
        std::pair{R"({"stackName":"a","repoName":"r","isAvailable":"x","state":"held"})",
                  "does not fit"},
        std::pair{R"({"stackName":"a","repoName":"r","state":"available"})", "does not fit"},
        std::pair{R"({"stackName":"a","repoName":"r","lastused":"x"})", "did you mean lastUsed?"},
        std::pair{R"({"stackName":"a","repoName":"r","labels":{"a":1}})",
                  "labels must have strings"},
        std::pair{R"({"stackName":"a","repoName":"r","attributes":[]})",
                  "attributes must be an object"},
        std::pair{R"({"stackName":"a","repoName":"r","deployed":{"branch":"b"}})",
                  "deployed.at is missing"},
        std::pair{R"({"stackName":"a","repoName":"r","deployed":{"at":"2020-01-01","comit":"b"}})",
                  R"(in deployed the field "comit" is unknown; did you mean commit?)"},
        std::pair{R"({"stackName":"a","repoName":"r","lastEnd":{"reason":"tired",)"
                  R"("at":"2020-01-01T00:00:00Z"}})",
                  "lastEnd.reason is none"},
        std::pair{R"({"stackName":"a","repoName":"r","disabledReason":"x"})",
                  "the state is not disabled"},
        std::pair{R"({"stackName":"a","repoName":"r","isAvailable":"x","disableAfterClaim":true})",
                  "goes only with a stack"},
        std::pair{R"({"stackName":"a","repoName":"r","heldUntil":"2020-01-01T00:00:00Z"})",
                  "the state is not held"},
        std::pair{R"({"stackName":{"S":"a"},"repoName":{"S":"r"}})",
                  "stackName must be a string, not an object"}));

}  // namespace
}  // namespace bddlock::wire
