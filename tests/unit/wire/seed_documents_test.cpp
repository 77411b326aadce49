#include "wire/seed_documents.hpp"

#include <gtest/gtest.h>

namespace bddlock::wire {
namespace {

using core::RepoName;
using core::StackName;

TEST(CreateStack, IsReadWithWhatItDoesNotKnow) {
  const auto wanted = parse_create_stack(
      R"({"repoName": "r", "isAvailable": false, "stackName": "\u00e9", "colour": [1]})");
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->stack_name, StackName("\xC3\xA9"));
  EXPECT_EQ(wanted->repo_name, RepoName("r"));
  EXPECT_FALSE(wanted->available);
}

TEST(CreateStack, IsReadAsItIsWritten) {
  for (const bool available : {true, false}) {
    const core::NewStack wanted{StackName("s \"\xF0\x9F\x9A\x80"), RepoName("r"), available};
    const auto read = parse_create_stack(create_stack_body(wanted));
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->stack_name, wanted.stack_name);
    EXPECT_EQ(read->available, available);
  }
}

TEST(CreateStack, BodyIsAsTheOriginalsClientsSendIt) {
  EXPECT_EQ(create_stack_body({StackName("testStack2192"), RepoName("paymentService"), true}),
            R"({"stackName": "testStack2192", "repoName": "paymentService", "isAvailable": true})");
}

TEST(CreateStack, NeedsAllThreeFields) {
  const auto wanted = parse_create_stack(R"({"stackName": "a"})");
  ASSERT_FALSE(wanted);
  EXPECT_EQ(
      wanted.error(),
      "repoName is missing; isAvailable is missing; needed are stackName and repoName, strings, "
      "and isAvailable, true or false");
}

TEST(AvailableStacks, AreWrittenAsRecordedAndReadBack) {
  const std::vector names{StackName("b"), StackName("a")};
  const std::string body = available_stacks(RepoName("r\xC3\xA9"), names);
  EXPECT_EQ(body, R"({"info": "Successfully queried", "results": [)"
                  R"({"stackName": "b", "isAvailable": "x", "repoName": "r\u00e9"}, )"
                  R"({"stackName": "a", "isAvailable": "x", "repoName": "r\u00e9"}]})");
  EXPECT_EQ(parse_available_stacks(body).value(), names);
}

TEST(AvailableStacks, AreAnEmptyListWhenThereAreNone) {
  EXPECT_EQ(available_stacks(RepoName("r"), {}),
            R"({"info": "Successfully queried", "results": []})");
}

TEST(AvailableStacks, AreNotReadFromSomethingElse) {
  for (const std::string_view body :
       {"", "<html>", "{}", R"({"results": 1})", R"({"results": [1]})",
        R"({"results": [{"stackName": 1}]})"}) {
    EXPECT_FALSE(parse_available_stacks(body)) << body;
  }
}

TEST(SeedError, IsWrittenInPythonsWay) {
  EXPECT_EQ(seed_error("a \"b\" \xC3\xA9"), R"({"error": "a \"b\" \u00e9"})");
  EXPECT_EQ(seed_error("Transaction Cancelled"), seed_cancelled);
}

}  // namespace
}  // namespace bddlock::wire
