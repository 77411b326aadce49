#include "stores/sqlite/copy.hpp"

#include <utility>

#include "stores/sqlite/schema.hpp"

namespace bddlock::stores::sqlite {

namespace {

constexpr const char* busy_settings = "PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF";

// Read-only where that is possible. It is not if nobody serves the table and this user may not
// create the WAL's index beside it.
Outcome<Database> open_source(const std::string& path) {
  auto database = Database::open(path, Access::read_only);
  if (!database) return database;
  if (auto set = database->run(busy_settings); !set) return std::unexpected(set.error());
  return database;
}

OrSentence<void> check_source(Database& source, const std::string& path) {
  const auto ours = is_ours(source);
  if (!ours) return std::unexpected(sentence(path, "read", ours.error()));
  if (!*ours) return std::unexpected(sentence_not_ours(path));
  const auto version = version_of(source);
  if (!version) return std::unexpected(sentence(path, "read", version.error()));
  if (*version > schema_version()) return std::unexpected(sentence_newer(path, *version));
  return {};
}

}  // namespace

OrSentence<Database> copy_table(const std::string& source, const std::string& target) {
  auto from = open_source(source);
  if (!from) return std::unexpected(sentence(source, "read", from.error()));
  if (auto checked = check_source(*from, source); !checked) {
    return std::unexpected(checked.error());
  }
  auto copy = Database::open(target, Access::read_write);
  if (!copy) return std::unexpected(sentence(target, "written", copy.error()));
  if (auto copied = copy->copy_from(*from); !copied) {
    return std::unexpected(sentence(target, "written", copied.error()));
  }
  // The copy says of itself that it has a WAL, as its source does; a single file is easier to
  // carry.
  if (auto mode = copy->run("PRAGMA journal_mode = DELETE"); !mode) {
    return std::unexpected(sentence(target, "written", mode.error()));
  }
  return std::move(*copy);
}

OrSentence<void> finish_copy(Database copy, const std::string& source, const std::string& target) {
  const auto intact = is_intact(copy);
  if (!intact && intact.error().kind != FaultKind::damaged) {
    return std::unexpected(sentence(target, "read", intact.error()));
  }
  if (intact && *intact) return {};
  return std::unexpected(
      sentence(source, "copied", Fault{FaultKind::damaged, "its integrity check failed"}));
}

}  // namespace bddlock::stores::sqlite
