#include "stores/sqlite/schema.hpp"

#include <array>

#include "unit/stores/sqlite/table_steps.hpp"

namespace bddlock::tests {
namespace {

using stores::sqlite::Access;
using stores::sqlite::Database;
using stores::sqlite::migrate;
using stores::sqlite::version_of;

class Schema : public testing::Test {
 protected:
  TableFolder folder_;
  Database database_ = std::move(*Database::open(folder_.file(), Access::create));
};

TEST_F(Schema, ComesFromNothing) {
  ASSERT_TRUE(migrate(database_));
  EXPECT_EQ(*version_of(database_), stores::sqlite::schema_version());
  EXPECT_TRUE(stores::sqlite::check_edges(database_));
}

TEST_F(Schema, TakesOnlyTheStepsThatAreMissing) {
  constexpr std::array old_steps{"CREATE TABLE one (x)"};
  constexpr std::array new_steps{"CREATE TABLE one (x)", "ALTER TABLE one ADD COLUMN y",
                                 "CREATE TABLE two (x)"};
  ASSERT_TRUE(migrate(database_, old_steps));
  ASSERT_TRUE(database_.run("INSERT INTO one VALUES (7)"));
  ASSERT_TRUE(migrate(database_, new_steps));
  EXPECT_EQ(*version_of(database_), 3);
  EXPECT_EQ(*database_.integer("SELECT x FROM one WHERE y IS NULL"), 7);
  EXPECT_TRUE(migrate(database_, new_steps));
}

TEST_F(Schema, StaysAtTheLastStepThatWentWell) {
  constexpr std::array steps{"CREATE TABLE one (x)", "CREATE TABLE two (x); CREATE TABLE one (x)"};
  EXPECT_FALSE(migrate(database_, steps));
  EXPECT_EQ(*version_of(database_), 1);
  EXPECT_FALSE(database_.in_transaction());
  EXPECT_EQ(*database_.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'two'"), 0);
}

TEST_F(Schema, LeavesANewerFileAlone) {
  ASSERT_TRUE(database_.run("PRAGMA user_version = 99"));
  ASSERT_TRUE(migrate(database_));
  EXPECT_EQ(*version_of(database_), 99);
  EXPECT_EQ(*database_.integer("SELECT count(*) FROM sqlite_schema"), 0);
}

// Ours by its id, but of a version before the first: a table that an older program made.
TEST(Migration, BringsAnOlderFileUpToDate) {
  const TableFolder folder;
  {
    auto database = Database::open(folder.file(), Access::create);
    ASSERT_TRUE(database && stores::sqlite::mark_as_ours(*database));
    ASSERT_TRUE(database->run("CREATE TABLE left_from_before (x)"));
  }
  auto table = open_or_fail(folder.file());
  EXPECT_TRUE(commit_stacks(*table.store, {"a"}));
  EXPECT_TRUE(has(*table.reader, "a"));
}

TEST_F(Schema, TakesNoStateThatIsNone) {
  ASSERT_TRUE(migrate(database_));
  const std::string insert =
      "INSERT INTO stacks (stack_name, repo_name, state, last_used, fencing_token, version) "
      "VALUES ";
  EXPECT_TRUE(database_.run(insert + "('a', 'r', 4, 0, 0, 1)"));
  EXPECT_FALSE(database_.run(insert + "('b', 'r', 5, 0, 0, 1)"));
  EXPECT_FALSE(database_.run(insert + "('c', 'r', 0, 0, 0, 1)"));
  EXPECT_FALSE(database_.run(insert + "('d', 'r', 'x', 0, 0, 1)"));
}

// A claim changes a row and an entry of what ends: a further index would cost each claim a page.
TEST_F(Schema, HasNoIndexOverWhatAClaimChangesButItsEnd) {
  ASSERT_TRUE(migrate(database_));
  EXPECT_EQ(*database_.integer("SELECT count(*) FROM pragma_index_list('stacks') l, "
                               "pragma_index_xinfo(l.name) c WHERE l.origin = 'c' AND c.name IN "
                               "('state', 'last_used', 'fencing_token', 'version', 'last_event', "
                               "'claim', 'details')"),
            0);
  EXPECT_EQ(*database_.text("SELECT group_concat(name) FROM (SELECT name FROM "
                            "pragma_index_list('stacks') WHERE origin = 'c' ORDER BY name)"),
            "stacks_by_repo,stacks_due");
  EXPECT_EQ(*database_.integer("SELECT count(*) FROM pragma_index_list('events')"), 0)
      << "with a second index the history costs a quarter of the speed";
}

}  // namespace
}  // namespace bddlock::tests
