#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include "stores/dynamodb/schema.hpp"

namespace bddlock::stores::dynamodb {
namespace {

TEST(Shape, OfACreationIsWithoutFault) {
  for (const TableShape* shape : {&stacks_shape(), &requests_shape()})
    EXPECT_TRUE(faults_in(creation_of("t", *shape), *shape).empty());
}

TEST(Shape, OfTheSeedsTableLacksTheAddedIndexOnly) {
  json::object seed = creation_of("t", stacks_shape());
  seed.at("GlobalSecondaryIndexes").as_array().pop_back();
  const auto faults = faults_in(seed, stacks_shape());
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].index, repo_index_name);
}

TEST(Shape, ThatIsAnotherIsToldKeyByKey) {
  TableShape other{.key = {"id", ""},
                   .indexes = {{std::string(seed_index_name), {"repoName", ""}, false},
                               {std::string(repo_index_name), {"repoName", "stackName"}, false}}};
  const auto faults = faults_in(creation_of("t", other), stacks_shape());
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_EQ(faults[0].detail, "has the key (id) and must have (stackName)");
  EXPECT_NE(faults[1].detail.find("by (repoName) and must have it by (repoName, isAvailable)"),
            std::string::npos);
  EXPECT_NE(faults[2].detail.find("projection ALL"), std::string::npos);
}

TEST(Shape, HasItsKeysOfTheRightTypes) {
  json::object other = creation_of("t", stacks_shape());
  for (json::value& attribute : other.at("AttributeDefinitions").as_array())
    if (attribute.at("AttributeName") == "isAvailable") attribute.at("AttributeType") = "N";
  const auto faults = faults_in(other, stacks_shape());
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].detail, "has isAvailable of the type N and must have it of type S");
}

}  // namespace
}  // namespace bddlock::stores::dynamodb
