#include <gtest/gtest.h>

#include "api/import_body.hpp"
#include "unit/api/api_fixture.hpp"

namespace bddlock::api {
namespace {

using Import = ApiTest;

constexpr std::string_view line_a = R"({"stackName":"a","repoName":"r","isAvailable":"x"})";
constexpr std::string_view line_b = R"({"stackName":"b","repoName":"r"})";

TEST(ImportBody, SkipsEmptyLinesAndTakesAnyLineEnd) {
  const core::Instant now{core::seconds{5}};
  const auto stacks = parse_import(std::string(line_a) + "\r\n\n  \n" + std::string(line_b), now);
  ASSERT_TRUE(stacks);
  ASSERT_EQ(stacks->size(), 2u);
  EXPECT_EQ(stacks->at(1).stack_name, core::StackName("b"));
  EXPECT_EQ(stacks->at(1).last_used, now);
  EXPECT_TRUE(parse_import("", now)->empty());
}

TEST(ImportBody, CountsLinesFromOneWithTheEmptyOnes) {
  const auto fault = parse_import(std::string(line_a) + "\n\n{}\n", {});
  ASSERT_FALSE(fault);
  EXPECT_EQ(fault.error().line, 3u);
}

TEST_F(Import, CreatesWhatIsNotThere) {
  const Response answer =
      call(Method::post, "/v1/import", std::string(line_a) + "\n" + std::string(line_b));
  EXPECT_EQ(answer.body, R"({"created":2,"replaced":0})");
  EXPECT_EQ(stored("a").state, core::State::available);
  EXPECT_EQ(stored("b").state, core::State::claimed);
  EXPECT_EQ(stored("b").last_used, clock.now());
}

TEST_F(Import, RefusesNamesThatExistUnlessToldToReplace) {
  create("a", true, "old");
  const std::string body = std::string(line_a) + "\n" + std::string(line_b) + "\n";
  const Response refused = call(Method::post, "/v1/import", body);
  expect_problem(refused, 409, "stack_exists", "nothing was imported");
  EXPECT_EQ(object_in(refused).at("stackNames"), (boost::json::array{"a"}));
  EXPECT_EQ(stored("b").version, 0);
  EXPECT_EQ(call(Method::post, "/v1/import?replace=false", body).status, 409u);
  EXPECT_EQ(call(Method::post, "/v1/import?replace=true", body).body,
            R"({"created":1,"replaced":1})");
  EXPECT_EQ(stored("a").repo_name, core::RepoName("r"));
}

TEST_F(Import, SaysWhichLineIsWrongAndImportsNothing) {
  const Response refused =
      call(Method::post, "/v1/import", std::string(line_a) + "\n{\"stackName\":1}\n");
  expect_problem(refused, 400, "invalid_request",
                 "line 2: stackName must be a string, not a number");
  EXPECT_EQ(object_in(refused).at("line"), 2);
  EXPECT_EQ(stored("a").version, 0);
}

TEST_F(Import, RefusesANameThatIsThereTwice) {
  const std::string body =
      std::string(line_a) + "\n" + std::string(line_b) + "\n" + std::string(line_a);
  expect_problem(call(Method::post, "/v1/import?replace=true", body), 400, "invalid_request",
                 R"(line 3: the stack "a" is in line 1 already)");
}

TEST_F(Import, RefusesAReplaceThatIsNeitherTrueNorFalse) {
  expect_problem(call(Method::post, "/v1/import?replace=yes", ""), 400, "invalid_request",
                 R"(replace must be true or false, not "yes")");
}

}  // namespace
}  // namespace bddlock::api
