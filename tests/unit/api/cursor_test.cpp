#include "api/cursor.hpp"

#include <gtest/gtest.h>

namespace bddlock::api {
namespace {

TEST(Cursor, IsBase64Url) {
  EXPECT_EQ(to_cursor(core::StackName("a")), "YQ");
  EXPECT_EQ(to_cursor(core::StackName("ab")), "YWI");
  EXPECT_EQ(to_cursor(core::StackName("abc")), "YWJj");
  EXPECT_EQ(to_cursor(core::StackName("\xE2\x8F\xBF?>")), "4o-_Pz4");
}

TEST(Cursor, ReadsBackEveryNameThatItWasMadeOf) {
  for (const std::string name : {"a", "ab", "abc", "abcd",
                                 "Pr\xC3\xBC"
                                 "fstand",
                                 "\xF0\x9F\x9A\x80"}) {
    EXPECT_EQ(parse_cursor(to_cursor(core::StackName(name))), core::StackName(name));
  }
  const core::StackName longest(std::string(255, 'n'));
  EXPECT_EQ(parse_cursor(to_cursor(longest)), longest);
}

TEST(Cursor, IsNoneThatItHasNotMade) {
  for (const std::string_view text :
       {"", "Y", "YR", "YQ==", "Y Q", "Y+Q", "_w", "YWIA", "YQA", "AA", "Li4"}) {
    EXPECT_EQ(parse_cursor(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace bddlock::api
