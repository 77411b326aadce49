#include "stores/sqlite/database.hpp"

#include <sqlite3.h>

#include <mutex>
#include <utility>

namespace bddlock::stores::sqlite {

namespace {

constexpr int lookaside_bytes = 1024;
constexpr int lookaside_count = 256;
constexpr int backup_pages_a_step = 1024;
constexpr int backup_tries_max = 100;
constexpr int backup_pause_ms = 50;

int open_flags(Access access) {
  switch (access) {
    case Access::read_only:
      return SQLITE_OPEN_READONLY;
    case Access::read_write:
      return SQLITE_OPEN_READWRITE;
    case Access::create:
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }
  return 0;
}

}  // namespace

void configure_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    // Its memory statistics take one lock at each allocation, which both lanes would share.
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
  });
}

void Database::Close::operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }

Fault Database::fault(int code) const { return describe(handle_.get(), code); }

Outcome<Database> Database::open(const std::string& path, Access access, const char* vfs) {
  configure_library();
  sqlite3* handle = nullptr;
  // NOMUTEX: a connection is never used by two threads at once here, so its own locks would be
  // idle.
  const int flags = open_flags(access) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, vfs);
  Database database(handle);
  if (code != SQLITE_OK) return std::unexpected(database.fault(code));
  // Small pieces of memory that each run of a statement asks for and gives back: from a list of the
  // connection's own, which costs a third of malloc().
  sqlite3_db_config(handle, SQLITE_DBCONFIG_LOOKASIDE, nullptr, lookaside_bytes, lookaside_count);
  return database;
}

Outcome<void> Database::run(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(fault(code));
  return {};
}

Outcome<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return std::unexpected(fault(code));
  return Statement(statement);
}

Outcome<void> Database::prepare_all(std::span<const Preparation> statements) {
  for (const auto& [into, sql] : statements) {
    auto prepared = prepare(sql);
    if (!prepared) return std::unexpected(prepared.error());
    *into = std::move(*prepared);
  }
  return {};
}

Outcome<std::int64_t> Database::integer(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  return *row ? statement->integer(0) : 0;
}

Outcome<std::string> Database::text(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  return *row ? std::string(statement->text(0)) : std::string();
}

Outcome<void> Database::copy_from(Database& source) {
  // The open transaction pins the snapshot. Without it SQLite starts the copy over whenever the
  // source changed between two steps, and under a busy server never ends.
  if (auto begun = source.run("BEGIN; SELECT count(*) FROM sqlite_schema"); !begun) return begun;
  sqlite3_backup* backup = sqlite3_backup_init(handle_.get(), "main", source.handle_.get(), "main");
  int code = backup == nullptr ? sqlite3_extended_errcode(handle_.get()) : SQLITE_OK;
  for (int tries = 0; code == SQLITE_OK && tries < backup_tries_max;) {
    code = sqlite3_backup_step(backup, backup_pages_a_step);
    if (code != SQLITE_BUSY && code != SQLITE_LOCKED) continue;
    sqlite3_sleep(backup_pause_ms);
    if (++tries < backup_tries_max) code = SQLITE_OK;
  }
  const int finished = sqlite3_backup_finish(backup);
  const Outcome<void> ended = source.run("COMMIT");
  if (code != SQLITE_DONE) return std::unexpected(fault(finished != SQLITE_OK ? finished : code));
  return ended;
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

std::int64_t Database::changes() const { return sqlite3_changes64(handle_.get()); }

bool Database::file_was_moved() const {
  int moved = 0;
  const int code = sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return code == SQLITE_OK && moved != 0;
}

}  // namespace bddlock::stores::sqlite
