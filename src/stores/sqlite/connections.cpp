#include "stores/sqlite/connections.hpp"

#include <utility>

namespace bddlock::stores::sqlite {

namespace {

// FULL: one fsync of the WAL at each commit, before it is acknowledged. The cache is filled as
// needed, so an idle server does not pay for it. The WAL is shortened again after a long reader
// made it grow.
constexpr const char* write_settings = R"sql(
  PRAGMA busy_timeout = 250;
  PRAGMA trusted_schema = OFF;
  PRAGMA cell_size_check = ON;
  PRAGMA foreign_keys = ON;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -8000;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 1000;
  PRAGMA journal_size_limit = 16777216;
)sql";

constexpr const char* read_settings = R"sql(
  PRAGMA busy_timeout = 250;
  PRAGMA trusted_schema = OFF;
  PRAGMA cell_size_check = ON;
  PRAGMA query_only = ON;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -2000;
)sql";

// IMMEDIATE takes the write lock before the first read of a batch. With a deferred BEGIN somebody
// else could write between our read and our save, and the save would fail as a whole batch.
constexpr const char* begin_sql = "BEGIN IMMEDIATE";

// The race that a save closes: another writer changed the record after it was read. The version
// says so, and the number of changed rows (1 or 0) is the answer. `repo_name` is compared, not set:
// setting it, even to what it was, would rewrite an index entry at each claim.
constexpr const char* update_sql =
    "UPDATE stacks SET state = ?4, last_used = ?5, fencing_token = ?6, version = ?2 + 1 "
    "WHERE stack_name = ?1 AND version = ?2 AND repo_name = ?3";
// For the rest: an import that moves a stack to another repo; or the version moved, and nothing
// changes.
constexpr const char* update_with_repo_sql =
    "UPDATE stacks SET repo_name = ?3, state = ?4, last_used = ?5, fencing_token = ?6, "
    "version = ?2 + 1 WHERE stack_name = ?1 AND version = ?2";

// The race: two creates of one name. The primary key lets one through; the other changes no row.
constexpr const char* insert_sql =
    "INSERT INTO stacks (stack_name, version, repo_name, state, last_used, fencing_token) "
    "VALUES (?1, ?2 + 1, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";

// The race: a claim between the look at a free stack and its removal. The version moved, so it
// stays.
constexpr const char* remove_sql = "DELETE FROM stacks WHERE stack_name = ?1 AND version = ?2";

// The last token of a removed name never falls (invariant 3), in whatever order removals arrive.
constexpr const char* retire_sql =
    "INSERT INTO retired_tokens (stack_name, fencing_token) VALUES (?1, ?2) "
    "ON CONFLICT DO UPDATE SET fencing_token = max(fencing_token, excluded.fencing_token)";

constexpr const char* put_mark_sql =
    "INSERT INTO marks (key, value) VALUES (?1, ?2) "
    "ON CONFLICT DO UPDATE SET value = excluded.value";

// Always another value, so that the commit always writes a page.
constexpr const char* mark_recovery_sql =
    "INSERT INTO marks (key, value) VALUES (?1, 1) ON CONFLICT DO UPDATE SET value = value + 1";

Outcome<Database> open_with(const Location& location, Access access, const char* settings) {
  auto database = Database::open(location.path, access, location.vfs);
  if (!database) return database;
  if (auto set = database->run(settings); !set) return std::unexpected(set.error());
  return database;
}

}  // namespace

Outcome<std::unique_ptr<WriteConnection>> connect_for_writing(const Location& location) {
  auto database = open_with(location, Access::read_write, write_settings);
  if (!database) return std::unexpected(database.error());
  auto queries = Queries::prepare(*database);
  if (!queries) return std::unexpected(queries.error());
  auto made = std::make_unique<WriteConnection>(std::move(*database), std::move(*queries));
  const Preparation statements[] = {{&made->begin, begin_sql},
                                    {&made->commit, "COMMIT"},
                                    {&made->rollback, "ROLLBACK"},
                                    {&made->update, update_sql},
                                    {&made->update_with_repo, update_with_repo_sql},
                                    {&made->insert, insert_sql},
                                    {&made->remove, remove_sql},
                                    {&made->retire, retire_sql},
                                    {&made->put_mark, put_mark_sql},
                                    {&made->mark_recovery, mark_recovery_sql}};
  if (auto prepared = made->database.prepare_all(statements); !prepared) {
    return std::unexpected(prepared.error());
  }
  return made;
}

Outcome<std::unique_ptr<ReadConnection>> connect_for_reading(const Location& location) {
  auto database = open_with(location, Access::read_only, read_settings);
  if (!database) return std::unexpected(database.error());
  auto queries = Queries::prepare(*database);
  if (!queries) return std::unexpected(queries.error());
  // Joins the WAL's index now, not at the first read, and stays there: see recover() in store.cpp.
  if (auto joined = database->integer("SELECT count(*) FROM marks"); !joined) {
    return std::unexpected(joined.error());
  }
  return std::make_unique<ReadConnection>(std::move(*database), std::move(*queries));
}

}  // namespace bddlock::stores::sqlite
