#include "stores/dynamodb/odd_items.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace bddlock::stores::dynamodb {
namespace {

// A stack as the original made it, with this on top.
std::vector<std::string> oddities_with(std::string_view more) {
  Item item = json::parse(R"({"stackName":{"S":"s"},"repoName":{"S":"r"},
                              "lastUsed":{"S":"2019-11-20T23:10:28.014213"}})")
                  .as_object();
  const json::value changes = json::parse(more);
  for (const auto& [name, value] : changes.as_object()) {
    if (value.is_null())
      item.erase(name);
    else
      item.insert_or_assign(name, value);
  }
  return oddities_of(item);
}

TEST(OddItems, AreNoneThatThisServerOrTheOriginalWrites) {
  for (const char* text :
       {"{}", R"({"isAvailable":{"S":"x"}})", R"({"lastUsed":{"S":"2019-11-20T23:10:28"}})",
        R"({"costCentre":{"N":"12"}})",
        R"({"version":{"N":"3"},"state":{"S":"claimed"},"claim":{"S":"{\"expiresAt\":1}"}})"})
    EXPECT_TRUE(oddities_with(text).empty()) << text;
}

TEST(OddItems, AreToldOneByOneWithWhatToDo) {
  const std::pair<const char*, const char*> told[] = {
      {R"({"repoName":null})", "no job can ask for it"},
      {R"({"repoName":{"N":"1"}})", "no job can ask for it"},
      {R"({"repoName":{"S":"a/b"}})", "set another one"},
      {R"({"stackName":{"S":"a/b"}})", "the API refuses"},
      {R"({"isAvailable":{"N":"1"}})", "set it to x"},
      {R"({"isAvailable":{"S":"yes"}})", "set it to x"},
      {R"({"lastUsed":null})", "no sweep ends a use of it"},
      {R"({"lastUsed":{"S":"yesterday"}})", "no sweep ends a use of it"},
      {R"({"lastUsed":{"N":"1574291428"}})", "no sweep ends a use of it"},
      {R"({"lastUsed":{"S":"2019-11-20T23:10:28Z"}})", "the original cannot read"},
      {R"({"lastUsed":{"S":"2019-11-20T23:10:28.5"}})", "the original cannot read"},
      {R"({"fencingToken":{"S":"7"}})", "larger than all that were given"},
      {R"({"version":{"N":"1.5"}})", "version that is no whole number"},
      {R"({"state":{"S":"broken"}})", "state that there is not"},
      {R"({"claim":{"S":"mine"}})", "bdd-lock release"}};
  for (const auto& [more, says] : told) {
    const auto odd = oddities_with(more);
    ASSERT_EQ(odd.size(), 1u) << more;
    EXPECT_NE(odd[0].find(says), std::string::npos) << more << ": " << odd[0];
  }
}

TEST(OddItems, MayBeOddInManyWays) {
  EXPECT_EQ(oddities_of({}).size(), 3u);
  EXPECT_EQ(oddities_with(R"({"repoName":null,"lastUsed":null})").size(), 2u);
}

}  // namespace
}  // namespace bddlock::stores::dynamodb
