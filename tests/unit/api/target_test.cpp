#include "api/target.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace bddlock::api {
namespace {

using Segments = std::vector<std::string>;

Segments segments_of(std::string_view text) {
  const Target target = parse_target(text);
  return {target.segments.begin(),
          target.segments.begin() + static_cast<std::ptrdiff_t>(target.segment_count)};
}

TEST(Target, IsSplitAndThenDecoded) {
  EXPECT_EQ(segments_of("/claim-stack/a"), (Segments{"claim-stack", "a"}));
  EXPECT_EQ(segments_of("/a%2Fb/c%20d+e"), (Segments{"a/b", "c d+e"}));
  EXPECT_EQ(segments_of("/%C3%A9/%f0%9F%9a%80"), (Segments{"\xC3\xA9", "\xF0\x9F\x9A\x80"}));
  EXPECT_EQ(segments_of("/"), (Segments{""}));
  EXPECT_EQ(segments_of("//a/"), (Segments{"", "a", ""}));
  EXPECT_EQ(segments_of("/a/../b"), (Segments{"a", "..", "b"}));
}

TEST(Target, HasNoSegmentsWhereItIsNoPathOrHasTooMany) {
  EXPECT_EQ(segments_of("*"), Segments{});
  EXPECT_EQ(segments_of(""), Segments{});
  EXPECT_EQ(segments_of("/1/2/3/4/5/6/7/8").size(), segments_max);
  EXPECT_EQ(segments_of("/1/2/3/4/5/6/7/8/9"), Segments{});
}

TEST(Target, HasItsQueryAsSent) {
  EXPECT_EQ(parse_target("/a?b=%20&c?d").query, "b=%20&c?d");
  EXPECT_EQ(segments_of("/a?b/c"), (Segments{"a"}));
  EXPECT_EQ(parse_target("/a").query, "");
}

class BadPath : public testing::TestWithParam<std::pair<std::string_view, std::string_view>> {};

TEST_P(BadPath, HasAFaultThatSaysWhat) {
  const auto [text, part] = GetParam();
  const auto fault = parse_target(text).fault;
  ASSERT_TRUE(fault);
  EXPECT_NE(fault->find(part), std::string::npos) << *fault;
}

INSTANTIATE_TEST_SUITE_P(
    Paths, BadPath,
    testing::Values(std::pair{"/a/%zz", R"(the path has the bad percent escape "%zz")"},
                    std::pair{"/a/%4", R"("%4")"}, std::pair{"/a/b%", R"("%")"},
                    std::pair{"/a/%4g", R"("%4g")"}, std::pair{"/%zz/b", R"("%zz")"},
                    std::pair{"/a/%00", "zero byte"}, std::pair{"/a/b%00c", "zero byte"},
                    std::pair{"/a/%ff", "not valid UTF-8"}, std::pair{"/a/%C3", "not valid UTF-8"},
                    std::pair{"/a/%ed%a0%80", "not valid UTF-8"},
                    std::pair{"/a/\xFF", "not valid UTF-8"}));

}  // namespace
}  // namespace bddlock::api
