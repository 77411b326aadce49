// open_sqlite_table with what only tests set.
#pragma once

#include "stores/sqlite/locate.hpp"
#include "stores/sqlite/sqlite_store.hpp"

namespace bddlock::stores::sqlite {

struct OpenOptions {
  const char* vfs = nullptr;  // the name of a registered SQLite VFS; null: the system's files
};

[[nodiscard]] OrSentence<SqliteTable> open_table(const std::string& path, OpenOptions options);

}  // namespace bddlock::stores::sqlite
