// The two connections to a table: settings and prepared statements. docs/decisions/0003 has the
// measurements behind each setting.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "stores/sqlite/joined_writes.hpp"
#include "stores/sqlite/queries.hpp"
#include "stores/sqlite/writer.hpp"

namespace bddlock::stores::sqlite {

// Where the table is, and through what SQLite reaches it (null: the system's files).
struct Location {
  std::string path;  // absolute
  const char* vfs = nullptr;
};

struct WriteConnection {
  WriteConnection(std::unique_ptr<JoinedWrites> its_files, Database with)
      : files(std::move(its_files)), database(std::move(with)) {}

  std::unique_ptr<JoinedWrites> files;  // before the database: it goes after it
  Database database;
  SeenRequest seen{};
  Queries queries{};
  Writer writer{database, queries, seen};
  Statement begin{};
  Statement commit{};
  Statement rollback{};
  Statement mark_recovery{};
};

struct ReadConnection {
  explicit ReadConnection(Database with) : database(std::move(with)) {}

  Database database;
  Queries queries{};
};

// The file must be one of ours, at this version of the schema.
[[nodiscard]] Outcome<std::unique_ptr<WriteConnection>> connect_for_writing(
    const Location& location);
[[nodiscard]] Outcome<std::unique_ptr<ReadConnection>> connect_for_reading(
    const Location& location);

}  // namespace bddlock::stores::sqlite
