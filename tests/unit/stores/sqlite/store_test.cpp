// What the contract suite does not ask of every store.
#include "unit/stores/sqlite/table_steps.hpp"

namespace bddlock::tests {
namespace {

class SqliteTableTest : public testing::Test {
 protected:
  TableFolder folder_;
  stores::SqliteTable table_ = open_or_fail(folder_.file());
};

TEST_F(SqliteTableTest, SavesOutsideABatchAtOnce) {
  const auto change = new_stack("a");
  ASSERT_EQ(*save_one(*table_.store, change), service::Saved::yes);
  EXPECT_TRUE(has(*table_.reader, "a"));
  EXPECT_EQ(*save_one(*table_.store, change), service::Saved::version_moved);
  ASSERT_TRUE(table_.store->put_mark("m", 3));
  EXPECT_EQ(**table_.reader->mark("m"), 3);
}

TEST_F(SqliteTableTest, MovesAStackToAnotherRepoAndKeepsItsIndexRight) {
  ASSERT_TRUE(commit_stacks(*table_.store, {"a", "b"}));
  service::StackChange change{.next = *found(*table_.reader, "a"), .expected = 1};
  change.next.repo_name = core::RepoName("other");
  ASSERT_EQ(*save_one(*table_.store, change), service::Saved::yes);
  service::StackQuery query;
  query.repo_name = core::RepoName("other");
  EXPECT_EQ(table_.reader->list(query)->items.size(), 1U);
  query.repo_name = core::RepoName("repo");
  EXPECT_EQ(table_.reader->list(query)->items.size(), 1U);
}

TEST_F(SqliteTableTest, RefusesANameTwiceInOneSaveAndChangesNothing) {
  ASSERT_TRUE(table_.store->begin());
  EXPECT_FALSE(table_.store->save({.stacks = {new_stack("a"), new_stack("a")}}));
  table_.store->rollback();
  EXPECT_FALSE(has(*table_.reader, "a"));
}

TEST_F(SqliteTableTest, KeepsTheLargerTokenOfANameThatWasRemovedTwice) {
  auto change = new_stack("a", 9);
  change.remove = true;
  ASSERT_EQ(*save_one(*table_.store, change), service::Saved::yes);
  change.next.fencing_token = 5;
  ASSERT_EQ(*save_one(*table_.store, change), service::Saved::yes);
  EXPECT_EQ(*table_.reader->retired_token(core::StackName("a")), 9);
}

TEST_F(SqliteTableTest, NoNewNameStartsBelowTheTokenFloor) {
  ASSERT_TRUE(table_.store->put_mark("fencing_token_floor", 1000));
  EXPECT_EQ(*table_.reader->retired_token(core::StackName("never-was")), 1000);
}

TEST_F(SqliteTableTest, APageOfARareStateLooksAtSoManyRowsOnlyAndSaysWhereToGoOn) {
  constexpr int stacks = 20'001;
  ASSERT_TRUE(table_.store->begin());
  for (int i = 0; i < stacks; ++i) {
    auto change = new_stack("stack-" + std::to_string(100'000 + i));
    if (i == stacks - 1) change.next.state = core::State::disabled;
    ASSERT_EQ(*save_one(*table_.store, change), service::Saved::yes);
  }
  ASSERT_TRUE(table_.store->commit());
  service::StackQuery query;
  query.state = core::State::disabled;
  auto page = table_.reader->list(query);
  EXPECT_TRUE(page->items.empty());
  ASSERT_TRUE(page->next_after);
  EXPECT_EQ(page->next_after->text(), "stack-119999");
  query.after = page->next_after;
  page = table_.reader->list(query);
  EXPECT_EQ(page->items.size(), 1U);
  EXPECT_FALSE(page->next_after);
}

// A read transaction between two pages would keep the WAL from being started over.
TEST_F(SqliteTableTest, AReaderHoldsNothingBetweenItsPages) {
  ASSERT_TRUE(commit_stacks(*table_.store, {"a", "b", "c"}));
  service::StackQuery query;
  query.limit = 1;
  ASSERT_TRUE(table_.reader->list(query));
  for (int i = 0; i < 3000; ++i) ASSERT_TRUE(table_.store->put_mark("m", i));
  EXPECT_LT(std::filesystem::file_size(folder_.file() + "-wal"), 6'000'000U);
}

TEST_F(SqliteTableTest, TakesNamesThatLookLikeSql) {
  const std::string name = "'; DROP TABLE stacks; --";
  ASSERT_TRUE(commit_stacks(*table_.store, {name}));
  EXPECT_TRUE(has(*table_.reader, name));
}

TEST_F(SqliteTableTest, FindsNothingUnderWhatCannotBeAName) {
  ASSERT_TRUE(commit_stacks(*table_.store, {"a"}));
  const std::string with_nul("a\0b", 3);
  for (const std::string& name :
       {std::string(), with_nul, std::string("\xff\xfe"), std::string(100'000, 'a')}) {
    EXPECT_FALSE(has(*table_.reader, name));
  }
}

}  // namespace
}  // namespace bddlock::tests
