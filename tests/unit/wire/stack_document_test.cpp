#include "wire/stack_document.hpp"

#include <gtest/gtest.h>

namespace bddlock::wire {
namespace {

core::Stack claimed_stack() {
  return {.stack_name = core::StackName("a \xC3\xA9"),
          .repo_name = core::RepoName("r"),
          .state = core::State::claimed,
          .last_used = core::Instant{core::microseconds{1574291428014000}},
          .fencing_token = 7,
          .version = 0};
}

TEST(StackDocument, IsWrittenAndReadBack) {
  const std::string text = to_text(claimed_stack());
  EXPECT_EQ(text,
            "{\"stackName\":\"a \xC3\xA9\",\"repoName\":\"r\",\"state\":\"claimed\","
            "\"usedAt\":\"2019-11-20T23:10:28.014Z\",\"fencingToken\":7}");
  EXPECT_EQ(parse_stack(text).value(), claimed_stack());
}

TEST(StackDocument, IsReadFromANewerServerThatSaysMore) {
  std::string text = to_text(claimed_stack());
  text.insert(1, R"("labels":{"size":"large"},)");
  EXPECT_EQ(parse_stack(text).value(), claimed_stack());
}

TEST(StackDocument, ReadingSaysWhatIsWrong) {
  EXPECT_EQ(
      parse_stack(
          R"({"stackName":"a","repoName":"r","state":"lost","usedAt":"now","fencingToken":1})")
          .error(),
      "state is one that this program does not know; usedAt is no RFC 3339 time in UTC");
}

TEST(StackList, IsWrittenAndReadBack) {
  const std::string whole = to_text(StackList{{claimed_stack()}, "YQ"});
  EXPECT_EQ(whole, "{\"items\":[" + to_text(claimed_stack()) + "],\"nextCursor\":\"YQ\"}");
  const auto read = parse_stack_list(whole);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->items, std::vector{claimed_stack()});
  EXPECT_EQ(read->next_cursor, "YQ");
  EXPECT_EQ(to_text(StackList{}), R"({"items":[],"nextCursor":null})");
  EXPECT_EQ(parse_stack_list(to_text(StackList{})).value().next_cursor, std::nullopt);
}

TEST(StackList, IsNotReadFromSomethingElse) {
  for (const std::string_view text : {"", "{}", R"({"items":{}})", R"({"items":[1]})",
                                      R"({"items":[{}]})", R"({"items":[],"nextCursor":5})"}) {
    EXPECT_FALSE(parse_stack_list(text)) << text;
  }
}

TEST(StackToAdd, IsWrittenAndReadBack) {
  const std::string text = to_text(StackToAdd{core::StackName("a"), core::RepoName("r")});
  EXPECT_EQ(text, R"({"stackName":"a","repoName":"r"})");
  const auto read = parse_stack_to_add(text);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->stack_name, core::StackName("a"));
  EXPECT_EQ(read->repo_name, core::RepoName("r"));
}

TEST(StackToAdd, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(parse_stack_to_add(R"({"stackName":"a","repoName":"r","reponame":"s"})").error(),
            R"(the field "reponame" is unknown; did you mean repoName?)");
}

TEST(Counts, AreWrittenAndReadBack) {
  EXPECT_EQ(to_text(Swept{2, 1}), R"({"released":2,"removed":1})");
  EXPECT_EQ(parse_swept(to_text(Swept{2, 1})).value().removed, 1);
  EXPECT_EQ(to_text(ImportCounts{3, 4}), R"({"created":3,"replaced":4})");
  EXPECT_EQ(parse_import_counts(to_text(ImportCounts{3, 4})).value().created, 3);
  EXPECT_FALSE(parse_swept(R"({"released":1})"));
}

}  // namespace
}  // namespace bddlock::wire
