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

// IMMEDIATE takes the write lock before the first read of a batch: nobody else can write between
// our read and our save. With a deferred BEGIN somebody could, and the save would fail as a whole
// batch.
constexpr const char* begin_sql = "BEGIN IMMEDIATE";

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
  configure_library();
  auto files = std::make_unique<JoinedWrites>(location.vfs);
  auto database = open_with({location.path, files->name()}, Access::read_write, write_settings);
  if (!database) return std::unexpected(database.error());
  auto made = std::make_unique<WriteConnection>(std::move(files), std::move(*database));
  if (auto prepared = made->queries.prepare(made->database, &made->seen); !prepared) {
    return std::unexpected(prepared.error());
  }
  if (auto prepared = made->writer.prepare(); !prepared) return std::unexpected(prepared.error());
  const Preparation statements[] = {{&made->begin, begin_sql},
                                    {&made->commit, "COMMIT"},
                                    {&made->rollback, "ROLLBACK"},
                                    {&made->mark_recovery, mark_recovery_sql}};
  if (auto prepared = made->database.prepare_all(statements); !prepared) {
    return std::unexpected(prepared.error());
  }
  return made;
}

Outcome<std::unique_ptr<ReadConnection>> connect_for_reading(const Location& location) {
  auto database = open_with(location, Access::read_only, read_settings);
  if (!database) return std::unexpected(database.error());
  auto made = std::make_unique<ReadConnection>(std::move(*database));
  if (auto prepared = made->queries.prepare(made->database, nullptr); !prepared) {
    return std::unexpected(prepared.error());
  }
  // Joins the WAL's index now, not at the first read, and stays there: see recover() in store.cpp.
  if (auto joined = made->database.integer("SELECT count(*) FROM marks"); !joined) {
    return std::unexpected(joined.error());
  }
  return made;
}

}  // namespace bddlock::stores::sqlite
