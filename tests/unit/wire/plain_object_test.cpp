#include "wire/plain_object.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>

#include "wire/json_reader.hpp"

namespace bddlock::wire {
namespace {

namespace json = boost::json;

// With each value's kind: 1 and 1.0 are written differently, but 1 as int64 and as uint64 are not.
void expect_same(const json::value& quick, const json::value& slow, std::string_view text) {
  EXPECT_EQ(quick, slow) << text;
  EXPECT_EQ(json::serialize(quick), json::serialize(slow)) << text;
  ASSERT_EQ(quick.kind(), slow.kind()) << text;
  if (!quick.is_object()) return;
  for (const auto& [key, value] : quick.get_object())
    expect_same(value, slow.get_object().at(key), text);
}

TEST(PlainObject, IsReadAsTheParserReadsIt) {
  for (const std::string_view text :
       {R"({})", " { } ", R"({"a":1})", R"({"":""})", R"({"a":0,"b":999999999999999})",
        "\r\n{\t\"a\" : true ,\n \"b\":false, \"c\" :null }\n",
        R"({"requestId":"a-1","waitSeconds":0,"leaseSeconds":60,"holder":{"ci":"x","job":"a-1"}})",
        R"({"outcome":"passed"})", R"({"a":{"b":{"c":{}}}})",
        R"({"text":"with spaces, {braces}: [and] more / ' ~ than fits into a short string"})",
        R"({"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"k":{"a":"b"}})"}) {
    const auto quick = parse_plain_object(text, {});
    ASSERT_TRUE(quick) << text;
    expect_same(*quick, json::parse(json::string_view(text.data(), text.size())), text);
  }
}

TEST(PlainObject, IsNothingThatIsMoreThanPlain) {
  const std::string long_one = R"({"a":")" + std::string(plain_object_bytes_max, 'a') + R"("})";
  for (const std::string_view text :
       {std::string_view{long_one}, std::string_view{R"({"a":-1})"},
        std::string_view{R"({"a":1.0})"}, std::string_view{R"({"a":1e3})"},
        std::string_view{R"({"a":1000000000000000})"}, std::string_view{R"({"a":"\u0041"})"},
        std::string_view{"{\"a\":\"\xC3\xA4\"}"}, std::string_view{R"({"a":[]})"},
        std::string_view{R"({"a":1,"a":2})"}, std::string_view{R"({"a":{"b":{"c":{"d":{}}}}})"}})
    EXPECT_FALSE(parse_plain_object(text, {})) << text;
}

TEST(PlainObject, IsNothingThatTheParserRefuses) {
  for (const std::string_view text : {"",
                                      " ",
                                      "{",
                                      "}",
                                      "{}}",
                                      "{} x",
                                      "{,}",
                                      R"({"a"})",
                                      R"({"a":})",
                                      R"({"a":1,})",
                                      R"({"a":01})",
                                      R"({"a":1 2})",
                                      R"({a:1})",
                                      R"({'a':1})",
                                      R"({"a":tru})",
                                      R"({"a":truex})",
                                      R"({"a":nul})",
                                      R"({"a":"b)",
                                      "{\"a\":\"b\nc\"}",
                                      "{\"a\":\"b\tc\"}",
                                      R"({"a" 1})",
                                      R"({"a":1 "b":2})",
                                      "[]",
                                      "1",
                                      "null",
                                      R"("a")",
                                      "{\"a\":1}\v",
                                      "\xEF\xBB\xBF{}",
                                      R"({"a":1a})",
                                      R"({"a":{})"}) {
    EXPECT_FALSE(parse_plain_object(text, {})) << text;
    EXPECT_FALSE(parse_object(text)) << text;
  }
}

// Every text that is one byte away from a plain one: either both read it, and the same, or only the
// parser does.
TEST(PlainObject, AgreesWithTheParserOnTextsOneByteFromPlain) {
  const std::string good = R"({"ab":10,"c":{"d":"e f"},"g":true,"h":null})";
  for (std::size_t at = 0; at < good.size(); ++at)
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = good;
      text[at] = static_cast<char>(byte);
      const auto quick = parse_plain_object(text, {});
      if (!quick) continue;
      boost::system::error_code error;
      const json::value slow = json::parse(text, error);
      ASSERT_FALSE(error) << text;
      expect_same(*quick, slow, text);
    }
}

}  // namespace
}  // namespace bddlock::wire
