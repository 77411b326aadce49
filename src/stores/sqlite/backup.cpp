// A copy of a table that another process may be serving. Nothing here opens the table's file but
// through SQLite: closing any other descriptor of it would drop SQLite's locks if this process
// serves it.
#include <utility>

#include "stores/sqlite/copy.hpp"
#include "stores/sqlite/files.hpp"
#include "stores/sqlite/locate.hpp"
#include "stores/sqlite/sqlite_store.hpp"

namespace bddlock::stores {

namespace {

using namespace sqlite;  // this file is that folder's, under its public name

std::string target_exists(const std::string& target) {
  return "\"" + target + "\" exists already; it was not touched: give a name that is free";
}

}  // namespace

std::expected<void, std::string> backup_sqlite_table(const std::string& path,
                                                     const std::string& target) {
  const auto from = locate(path);
  if (!from) return std::unexpected(from.error());
  if (!exists(*from)) return std::unexpected("there is no file \"" + path + "\" to back up");
  if (exists(target)) return std::unexpected(target_exists(target));
  const auto to = locate(target);
  if (!to) return std::unexpected(to.error());

  std::string name;
  if (const auto error = make_unique_file(*to + ".partial-", name)) {
    return std::unexpected(sentence(*to, "created", error));
  }
  Scratch scratch(name);
  auto copied = copy_table(*from, name);
  if (!copied) return std::unexpected(copied.error());
  if (auto whole = finish_copy(std::move(*copied), *from, name); !whole) return whole;

  auto error = sync_file(name);
  if (!error) error = move_to_new_name(name, *to);
  if (error == std::errc::file_exists) return std::unexpected(target_exists(target));
  if (error) return std::unexpected(sentence(*to, "created", error));
  scratch.release();
  if ((error = sync_folder(folder_of(*to))))
    return std::unexpected(sentence(*to, "created", error));
  return {};
}

}  // namespace bddlock::stores
