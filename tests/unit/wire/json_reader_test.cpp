#include "wire/json_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>

namespace bddlock::wire {
namespace {

std::string nested(std::size_t levels) {
  return "{\"a\":" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
}

std::string fault_of_text(std::string_view text) {
  const auto object = parse_object(text);
  return object ? "" : object.error();
}

std::vector<std::string> numbered_keys(std::size_t count) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back("k" + std::to_string(i));
  return keys;
}

TEST(KnownKeys, AreAllThatWereAddedInTheirOrder) {
  const auto keys = numbered_keys(40);
  KnownKeys known;
  for (std::size_t count = 0; count < keys.size(); ++count) {
    EXPECT_TRUE(std::ranges::equal(known.all(), std::span(keys).first(count))) << count;
    known.add(keys[count]);
  }
}

TEST(ObjectReader, FindsTheFieldsOfSmallAndLargeObjects) {
  const auto keys = numbered_keys(20);
  for (std::size_t count = 1; count <= keys.size(); ++count) {
    boost::json::object object;
    for (std::size_t i = 0; i < count; ++i) object.emplace(keys[i], static_cast<std::int64_t>(i));
    ObjectReader reader(object);
    for (std::size_t i = 0; i < count; ++i)
      EXPECT_EQ(reader.required_count(keys[i]), static_cast<std::int64_t>(i));
    EXPECT_EQ(reader.optional_count("k"), std::nullopt);
    reader.refuse_others();
    EXPECT_EQ(reader.fault(), std::nullopt);
  }
}

TEST(ParseObject, SaysWhereATextStopsBeingJson) {
  EXPECT_EQ(fault_of_text(R"({"a": 1, b})"), "is no JSON: syntax error at byte 10 of 11");
  EXPECT_EQ(fault_of_text(R"({"a": tru)"), "is no JSON: it ends too early");
  EXPECT_EQ(fault_of_text(R"({} x)"), "is no JSON: there is more behind the value, at byte 4 of 4");
  EXPECT_EQ(fault_of_text("{\"a\":\"\xFF\"}"), "is no JSON: it is not valid UTF-8");
}

TEST(ParseObject, WantsAnObject) {
  EXPECT_EQ(fault_of_text(" \r\n"), "is empty; a JSON object is needed");
  EXPECT_EQ(fault_of_text("[]"), "must be a JSON object, not an array");
  EXPECT_EQ(fault_of_text("null"), "must be a JSON object, not null");
  EXPECT_EQ(fault_of_text("12"), "must be a JSON object, not a number");
}

TEST(ParseObject, TakesNestingUpToItsLimit) {
  EXPECT_EQ(fault_of_text(nested(nesting_max)), "");
  EXPECT_EQ(fault_of_text(nested(nesting_max + 1)), "is nested too deeply; 32 levels are allowed");
}

TEST(ParseObject, CountsTheLastOfAKeyThatIsThereTwiceAsPythonDoes) {
  const auto object = parse_object(R"({"a": 1, "a": 2})");
  ASSERT_TRUE(object);
  EXPECT_EQ(object->at("a"), 2);
}

TEST(ObjectReader, CollectsAllFaults) {
  const auto object =
      parse_object(R"({"name": "..", "flag": "true", "count": -1, "text": 5, "flog": 1})");
  ASSERT_TRUE(object);
  ObjectReader reader(*object);
  EXPECT_EQ(reader.required_name("name"), "..");
  EXPECT_FALSE(reader.required_bool("flag"));
  EXPECT_EQ(reader.optional_count("count"), std::nullopt);
  EXPECT_EQ(reader.optional_string("text"), std::nullopt);
  EXPECT_EQ(reader.required_string("absent"), "");
  reader.refuse_others();
  const std::string fault = reader.fault().value_or("");
  for (const std::string_view part : {"name ", "; flag must be true or false, not a string;",
                                      "count must be a whole number from 0 to 9007199254740991",
                                      "text must be a string, not a number", "absent is missing",
                                      R"(the field "flog" is unknown; did you mean flag?)"}) {
    EXPECT_NE(fault.find(part), std::string::npos) << part << " in: " << fault;
  }
  EXPECT_TRUE(reader.some_missing());
}

TEST(ObjectReader, FindsNoFaultInWhatIsRight) {
  const auto object =
      parse_object(R"({"name": "a", "flag": true, "count": 9007199254740991, "text": null})");
  ASSERT_TRUE(object);
  ObjectReader reader(*object);
  EXPECT_EQ(reader.required_name("name"), "a");
  EXPECT_TRUE(reader.required_bool("flag"));
  EXPECT_EQ(reader.required_count("count"), count_max);
  EXPECT_EQ(reader.optional_string("text"), std::nullopt);
  reader.refuse_others();
  EXPECT_EQ(reader.fault(), std::nullopt);
}

TEST(ObjectReader, TakesNoNumberThatIsNotWholeOrTooLarge) {
  for (const std::string number :
       {"1.5", "1e3", "9007199254740992", "18446744073709551615", "-1", "true"}) {
    const auto object = parse_object("{\"count\": " + number + "}");
    ASSERT_TRUE(object);
    ObjectReader reader(*object);
    EXPECT_EQ(reader.required_count("count"), 0);
    EXPECT_TRUE(reader.fault()) << number;
  }
}

}  // namespace
}  // namespace bddlock::wire
