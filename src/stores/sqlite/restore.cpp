// Putting a back-up in the place of a table. What a crash leaves, by the last step that was done:
//
//   1 the new table is built as FILE.unfinished           FILE is as it was; the next restore replaces the rest
//   2 FILE and FILE-wal have second names, OLD, OLD-wal   FILE is as it was, and served as if nothing happened;
//                                                         OLD is then no back-up: it is FILE
//   3 the new table is renamed to FILE.restoring          no server starts; restore again
//   4 FILE-wal and FILE-shm are removed                   no server starts; restore again; OLD is whole
//   5 FILE.restoring is renamed to FILE                   all done
//
// Each step is on the disk before the next: the new FILE must never meet the old FILE-wal, which SQLite would
// replay into it, nor the old FILE be served without its FILE-wal, which may hold acknowledged changes.
#include <chrono>
#include <ctime>
#include <limits>
#include <optional>
#include <utility>

#include "stores/sqlite/copy.hpp"
#include "stores/sqlite/files.hpp"
#include "stores/sqlite/locate.hpp"
#include "stores/sqlite/queries.hpp"
#include "stores/sqlite/schema.hpp"
#include "stores/sqlite/sqlite_store.hpp"

namespace bddlock::stores {

namespace {

using namespace sqlite;  // this file is that folder's, under its public name

// DESIGN section 3: more grants than any stack gets between a back-up and its restore.
constexpr std::int64_t token_raise = 1'000'000;

// A token that cannot be raised would be granted again; there is none such but by a forged import.
constexpr const char* highest_token_sql = R"sql(
  SELECT max(coalesce((SELECT max(fencing_token) FROM stacks), 0),
             coalesce((SELECT max(fencing_token) FROM retired_tokens), 0),
             coalesce((SELECT value FROM marks WHERE key = 'fencing_token_floor'), 0))
)sql";

// The floor is for names that were created after the back-up and are unknown in it: their tokens began at the
// floor of that time, so they stay below it raised.
std::string raise_sql() {
  const std::string by = std::to_string(token_raise);
  return "UPDATE stacks SET fencing_token = fencing_token + " + by +
         ", version = version + 1;"
         "UPDATE retired_tokens SET fencing_token = fencing_token + " + by +
         ";INSERT INTO marks (key, value) VALUES ('" + std::string(token_floor_key) + "', " + by +
         ") ON CONFLICT DO UPDATE SET value = value + " + by;
}

// What the old table knows, if it can be read, is exact, and may be above the raised tokens: when one back-up
// is restored twice, the grants between the two are in the old table only.
constexpr const char* old_tokens_sql =
    "SELECT stack_name, fencing_token FROM stacks "
    "UNION ALL SELECT stack_name, fencing_token FROM retired_tokens";
constexpr const char* old_floor_sql =
    "SELECT value FROM marks WHERE key = 'fencing_token_floor'";
constexpr const char* lift_token_sql =
    "UPDATE stacks SET fencing_token = max(fencing_token, ?2) WHERE stack_name = ?1";
constexpr const char* lift_retired_sql =
    "INSERT INTO retired_tokens (stack_name, fencing_token) VALUES (?1, ?2) "
    "ON CONFLICT DO UPDATE SET fencing_token = max(fencing_token, excluded.fencing_token)";
constexpr const char* lift_floor_sql = "UPDATE marks SET value = max(value, ?2) WHERE key = ?1";

Outcome<void> run_with(Statement& statement, std::string_view key, std::int64_t value) {
  const ResetAtEnd reset(statement);
  const auto ran = statement.bind(1, key).bind(2, value).step();
  if (!ran) return std::unexpected(ran.error());
  return {};
}

// Faults of the old table end the reading and are no error: it may well be damaged, that is why one restores.
Outcome<void> take_over_tokens(Database& old, Database& copy) {
  Statement lift_token;
  Statement lift_retired;
  Statement lift_floor;
  const Preparation statements[] = {{&lift_token, lift_token_sql},
                                    {&lift_retired, lift_retired_sql},
                                    {&lift_floor, lift_floor_sql}};
  if (auto prepared = copy.prepare_all(statements); !prepared) return prepared;
  if (const auto floor = old.integer(old_floor_sql)) {
    if (auto lifted = run_with(lift_floor, token_floor_key, *floor); !lifted) return lifted;
  }
  auto rows = old.prepare(old_tokens_sql);
  if (!rows) return {};
  for (;;) {
    const auto row = rows->step();
    if (!row || !*row) return {};
    auto lifted = run_with(lift_token, rows->text(0), rows->integer(1));
    if (lifted && copy.changes() == 0) {
      lifted = run_with(lift_retired, rows->text(0), rows->integer(1));
    }
    if (!lifted) return lifted;
  }
}

Outcome<void> raise_all(Database& copy, const std::string& path) {
  if (auto begun = copy.run("BEGIN IMMEDIATE"); !begun) return begun;
  if (auto raised = copy.run(raise_sql()); !raised) return raised;
  auto old = Database::open(path, Access::read_only);
  const auto ours = old ? is_ours(*old) : Outcome<bool>(false);
  if (ours && *ours) {
    if (auto taken = take_over_tokens(*old, copy); !taken) return taken;
  }
  return copy.run("COMMIT");
}

OrSentence<void> raise_tokens(Database& copy, const std::string& source, const std::string& path) {
  const auto highest = copy.integer(highest_token_sql);
  if (!highest) return std::unexpected(sentence(source, "restored", highest.error()));
  if (*highest > std::numeric_limits<std::int64_t>::max() - token_raise) {
    return std::unexpected("\"" + source +
                           "\" holds a fencing token that is too large to be raised by 1,000,000");
  }
  if (auto raised = raise_all(copy, path); !raised) {
    return std::unexpected(sentence(path, "restored", raised.error()));
  }
  return {};
}

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

// A name in the folder for the old table: FILE.before-restore-20200131T235959Z, with -2 and so on if taken.
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
