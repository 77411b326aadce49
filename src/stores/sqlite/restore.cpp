// Putting a back-up in the place of a table. What a crash leaves, by the last step that was done:
//
// 1. The new table is built as FILE.unfinished: FILE is as it was; the next restore replaces it.
// 2. FILE and FILE-wal have second names, OLD, OLD-wal: no server starts (open.cpp refuses a file
//    of two names); restore again, or remove OLD and OLD-wal, which are no back-up but FILE.
// 3. The new table is renamed to FILE.restoring: no server starts; restore again.
// 4. FILE-wal and FILE-shm are removed: no server starts; restore again; OLD is whole.
// 5. FILE.restoring is renamed to FILE: all done.
//
// Each step is on the disk before the next: the new FILE must never meet the old FILE-wal, which
// SQLite would replay into it, nor the old FILE be served without its FILE-wal, which may hold
// acknowledged changes.
#include <chrono>
#include <ctime>
#include <utility>

#include "stores/sqlite/copy.hpp"
#include "stores/sqlite/files.hpp"
#include "stores/sqlite/locate.hpp"
#include "stores/sqlite/schema.hpp"
#include "stores/sqlite/sqlite_store.hpp"
#include "stores/sqlite/tokens.hpp"

namespace bddlock::stores {

namespace {

using namespace sqlite;  // this file is that folder's, under its public name

OrSentence<void> build(const std::string& source, const std::string& name,
                       const std::string& path) {
  auto copy = copy_table(source, name);
  if (!copy) return std::unexpected(copy.error());
  if (auto migrated = migrate(*copy); !migrated) {
    return std::unexpected(sentence(source, "restored", migrated.error()));
  }
  if (auto raised = raise_tokens(*copy, source, path); !raised) return raised;
  return finish_copy(std::move(*copy), source, name);
}

// Whether there is anything to keep; changes of a file that is gone are kept too.
bool stands(const std::string& path) {
  bool there = exists(path);
  for (const char* suffix : change_suffixes) there = there || has_content(path + suffix);
  return there;
}

// A name in the folder for the old table: FILE.before-restore-20200131T235959Z, with -2 and so on
// if taken.
std::string free_name_for_old(const std::string& path) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char stamp[sizeof "20200131T235959Z"];
  std::strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc);
  const std::string base = path + ".before-restore-" + stamp;
  std::string name = base;
  for (int n = 2; exists(name) || exists(name + "-wal") || exists(name + "-journal"); ++n) {
    name = base + "-" + std::to_string(n);
  }
  return name;
}

std::error_code keep_old(const std::string& path, const std::string& old) {
  auto error = keep_under(path, old);
  for (const char* suffix : change_suffixes) {
    if (!error) error = keep_under(path + suffix, old + suffix);
  }
  return error ? error : sync_folder(folder_of(path));
}

// Steps 3 to 5. `name` is the new table.
std::error_code put_in_place(const std::string& name, const std::string& path) {
  const std::string folder = folder_of(path);
  const std::string announced = path + std::string(restoring_suffix);
  auto error = replace(name, announced);
  if (!error) error = sync_folder(folder);
  for (const char* suffix : {"-wal", "-journal", "-shm"}) {
    if (!error) error = remove_if_there(path + suffix);
  }
  if (!error) error = sync_folder(folder);
  if (!error) error = replace(announced, path);
  return error ? error : sync_folder(folder);
}

}  // namespace

std::expected<std::string, std::string> restore_sqlite_table(const std::string& source,
                                                             const std::string& path) {
  const auto from = locate(source);
  if (!from) return std::unexpected(from.error());
  const auto to = locate(path);
  if (!to) return std::unexpected(to.error());
  if (!exists(*from)) return std::unexpected("there is no back-up \"" + source + "\"");
  if (is_same_file(*from, *to)) {
    return std::unexpected("\"" + source + "\" is the table itself: give a back-up of it");
  }
  const auto held = lock(*to);
  if (!held) return std::unexpected(held.error());

  const std::string name = *to + std::string(unfinished_suffix);
  remove_database(name);
  if (const auto error = make_file(name)) {
    return std::unexpected(sentence(*to, "restored", error));
  }
  Scratch scratch(name);
  if (auto built = build(*from, name, *to); !built) return std::unexpected(built.error());
  take_mode_from(*to, name);
  if (const auto error = sync_file(name)) {
    return std::unexpected(sentence(*to, "restored", error));
  }

  const std::string old = stands(*to) ? free_name_for_old(*to) : std::string();
  auto error = old.empty() ? std::error_code() : keep_old(*to, old);
  if (!error) error = put_in_place(name, *to);
  if (error) return std::unexpected(sentence(*to, "restored", error));
  scratch.release();
  return old;
}

}  // namespace bddlock::stores
