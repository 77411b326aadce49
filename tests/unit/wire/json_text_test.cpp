#include "wire/json_text.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <limits>

namespace bddlock::wire {
namespace {

namespace json = boost::json;

TEST(JsonText, QuotesEveryCharacterAsBoostJsonDoes) {
  for (int byte = 0; byte < 128; ++byte) {
    const std::string text = std::string("a") + static_cast<char>(byte) + "z";
    std::string out;
    append_quoted(out, text);
    EXPECT_EQ(out, json::serialize(json::value(text))) << byte;
  }
  std::string out;
  append_quoted(out, "\xc3\xa4\xf0\x9f\x98\x80");
  EXPECT_EQ(out, "\"\xc3\xa4\xf0\x9f\x98\x80\"");
}

TEST(JsonText, WritesTheMembersInTheirOrder) {
  std::string out = "behind ";
  ObjectText object(out);
  object.text("a", "x\"y").number("b", std::numeric_limits<std::int64_t>::min()).flag("c", true);
  object.flag("d", false).null("e");
  ObjectText inner(object.member("f"));
  append_quoted(inner.any_member("any \n key"), "v");
  inner.end();
  object.end();
  EXPECT_EQ(out, R"(behind {"a":"x\"y","b":-9223372036854775808,"c":true,"d":false,"e":null,)"
                 R"("f":{"any \n key":"v"}})");
  EXPECT_NO_THROW((void)json::parse(out.substr(7)));
}

TEST(JsonText, WritesAnObjectWithoutMembers) {
  std::string out;
  ObjectText(out).end();
  EXPECT_EQ(out, "{}");
}

}  // namespace
}  // namespace bddlock::wire
