#include "ci/escape.hpp"

#include <gtest/gtest.h>

namespace bddlock::ci {
namespace {

TEST(Defused, HasNoCommandToGitHubOrAzure) {
  EXPECT_EQ(defused("##vso[task.setvariable variable=PATH]x"),
            "# #vso[task.setvariable variable=PATH]x");
  EXPECT_EQ(defused("by ##[add-path]x"), "by # #[add-path]x");
  EXPECT_EQ(defused("####["), "# # # #[");
  EXPECT_EQ(defused("::add-path::/tmp"), ": :add-path::/tmp");
  EXPECT_EQ(defused(" \t::x"), " \t: :x");
  EXPECT_EQ(defused("a\n::x\r::y"), "a\n: :x\r: :y");
}

TEST(Defused, LeavesAllElseAsItIs) {
  for (const char* text : {"", "#1 a::b", "pay-1", "# [x]", "std::x", ": x"})
    EXPECT_EQ(defused(text), text);
}

TEST(JavaProperty, IsAscii) {
  EXPECT_EQ(java_property("a=b:c"), "a=b:c");
  EXPECT_EQ(java_property("  a"), "\\  a");
  EXPECT_EQ(java_property("\\\n\xff"), "\\\\\\u000A\\uFFFD");
  EXPECT_EQ(java_property("\xF0\x9F\x9A\x80"), "\\uD83D\\uDE80");
}

}  // namespace
}  // namespace bddlock::ci
