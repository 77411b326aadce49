// The tables, and how a file gets from any older version of them to this one.
#pragma once

#include <cstdint>
#include <span>

#include "stores/sqlite/database.hpp"

namespace bddlock::stores::sqlite {

// "bdlk". SQLite keeps it at offset 68 of the file: it tells our files from other programs'
// databases.
inline constexpr std::uint32_t application_id = 0x62646C6B;

// migrations()[n] is the SQL that makes version n + 1 from version n. PRAGMA user_version is the
// version of a file; 0: it has no tables yet. A migration that was released is never edited; a new
// one is added.
[[nodiscard]] std::span<const char* const> migrations();

[[nodiscard]] inline std::int64_t schema_version() {
  return static_cast<std::int64_t>(migrations().size());
}

[[nodiscard]] Outcome<std::int64_t> version_of(Database& database);

// Runs the migrations that the file lacks, each in a transaction of its own: a crash leaves the
// file at one version or the next. Does nothing to a file that is newer than the list.
[[nodiscard]] Outcome<void> migrate(Database& database,
                                    std::span<const char* const> steps = migrations());

// Makes an empty file ours, without tables: migrate() brings them.
[[nodiscard]] Outcome<void> mark_as_ours(Database& database);
[[nodiscard]] Outcome<bool> is_ours(Database& database);

// Reads the way from the root to both ends of each tree: finds a file that was cut short, lost its
// tables or whose upper pages are damaged, in a few page reads. The whole file is read by
// is_intact() only.
[[nodiscard]] Outcome<void> check_edges(Database& database);

// PRAGMA integrity_check: reads the whole file. False: damaged.
[[nodiscard]] Outcome<bool> is_intact(Database& database);

}  // namespace bddlock::stores::sqlite
