#include "wire/rules.hpp"

#include <gtest/gtest.h>

namespace bddlock::wire {
namespace {

std::string text_of(std::size_t bytes) { return std::string(bytes, 'x'); }

TEST(Line, HasItsLimitAndNoControlCharacters) {
  EXPECT_FALSE(fault_in_line(""));
  EXPECT_FALSE(fault_in_line(text_of(1024)));
  EXPECT_EQ(fault_in_line(text_of(1025)), "is 1025 bytes long; 1024 are allowed");
  for (const std::string_view text : {"a\nb", "a\tb", "\x1b[31m", "a\x7f", "\xC2\x85"})
    EXPECT_EQ(fault_in_line(text), "has a control character");
}

TEST(Note, MayHaveSeveralLines) {
  EXPECT_FALSE(fault_in_note("a\n\tb"));
  EXPECT_TRUE(fault_in_note("a\rb"));
  EXPECT_FALSE(fault_in_note(text_of(1024)));
  EXPECT_TRUE(fault_in_note(text_of(1025)));
}

TEST(Link, IsHttpOrHttps) {
  for (const std::string_view link : {"", "https://ci.example/job/4711?a=b#c", "http://[::1]:8080/",
                                      "HTTPS://ci", "http://b\xC3\xBCro/"})
    EXPECT_FALSE(fault_in_link(link)) << link;
  for (const std::string_view link :
       {"ci.example/job", "javascript:alert(1)", "ftp://ci/", "https:", "https://", "https:///x",
        "https://?a", "https://ci/a b", "https://ci/\"onclick=", "https://ci/<b>", "//ci/",
        " https://ci/", "https://ci\n/"})
    EXPECT_TRUE(fault_in_link(link)) << link;
  EXPECT_FALSE(fault_in_link("https://" + text_of(1016)));
  EXPECT_TRUE(fault_in_link("https://" + text_of(1017)));
}

TEST(RequestIdRule, TakesOneTo128OfItsCharacters) {
  EXPECT_FALSE(fault_in_request_id("AZaz09._:-"));
  EXPECT_FALSE(fault_in_request_id(text_of(128)));
  for (const std::string& text :
       {std::string(), text_of(129), std::string("a b"), std::string("a/b"),
        std::string("\xC3\xA9"), std::string("a\0b", 3)})
    EXPECT_TRUE(fault_in_request_id(text)) << text;
}

TEST(NamePrefix, LeavesRoomForEightCharacters) {
  EXPECT_FALSE(fault_in_name_prefix(text_of(247)));
  EXPECT_TRUE(fault_in_name_prefix(text_of(248)));
  EXPECT_FALSE(fault_in_name_prefix(".."));
  EXPECT_TRUE(fault_in_name_prefix("a/b"));
}

TEST(Labels, AreAtMost32) {
  core::StringMap labels;
  for (int i = 0; i < 32; ++i) labels["key" + std::to_string(i)] = "v";
  EXPECT_FALSE(fault_in_labels(labels));
  labels["one more"] = "v";
  EXPECT_EQ(fault_in_labels(labels), "has 33 labels; 32 are allowed");
}

TEST(Labels, HaveKeysAndValuesOf1To255Bytes) {
  EXPECT_FALSE(fault_in_labels({{text_of(255), text_of(255)}}));
  EXPECT_TRUE(fault_in_labels({{text_of(256), "v"}}));
  EXPECT_TRUE(fault_in_labels({{"k", text_of(256)}}));
  EXPECT_EQ(fault_in_labels({{"", "v"}}), "has an empty key");
  EXPECT_EQ(fault_in_labels({{"k", ""}}), "has an empty value");
  EXPECT_EQ(fault_in_labels({{"k", "a\nb"}}),
            R"(has the value "ab", which has a control character)");
}

TEST(Attributes, Are4KiBAtMostTogether) {
  EXPECT_FALSE(fault_in_attributes({{"url", ""}}));
  EXPECT_FALSE(fault_in_attributes({{"a", text_of(2047)}, {"b", text_of(2047)}}));
  EXPECT_EQ(fault_in_attributes({{"a", text_of(2047)}, {"b", text_of(2048)}}),
            "has 4097 bytes in its keys and values together; 4096 are allowed");
  EXPECT_TRUE(fault_in_attributes({{"", "v"}}));
}

}  // namespace
}  // namespace bddlock::wire
