// Files of schema 1, made by the very statements that the first release made them with.
#include "stores/sqlite/schema.hpp"
#include "unit/stores/sqlite/table_steps.hpp"

namespace bddlock::tests {
namespace {

using stores::sqlite::Access;
using stores::sqlite::Database;

constexpr const char* schema_1 = R"sql(
  CREATE TABLE stacks (
    stack_name    TEXT NOT NULL PRIMARY KEY,
    repo_name     TEXT NOT NULL,
    state         INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
    last_used     INTEGER NOT NULL,
    fencing_token INTEGER NOT NULL,
    version       INTEGER NOT NULL CHECK (version > 0)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX stacks_by_repo ON stacks (repo_name, stack_name);

  CREATE TABLE retired_tokens (
    stack_name    TEXT NOT NULL PRIMARY KEY,
    fencing_token INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE marks (
    key   TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = 0x62646C6B;
  PRAGMA user_version = 1;
)sql";

constexpr const char* rows_1 = R"sql(
  INSERT INTO stacks VALUES ('free', 'one', 1, 1000, 5, 3), ('freer', 'one', 1, 2000, 0, 1),
                            ('lent', 'one', 2, 3000, 9, 8), ('kept', 'two', 3, 4000, 1, 1),
                            ('off', 'two', 4, 5000, 2, 2), (char(228), 'two', 1, -6, 7, 1);
  INSERT INTO retired_tokens VALUES ('gone', 17);
  INSERT INTO marks VALUES ('swept_at', 123), ('fencing_token_floor', 4);
)sql";

class OldFile : public testing::Test {
 protected:
  void make_old(const std::string& file) {
    auto database = Database::open(file, Access::create);
    ASSERT_TRUE(database && database->run(schema_1) && database->run(rows_1));
    ASSERT_TRUE(database->run("PRAGMA journal_mode = WAL"));
  }
  static std::vector<std::string> free_of(service::StoreReader& from, const char* repo) {
    std::vector<std::string> names;
    const auto free = from.available(core::RepoName(repo), {}, 9);
    for (const core::Stack& stack : *free) names.push_back(stack.stack_name.text());
    return names;
  }

  TableFolder folder_;
  const std::string file_ = folder_.file();
};

TEST_F(OldFile, IsWhatTheFirstStepStillMakes) {
  auto database = Database::open(file_, Access::create);
  ASSERT_TRUE(database && database->run(schema_1));
  const std::string objects =
      "SELECT group_concat(replace(replace(sql, char(10), ''), ' ', '')) FROM sqlite_schema";
  const std::string old = *database->text(objects);
  auto now = Database::open(folder_.file("now.db"), Access::create);
  ASSERT_TRUE(now && stores::sqlite::migrate(*now, stores::sqlite::migrations().first(1)));
  EXPECT_EQ(*now->text(objects), old);
}

TEST_F(OldFile, KeepsAllThatItHolds) {
  make_old(file_);
  for (const bool again : {false, true}) {
    const auto table = open_or_fail(file_);
    core::Stack lent{.stack_name = core::StackName("lent"),
                     .repo_name = core::RepoName("one"),
                     .state = core::State::claimed,
                     .last_used = core::Instant(core::microseconds(3000)),
                     .fencing_token = 9,
                     .version = 8};
    EXPECT_EQ(found(*table.reader, "lent"), lent) << again;
    EXPECT_EQ(found(*table.store, "off")->state, core::State::disabled);
    EXPECT_EQ(found(*table.store, "\xc3\xa4")->last_used, core::Instant(core::microseconds(-6)));
    EXPECT_EQ(table.reader->list({})->items.size(), 6U);
    EXPECT_EQ(*table.reader->retired_token(core::StackName("gone")), 17);
    EXPECT_EQ(*table.reader->retired_token(core::StackName("never")), 4);
    EXPECT_EQ(**table.reader->mark("swept_at"), 123);
    for (service::StoreReader* side :
         {static_cast<service::StoreReader*>(table.store.get()), table.reader.get()}) {
      EXPECT_EQ(free_of(*side, "one"), (std::vector<std::string>{"freer", "free"}));
      EXPECT_EQ(side->repos({}, 9)->size(), 2U);
      const auto totals = side->totals(core::RepoName("two"));
      EXPECT_EQ(totals->stacks, 3);
      EXPECT_EQ(totals->available, 1);
      EXPECT_EQ(totals->claimed, 0);
      EXPECT_EQ(totals->held, 1);
      EXPECT_EQ(totals->disabled, 1);
      EXPECT_TRUE(side->due(core::Instant::max(), 9)->empty());
      EXPECT_TRUE(side->events({})->items.empty());
    }
  }
}

TEST_F(OldFile, HasStacksThatTakeAllThatNewOnesDo) {
  make_old(file_);
  auto table = open_or_fail(file_);
  core::Stack stack = *found(*table.store, "free");
  stack.state = core::State::claimed;
  stack.claim = core::Claim{.request_id = core::RequestId("r"),
                            .expires_at = core::Instant(core::microseconds(9))};
  stack.note = "x";
  const core::Event event{.stack_name = stack.stack_name, .repo_name = stack.repo_name};
  ASSERT_EQ(table.store->save({.stacks = {{.next = stack, .expected = 3}}, .events = {event}}),
            service::Saved::yes);
  core::Stack gone = new_stack("gone", 20).next;
  ASSERT_EQ(table.store->save({.stacks = {{.next = gone}}}), service::Saved::yes);
  stack.version = 4;
  EXPECT_EQ(found(*table.reader, "free"), stack);
  EXPECT_EQ(table.reader->totals(stack.repo_name)->claimed, 2);
  EXPECT_EQ(table.reader->events({.stack_name = stack.stack_name})->items.size(), 1U);
}

// A crash in the middle leaves the old file, whole.
TEST_F(OldFile, IsMigratedAllOrNothing) {
  make_old(file_);
  {
    auto database = Database::open(file_, Access::read_write);
    ASSERT_TRUE(database && database->run("CREATE TABLE repos (in_the_way)"));
    EXPECT_FALSE(stores::sqlite::migrate(*database));
    EXPECT_EQ(*stores::sqlite::version_of(*database), 1);
    EXPECT_EQ(*database->integer("SELECT count(*) FROM pragma_table_info('stacks')"), 6);
    EXPECT_EQ(*database->integer("SELECT count(*) FROM stacks"), 6);
    ASSERT_TRUE(database->run("DROP TABLE repos"));
  }
  EXPECT_TRUE(has(*open_or_fail(file_).reader, "free"));
}

TEST_F(OldFile, MayBeABackup) {
  const std::string backup = folder_.file("backup.db");
  make_old(backup);
  ASSERT_TRUE(stores::restore_sqlite_table(backup, file_));
  const auto table = open_or_fail(file_);
  EXPECT_EQ(found(*table.reader, "lent")->fencing_token, 1'000'009);
  EXPECT_EQ(*table.reader->retired_token(core::StackName("gone")), 1'000'017);
  EXPECT_EQ(table.reader->totals(core::RepoName("one"))->stacks, 3);
}

// A restore looks at the table that it replaces, which may be an old one too.
TEST_F(OldFile, MayBeReplacedByARestore) {
  make_old(file_);
  const std::string backup = folder_.file("backup.db");
  ASSERT_TRUE(stores::backup_sqlite_table(file_, backup));
  {
    auto old = Database::open(file_, Access::read_write);
    ASSERT_TRUE(old->run("UPDATE stacks SET fencing_token = 5000000 WHERE stack_name = 'lent'"));
  }
  ASSERT_TRUE(stores::restore_sqlite_table(backup, file_));
  EXPECT_EQ(found(*open_or_fail(file_).reader, "lent")->fencing_token, 5'000'000);
}

}  // namespace
}  // namespace bddlock::tests
