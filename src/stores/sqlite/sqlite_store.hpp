// The table in one SQLite file (WAL, synchronous=FULL): durable when commit() returns, over kill -9
// and power loss. A lock file beside it (FILE.lock) keeps a second server off; reading the file
// with other programs while it is served is allowed, writing is not. docs/operations.md says what
// to back up and how.
//
// Threads: the store belongs to one thread at a time, the reader to any; they have separate
// connections, so that a long list never stalls a change.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "service/store.hpp"

namespace bddlock::stores {

struct SqliteTable {
  std::unique_ptr<service::Store> store;
  std::unique_ptr<service::StoreReader> reader;
};

// Opens or creates the file and brings its schema up to date. The error is a sentence for the
// person who starts the server: what is wrong (held by another server, from a newer version, not a
// database, not ours, damaged, read-only, no such folder), and what to do.
[[nodiscard]] std::expected<SqliteTable, std::string> open_sqlite_table(const std::string& path);

// Copies the table at `path` to `target`, which must not exist, by SQLite's online back-up; a
// server may go on serving meanwhile. The copy is checked (PRAGMA integrity_check) and synced
// before this returns.
[[nodiscard]] std::expected<void, std::string> backup_sqlite_table(const std::string& path,
                                                                   const std::string& target);

// Puts the back-up at `source` in the place of the table at `path`: no server may hold it. Each
// fencing token is raised by 1,000,000, so that none that was granted after the back-up is granted
// again (invariant 3). What stood at `path` is kept beside it; the name it got is returned (empty:
// nothing stood there).
[[nodiscard]] std::expected<std::string, std::string> restore_sqlite_table(
    const std::string& source, const std::string& path);

}  // namespace bddlock::stores
