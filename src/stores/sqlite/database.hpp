// One connection to a SQLite file. This header and statement.hpp hide sqlite3.h from the rest of
// the folder.
//
// Threads: a connection and its statements belong to one thread at a time; they lock nothing
// themselves.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "stores/sqlite/statement.hpp"

struct sqlite3;

namespace bddlock::stores::sqlite {

enum class Access { read_only, read_write, create };

// A statement to prepare, and where it goes.
struct Preparation {
  Statement* into;
  const char* sql;
};

// Settings of SQLite's library, before its first use; every further call does nothing.
void configure_library();

class Database {
 public:
  // `vfs` names the layer between SQLite and the files; null: the system's. Nothing is read yet: a
  // file that is no database is found out by the first statement.
  [[nodiscard]] static Outcome<Database> open(const std::string& path, Access access,
                                              const char* vfs = nullptr);

  // Runs statements that give no rows, or whose rows do not matter.
  [[nodiscard]] Outcome<void> run(const std::string& sql);
  [[nodiscard]] Outcome<Statement> prepare(std::string_view sql);
  [[nodiscard]] Outcome<void> prepare_all(std::span<const Preparation> statements);
  // The first column of the first row; 0 if there is none.
  [[nodiscard]] Outcome<std::int64_t> integer(std::string_view sql);
  [[nodiscard]] Outcome<std::string> text(std::string_view sql);

  // Puts a copy of all of `source` in the place of what is here, from one snapshot: a server that
  // writes to the source meanwhile neither waits nor makes the copy start over.
  [[nodiscard]] Outcome<void> copy_from(Database& source);

  [[nodiscard]] bool in_transaction() const;
  // Rows that the last INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changes() const;
  // Whether the file at the path is no longer the one that was opened: deleted, or another in its
  // place.
  [[nodiscard]] bool file_was_moved() const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const noexcept;
  };
  explicit Database(sqlite3* handle) : handle_(handle) {}
  [[nodiscard]] Fault fault(int code) const;

  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace bddlock::stores::sqlite
