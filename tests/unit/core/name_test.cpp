#include "core/name.hpp"

#include <gtest/gtest.h>

#include <unordered_set>

namespace bddlock::core {
namespace {

using namespace std::string_view_literals;

TEST(NewName, MayBeAnyTextOfUpTo255Bytes) {
  const std::string longest(name_bytes_max, 'a');
  for (const std::string_view name :
       {"a"sv, "testStack2192"sv, "a b"sv, "..."sv, ".a"sv, "%2F"sv, "\"'<>\\"sv, "ä"sv, "日本"sv,
        "\U0001F37A"sv, "\u00a0"sv, "\ue000"sv, std::string_view{longest}})
    EXPECT_EQ(fault_in_name(name), std::nullopt) << name;
}

TEST(NewName, IsRefusedWithWhatIsWrong) {
  struct Case {
    std::string_view name;
    std::string_view fault;
  };
  const std::string too_long(name_bytes_max + 1, 'a');
  for (const auto& [name, fault] : {
           Case{"", "is empty"},
           Case{too_long, "is 256 bytes long; 255 are allowed"},
           Case{"a\nb", "has a control character in it; none is allowed"},
           Case{"\0"sv, "has a control character in it; none is allowed"},
           Case{"a\x1f", "has a control character in it; none is allowed"},
           Case{"a\x7f", "has a control character in it; none is allowed"},
           Case{"\u0080", "has a control character in it; none is allowed"},
           Case{"a\u009f", "has a control character in it; none is allowed"},
           Case{"a/b", "has a \"/\" in it, which is not allowed"},
           Case{".", "must not be \".\" or \"..\""},
           Case{"..", "must not be \".\" or \"..\""},
           Case{"a\xff", "is not valid UTF-8"},
           Case{"\xc2", "is not valid UTF-8"},
       })
    EXPECT_EQ(fault_in_name(name), fault) << name;
}

TEST(NewName, CountsBytesAndNotCharacters) {
  std::string name;
  while (name.size() < name_bytes_max - 1) name += "ä";
  EXPECT_EQ(fault_in_name(name), std::nullopt);
  EXPECT_EQ(fault_in_name(name + "ä"), "is 256 bytes long; 255 are allowed");
}

TEST(Utf8, IsWhatUnicodeCallsWellFormed) {
  for (const std::string_view text :
       {""sv, "a\0b"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv, "\xed\x9f\xbf"sv,
        "\xee\x80\x80"sv, "\xef\xbf\xbf"sv, "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv})
    EXPECT_TRUE(is_utf8(text)) << text;
}

TEST(Utf8, IsNothingElse) {
  for (const std::string_view text :
       {"\x80"sv, "\xbf"sv, "a\xc2"sv, "\xc2\x41"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv,
        "\xed\xa0\x80"sv, "\xed\xbf\xbf"sv, "\xe2\x82"sv, "\xe2\x82\x41"sv, "\xf0\x8f\xbf\xbf"sv,
        "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xf0\x90\x80"sv, "\xf0\x90\x80\xc0"sv,
        "\xfe"sv, "\xff"sv, "\xc2\xc2\x80"sv})
    EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(Utf8, IsJudgedTheSameBehindAnyNumberOfAsciiBytes) {
  for (std::size_t before = 0; before < 20; ++before)
    for (std::size_t behind = 0; behind < 10; ++behind) {
      const std::string front(before, '"'), back(behind, 'z');
      EXPECT_TRUE(is_utf8(front + "\xe0\xa0\x80" + back)) << before << " " << behind;
      EXPECT_FALSE(is_utf8(front + "\xe0\x9f\xbf" + back)) << before << " " << behind;
      EXPECT_FALSE(is_utf8(front + back + "\xc2")) << before << " " << behind;
    }
}

TEST(CloudFormationName, IsALetterThenLettersDigitsAndHyphens) {
  EXPECT_TRUE(could_be_cloudformation_stack("a"));
  EXPECT_TRUE(could_be_cloudformation_stack("testStack-2192"));
  EXPECT_TRUE(could_be_cloudformation_stack(std::string(128, 'Z')));
  for (const std::string& name :
       {std::string{}, std::string{"1a"}, std::string{"-a"}, std::string{"a_b"}, std::string{"a b"},
        std::string{"a.b"}, std::string{"stäck"}, std::string(129, 'a')})
    EXPECT_FALSE(could_be_cloudformation_stack(name)) << name;
}

TEST(Name, OrdersByteByByte) {
  EXPECT_LT(StackName{"Z"}, StackName{"a"});
  EXPECT_LT(StackName{"z"}, StackName{"ä"});
  EXPECT_LT(StackName{"a"}, StackName{"a-"});
  EXPECT_EQ((std::unordered_set<StackName>{StackName{"a"}, StackName{"a"}}).size(), 1u);
}

}  // namespace
}  // namespace bddlock::core
