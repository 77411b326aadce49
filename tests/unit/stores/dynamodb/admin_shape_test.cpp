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

TEST(Shape, OfAnIndexThatIsBeingBuiltIsNotYetRight) {
  json::object seed = creation_of("t", stacks_shape());
  const auto set_status = [&](const char* status) {
    seed.at("GlobalSecondaryIndexes").as_array().back().as_object()["IndexStatus"] = status;
    return faults_in(seed, stacks_shape());
  };
  for (const char* status : {"ACTIVE", "UPDATING"}) EXPECT_TRUE(set_status(status).empty());
  const auto faults = set_status("CREATING");
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].index, repo_index_name);
  EXPECT_EQ(faults[0].kind, ShapeFault::Kind::being_built);
}

TEST(Addition, OfAnIndexHasTheTablesOwnCapacityWhereThatIsProvisioned) {
  json::object described = creation_of("t", stacks_shape());
  const IndexShape& index = stacks_shape().indexes[1];
  const auto added = [&] {
    return addition_of(described, index).at("GlobalSecondaryIndexUpdates").at(0).at("Create");
  };
  EXPECT_EQ(provisioned_in(described), std::nullopt);
  EXPECT_FALSE(added().as_object().contains("ProvisionedThroughput"));
  const auto set_capacity = [&](int reads, int writes) {
    described["ProvisionedThroughput"] =
        json::object{{"ReadCapacityUnits", reads}, {"WriteCapacityUnits", writes}};
  };
  set_capacity(0, 0);  // so tables that pay by the request are described
  EXPECT_FALSE(added().as_object().contains("ProvisionedThroughput"));
  set_capacity(5, 3);
  EXPECT_EQ(added().at("ProvisionedThroughput").at("WriteCapacityUnits"), 3);
}

}  // namespace
}  // namespace bddlock::stores::dynamodb
