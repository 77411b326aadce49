#include "cli/slices.hpp"

#include <gtest/gtest.h>

namespace bddlock::cli {
namespace {

std::string line_of(const std::string& name) {
  return R"({"stackName":")" + name + R"(","repoName":"pay"})";
}

TEST(Slices, AreOneForASmallFile) {
  const auto slices = slices_of(line_of("a") + "\n" + line_of("b") + "\n");
  ASSERT_TRUE(slices);
  ASSERT_EQ(slices->size(), 1u);
  EXPECT_EQ(slices->front().stacks, 2u);
  EXPECT_EQ(slices->front().body, line_of("a") + "\n" + line_of("b") + "\n");
}

TEST(Slices, TakeWhatEditorsDoToAFile) {
  const auto slices = slices_of("\xEF\xBB\xBF" + line_of("a") + "\r\n\r\n  \n" + line_of("b"));
  ASSERT_TRUE(slices) << slices.error().front();
  ASSERT_EQ(slices->size(), 1u);
  EXPECT_EQ(slices->front().body, line_of("a") + "\n" + line_of("b") + "\n");
  EXPECT_EQ(slices->front().first_line, 1u);
  EXPECT_EQ(slices->front().last_line, 4u);
}

TEST(Slices, StayBelowTheLimitAndLoseNothing) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += line_of("stack-" + std::to_string(i)) + "\n";
  const auto slices = slices_of(text);
  ASSERT_TRUE(slices);
  ASSERT_GT(slices->size(), 1u);
  std::string joined;
  std::size_t next_line = 1;
  for (const Slice& slice : *slices) {
    EXPECT_LE(slice.body.size(), slice_bytes_max);
    EXPECT_EQ(slice.first_line, next_line);
    next_line = slice.last_line + 1;
    joined += slice.body;
  }
  EXPECT_EQ(next_line, 2001u);
  EXPECT_EQ(joined, text);
}

TEST(Slices, FillUpToTheLimitExactly) {
  // Names have 255 bytes at most, so white space makes up the size.
  const auto padded = [](const std::string& name, std::size_t size) {
    const std::string line = line_of(name);
    return line.substr(0, line.size() - 1) + std::string(size - line.size() - 1, ' ') + "}\n";
  };
  const std::string half = padded("a", slice_bytes_max / 2);
  const auto fits = slices_of(half + padded("b", slice_bytes_max / 2));
  ASSERT_TRUE(fits);
  EXPECT_EQ(fits->size(), 1u);
  const auto one_more = slices_of(half + padded("b", slice_bytes_max / 2 + 1));
  ASSERT_TRUE(one_more);
  EXPECT_EQ(one_more->size(), 2u);
  EXPECT_TRUE(slices_of(padded("a", slice_bytes_max)));
  EXPECT_FALSE(slices_of(padded("a", slice_bytes_max + 1)));
}

TEST(Slices, NameEveryBadLine) {
  const auto slices = slices_of(line_of("a") + "\nnonsense\n" + R"({"stackName":"b"})" + "\n" +
                                line_of("c/d") + "\n" + line_of("a") + "\n");
  ASSERT_FALSE(slices);
  ASSERT_EQ(slices.error().size(), 4u);
  EXPECT_TRUE(slices.error()[0].starts_with("line 2: ")) << slices.error()[0];
  EXPECT_TRUE(slices.error()[1].starts_with("line 3: ")) << slices.error()[1];
  EXPECT_TRUE(slices.error()[2].starts_with("line 4: ")) << slices.error()[2];
  EXPECT_EQ(slices.error()[3], "line 5: has the stack a that line 1 has too");
}

TEST(Slices, SayHowManyMoreLinesAreBad) {
  std::string text;
  for (int i = 0; i < 15; ++i) text += "x\n";
  const auto slices = slices_of(text);
  ASSERT_FALSE(slices);
  EXPECT_EQ(slices.error().size(), faults_shown_max + 1);
  EXPECT_EQ(slices.error().back(), "and 5 more");
}

TEST(Slices, AreNoneForAnEmptyFile) {
  const auto slices = slices_of("\n\n");
  ASSERT_TRUE(slices);
  EXPECT_TRUE(slices->empty());
}

}  // namespace
}  // namespace bddlock::cli
