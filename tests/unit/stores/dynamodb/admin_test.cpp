#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "fakes/dynamodb_local.hpp"
#include "stores/dynamodb/dynamodb_admin.hpp"
#include "stores/dynamodb/dynamodb_store.hpp"
#include "stores/dynamodb/schema.hpp"

namespace bddlock::stores {
namespace {

class Admin : public testing::Test {
 protected:
  void SetUp() override { client_ = fakes::DynamoDbLocal::instance().client(); }
  DynamoDbAdmin admin() {
    return {client_, table_, [](std::chrono::milliseconds) {}};
  }
  // As the original deploys it.
  void make_seed_table() {
    auto definition = dynamodb::creation_of(table_, dynamodb::stacks_shape());
    definition.at("GlobalSecondaryIndexes").as_array().pop_back();
    ASSERT_TRUE(client_->call("CreateTable", definition));
  }

  std::shared_ptr<aws::DynamoDb> client_;
  std::string table_ = fakes::DynamoDbLocal::instance().new_table_name();
};

TEST_F(Admin, MakesTablesThatAreAsTheyMustBe) {
  const auto none = admin().check();
  ASSERT_TRUE(none) << none.error();
  EXPECT_FALSE(none->has_table);
  ASSERT_EQ(none->faults.size(), 1u);
  EXPECT_NE(none->faults[0].find("bdd-lock dynamodb create"), std::string::npos);
  const auto made = admin().create();
  ASSERT_TRUE(made) << made.error();
  const auto check = admin().check();
  ASSERT_TRUE(check) << check.error();
  EXPECT_TRUE(check->faults.empty());
  EXPECT_TRUE(check->has_repo_index);
  const auto again = admin().create();
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().find("is there already"), std::string::npos);
  EXPECT_TRUE(admin().upgrade()->empty());
}

TEST_F(Admin, AddsToTheSecondTableWhatItLacks) {
  ASSERT_TRUE(
      client_->call("CreateTable", dynamodb::creation_of(table_, dynamodb::stacks_shape())));
  auto shape = dynamodb::requests_shape();
  std::erase_if(shape.indexes, [](const auto& index) { return index.name == "eventsInOrder"; });
  ASSERT_TRUE(client_->call("CreateTable", dynamodb::creation_of(table_ + "-requests", shape)));
  const auto lacking = admin().check();
  ASSERT_EQ(lacking->faults.size(), 1u);
  EXPECT_TRUE(lacking->faults[0].ends_with("eventsInOrder; `bdd-lock dynamodb upgrade` adds it"))
      << lacking->faults[0];
  const auto steps = admin().upgrade();
  ASSERT_TRUE(steps) << steps.error();
  EXPECT_TRUE(admin().check()->faults.empty());
}

TEST_F(Admin, SaysThatALocalIndexComesOnlyWithItsTable) {
  make_seed_table();
  auto shape = dynamodb::requests_shape();
  std::erase_if(shape.indexes, [](const auto& index) { return index.local; });
  ASSERT_TRUE(client_->call("CreateTable", dynamodb::creation_of(table_ + "-requests", shape)));
  const auto upgraded = admin().upgrade();
  ASSERT_FALSE(upgraded);
  EXPECT_NE(upgraded.error().find("no index byLine; that cannot be changed"), std::string::npos)
      << upgraded.error();
  const auto check = admin().check();
  ASSERT_EQ(check->faults.size(), 1u);
  EXPECT_NE(check->faults[0].find("makes it anew"), std::string::npos);
}

TEST_F(Admin, AddsToASeedTableWhatItLacks) {
  make_seed_table();
  const auto before = admin().check();
  ASSERT_TRUE(before) << before.error();
  EXPECT_FALSE(before->has_repo_index);
  EXPECT_EQ(before->warnings.size() >= 1, true);
  ASSERT_EQ(before->faults.size(), 1u) << "the second table";
  const auto steps = admin().upgrade();
  ASSERT_TRUE(steps) << steps.error();
  const auto after = admin().check();
  EXPECT_TRUE(after->faults.empty());
  EXPECT_TRUE(after->has_repo_index);
}

TEST_F(Admin, AddsTheIndexToATableOfProvisionedCapacityToo) {
  auto definition = dynamodb::creation_of(table_, dynamodb::stacks_shape());
  const boost::json::object capacity{{"ReadCapacityUnits", 5}, {"WriteCapacityUnits", 3}};
  definition["BillingMode"] = "PROVISIONED";
  definition["ProvisionedThroughput"] = capacity;
  auto& indexes = definition.at("GlobalSecondaryIndexes").as_array();
  indexes.pop_back();
  indexes[0].as_object()["ProvisionedThroughput"] = capacity;
  ASSERT_TRUE(client_->call("CreateTable", definition));
  const auto steps = admin().upgrade();
  ASSERT_TRUE(steps) << steps.error();
  const auto after = admin().check();
  EXPECT_TRUE(after->has_repo_index);
  const auto told = std::ranges::find_if(after->warnings, [](const std::string& warning) {
    return warning.find("has provisioned capacity, 5 reads and 3 writes a second") !=
           std::string::npos;
  });
  EXPECT_NE(told, after->warnings.end());
}

TEST_F(Admin, NamesStacksThatPeopleEdited) {
  ASSERT_TRUE(admin().create());
  EXPECT_TRUE(admin().odd_stacks()->empty());
  ASSERT_TRUE(client_->call(
      "PutItem", {{"TableName", table_}, {"Item", {{"stackName", {{"S", "by \"hand\""}}}}}}));
  const auto odd = admin().odd_stacks();
  ASSERT_TRUE(odd) << odd.error();
  ASSERT_EQ(odd->size(), 2u);
  EXPECT_TRUE(odd->at(0).starts_with(R"(the stack "by \"hand\"" has no repoName)")) << odd->at(0);
}

TEST_F(Admin, RefusesATableOfAnotherShape) {
  ASSERT_TRUE(
      client_->call("CreateTable", dynamodb::creation_of(table_, dynamodb::requests_shape())));
  const auto check = admin().check();
  ASSERT_TRUE(check) << check.error();
  EXPECT_NE(check->faults.at(0).find("has the key (pk, sk) and must have (stackName)"),
            std::string::npos);
  const auto upgrade = admin().upgrade();
  ASSERT_FALSE(upgrade);
  EXPECT_NE(upgrade.error().find("cannot be changed here"), std::string::npos);
}

TEST_F(Admin, LeavesNoUpgradeToATableThatIsNotThere) {
  const auto upgrade = admin().upgrade();
  ASSERT_FALSE(upgrade);
  EXPECT_NE(upgrade.error().find("bdd-lock dynamodb create"), std::string::npos);
}

// The seed's table before its upgrade: stacks of a repo are found by a scan, whether one was told
// so or finds it out, as a function does that does not look at the table first.
class AdminWithoutIndex : public Admin, public testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(Told, AdminWithoutIndex, testing::Values(true, false));

TEST_P(AdminWithoutIndex, LetsAServerWork) {
  make_seed_table();
  ASSERT_TRUE(client_->call(
      "CreateTable", dynamodb::creation_of(table_ + "-requests", dynamodb::requests_shape())));
  const auto table =
      make_dynamodb_table(client_, {.table = table_,
                                    .has_repo_index = !GetParam(),
                                    .random = std::mt19937_64{std::random_device{}()}});
  for (const char* repo : {"one", "two"})
    ASSERT_EQ(table.store->save({.stacks = {{.next = {.stack_name = core::StackName{repo},
                                                      .repo_name = core::RepoName{repo}}}}}),
              service::Saved::yes);
  const auto page = table.reader->list({.repo_name = core::RepoName{"one"}});
  ASSERT_TRUE(page) << page.error().detail;
  ASSERT_EQ(page->items.size(), 1u);
  EXPECT_EQ(page->items[0].repo_name.text(), "one");
  EXPECT_EQ(table.reader->totals(core::RepoName{"two"})->available, 1);
}

}  // namespace
}  // namespace bddlock::stores
