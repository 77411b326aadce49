#include "wire/problem.hpp"

#include <gtest/gtest.h>

namespace bddlock::wire {
namespace {

TEST(Problem, IsWrittenAsRfc9457HasItAndReadBack) {
  const Problem problem{409, "Conflict", "stack_exists", "it is there", {{"stackName", "a"}}};
  const std::string text = to_text(problem);
  EXPECT_EQ(text, R"({"type":"about:blank","title":"Conflict","status":409,"code":"stack_exists",)"
                  R"("detail":"it is there","stackName":"a"})");
  const auto read = parse_problem(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->status, 409u);
  EXPECT_EQ(read->title, "Conflict");
  EXPECT_EQ(read->code, "stack_exists");
  EXPECT_EQ(read->detail, "it is there");
  EXPECT_EQ(read->facts, (boost::json::object{{"stackName", "a"}}));
}

TEST(Problem, IsNotReadFromSomethingElse) {
  EXPECT_FALSE(parse_problem("<html>"));
  EXPECT_FALSE(parse_problem(R"({"error": "Transaction Cancelled"})"));
}

TEST(Problem, SentenceIsFoundInEveryKindOfError) {
  EXPECT_EQ(sentence_in(R"({"status": 409, "title": "Conflict", "detail": "it is there"})"),
            "it is there");
  EXPECT_EQ(sentence_in(R"({"error": "Transaction Cancelled"})"), "Transaction Cancelled");
  EXPECT_EQ(sentence_in(R"({"message":"Unauthorized"})"), "Unauthorized");
  EXPECT_EQ(sentence_in(R"({"Message":"no"})"), "no");
  EXPECT_EQ(sentence_in("<html>Bad Gateway</html>"), "");
  EXPECT_EQ(sentence_in(R"({"error": 5})"), "");
}

}  // namespace
}  // namespace bddlock::wire
