// Opening a table. The order matters: the lock first, then a look at the file that changes nothing,
// then the WAL (wal.hpp), and only then SQLite, which on its way in rolls back or replays whatever
// it finds.
#include "stores/sqlite/open.hpp"

#include <filesystem>
#include <utility>

#include "stores/sqlite/files.hpp"
#include "stores/sqlite/schema.hpp"
#include "stores/sqlite/store.hpp"
#include "stores/sqlite/wal.hpp"

namespace bddlock::stores::sqlite {

namespace {

Outcome<void> build_empty(const Location& location) {
  auto database = Database::open(location.path, Access::create, location.vfs);
  if (!database) return std::unexpected(database.error());
  if (auto marked = mark_as_ours(*database); !marked) return marked;
  return migrate(*database);
}

// Built under another name and moved in whole: a crash leaves no file or all of it, and perhaps
// FILE.unfinished, which the next start replaces. `old` is an empty file or nothing.
OrSentence<void> create(const Location& location, FileKind old) {
  const std::string& path = location.path;
  const auto failed = [&](const auto& why) {
    return std::unexpected(sentence(path, "created", why));
  };
  const Location fresh{path + std::string(unfinished_suffix), location.vfs};
  remove_database(fresh.path);
  if (const auto error = make_file(fresh.path)) return failed(error);
  Scratch scratch(fresh.path);
  if (old == FileKind::empty) take_mode_from(path, fresh.path);
  if (const auto built = build_empty(fresh); !built) return failed(built.error());
  auto error = sync_file(fresh.path);
  if (!error) {
    error = old == FileKind::empty ? replace(fresh.path, path) : move_to_new_name(fresh.path, path);
  }
  if (error) return failed(error);
  scratch.release();
  if ((error = sync_folder(folder_of(path)))) return failed(error);
  return {};
}

// SQLite would replay changes of a file that is gone into the new one.
OrSentence<void> check_nothing_left_over(const std::string& path) {
  for (const char* suffix : change_suffixes) {
    if (!has_content(path + suffix)) continue;
    return std::unexpected("\"" + path + "\" is missing or empty, but \"" + path + suffix +
                           "\" holds changes of it: put the file back, or move the other aside");
  }
  return {};
}

// SQLite names the WAL after the path: under two names there would be two, and whoever serves the
// other name would overwrite what is committed here. The lock goes by the name as well.
OrSentence<void> check_has_one_name(const std::string& path) {
  std::error_code error;
  const auto names = std::filesystem::hard_link_count(path, error);
  if (error || names < 2) return {};
  return std::unexpected(
      "\"" + path + "\" has " + std::to_string(names) +
      " names (hard links): remove the others, or serve a copy. A restore that was "
      "interrupted leaves such a name, \"" +
      path + ".before-restore-TIME\": then run it again (bdd-lock restore)");
}

OrSentence<void> prepare_file(const Location& location) {
  const std::string& path = location.path;
  if (auto one = check_has_one_name(path); !one) return one;
  if (exists(path + std::string(restoring_suffix))) {
    return std::unexpected("a restore of \"" + path +
                           "\" was interrupted: run it again (bdd-lock restore)");
  }
  const auto [kind, error] = inspect(path, true);
  if (error) return std::unexpected(sentence(path, "opened", error));
  switch (kind) {
    case FileKind::not_a_database:
      return std::unexpected(sentence_not_a_database(path));
    case FileKind::other_database:
      return std::unexpected(sentence_not_ours(path));
    case FileKind::ours:
      return {};
    case FileKind::missing:
    case FileKind::empty:
      break;
  }
  if (auto clean = check_nothing_left_over(path); !clean) return clean;
  return create(location, kind);
}

// Brings the schema up to date and checks what can be checked in a few reads.
OrSentence<void> prepare_schema(const Location& location) {
  const auto failed = [&](const Fault& fault) {
    return std::unexpected(sentence(location.path, "opened", fault));
  };
  auto database = Database::open(location.path, Access::read_write, location.vfs);
  if (!database) return failed(database.error());
  const auto version = version_of(*database);
  if (!version) return failed(version.error());
  if (*version > schema_version()) {
    return std::unexpected(sentence_newer(location.path, *version));
  }
  if (auto migrated = migrate(*database); !migrated) return failed(migrated.error());
  auto checked = check_edges(*database);
  if (checked) return {};
  // Ours, and of this version, but without one of its tables.
  if (checked.error().kind == FaultKind::other) checked.error().kind = FaultKind::damaged;
  return failed(checked.error());
}

}  // namespace

OrSentence<SqliteTable> open_table(const std::string& path, OpenOptions options) {
  auto real = locate(path);
  if (!real) return std::unexpected(real.error());
  const Location location{std::move(*real), options.vfs};
  const auto failed = [&](const Fault& fault) {
    return std::unexpected(sentence(location.path, "opened", fault));
  };

  auto locked = lock(location.path);
  if (!locked) return std::unexpected(locked.error());
  auto held = std::make_shared<const LockFile>(std::move(*locked));
  if (auto ready = prepare_file(location); !ready) return std::unexpected(ready.error());
  if (auto durable = make_wal_durable(location); !durable) return failed(durable.error());
  if (auto ready = prepare_schema(location); !ready) return std::unexpected(ready.error());

  auto writing = connect_for_writing(location);
  if (!writing) return failed(writing.error());
  auto reading = connect_for_reading(location);
  if (!reading) return failed(reading.error());
  const std::shared_ptr<ReadConnection> shared = std::move(*reading);
  return SqliteTable{std::make_unique<SqliteStore>(location, std::move(*writing), shared, held),
                     std::make_unique<SqliteReader>(shared, held)};
}

}  // namespace bddlock::stores::sqlite

namespace bddlock::stores {

std::expected<SqliteTable, std::string> open_sqlite_table(const std::string& path) {
  return sqlite::open_table(path, {});
}

}  // namespace bddlock::stores
