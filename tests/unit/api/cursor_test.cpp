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

TEST(EventCursor, IsReadBack) {
  for (const std::int64_t id : {std::int64_t{0}, std::int64_t{1}, INT64_MAX})
    EXPECT_EQ(parse_event_cursor(to_cursor(id)), id);
  for (const std::string_view text : {"", "!!", "YQ", "MWE", "MQ=="})
    EXPECT_EQ(parse_event_cursor(text), std::nullopt) << text;
}

TEST(RequestCursor, IsReadBack) {
  const service::RequestsAfter waiting{.place = service::QueuePlace{-100, 42}};
  const auto read = parse_request_cursor(to_cursor(waiting));
  ASSERT_TRUE(read && read->place);
  EXPECT_EQ(read->place->priority, -100);
  EXPECT_EQ(read->place->arrival, 42);
  EXPECT_FALSE(read->settled);
  for (const std::string id : {"", "build:4711"}) {
    const service::RequestKey key{core::RepoName("a/b"), core::RequestId(id)};
    const service::RequestsAfter settled{.settled = key};
    EXPECT_EQ(parse_request_cursor(to_cursor(settled)).value().settled, key);
  }
}

TEST(RequestCursor, IsNoneThatItHasNotMade) {
  for (const std::string_view text :
       {"", "!!", "YQ", "cA", "cDE", "cDoy", "cDE6", "cDEwMTox", "cDE6MnM"})
    EXPECT_FALSE(parse_request_cursor(text)) << text;
}

}  // namespace
}  // namespace bddlock::api
