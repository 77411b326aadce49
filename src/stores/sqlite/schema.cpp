#include "stores/sqlite/schema.hpp"

#include <array>
#include <string>

namespace bddlock::stores::sqlite {

namespace {

// Version 1. Names are compared byte by byte (BINARY). The index leaves `state` out on purpose: so
// a claim changes one row of one tree and no index; who lists by repo and state reads the repo's
// rows. `last_used` is in microseconds since 1970, UTC; `state` is core::State.
constexpr const char* version_1 = R"sql(
  CREATE TABLE stacks (
    stack_name    TEXT NOT NULL PRIMARY KEY,
    repo_name     TEXT NOT NULL,
    state         INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
    last_used     INTEGER NOT NULL,
    fencing_token INTEGER NOT NULL,
    version       INTEGER NOT NULL CHECK (version > 0)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX stacks_by_repo ON stacks (repo_name, stack_name);

  CREATE TABLE retired_tokens (
    stack_name    TEXT NOT NULL PRIMARY KEY,
    fencing_token INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE marks (
    key   TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
)sql";

constexpr std::array steps_of_this_version{version_1};

}  // namespace

std::span<const char* const> migrations() { return steps_of_this_version; }

Outcome<std::int64_t> version_of(Database& database) {
  return database.integer("PRAGMA user_version");
}

Outcome<void> migrate(Database& database, std::span<const char* const> steps) {
  for (;;) {
    auto version = version_of(database);
    if (!version) return std::unexpected(version.error());
    const auto done = static_cast<std::size_t>(*version);
    if (done >= steps.size()) return {};
    auto ran = database.run("BEGIN IMMEDIATE;" + std::string(steps[done]) +
                            ";PRAGMA user_version = " + std::to_string(done + 1) + ";COMMIT");
    if (ran) continue;
    if (database.in_transaction()) static_cast<void>(database.run("ROLLBACK"));
    return ran;
  }
}

Outcome<void> mark_as_ours(Database& database) {
  return database.run("PRAGMA application_id = " + std::to_string(application_id));
}

Outcome<bool> is_ours(Database& database) {
  auto id = database.integer("PRAGMA application_id");
  if (!id) return std::unexpected(id.error());
  return static_cast<std::uint32_t>(*id) == application_id;
}

Outcome<void> check_edges(Database& database) {
  constexpr const char* edges = R"sql(
    SELECT (SELECT min(stack_name) FROM stacks), (SELECT max(stack_name) FROM stacks),
           (SELECT min(repo_name) FROM stacks), (SELECT max(repo_name) FROM stacks),
           (SELECT min(stack_name) FROM retired_tokens),
           (SELECT max(stack_name) FROM retired_tokens),
           (SELECT min(key) FROM marks), (SELECT max(key) FROM marks)
  )sql";
  return database.run(edges);
}

Outcome<bool> is_intact(Database& database) {
  auto verdict = database.text("PRAGMA integrity_check(1)");
  if (!verdict) return std::unexpected(verdict.error());
  return *verdict == "ok";
}

}  // namespace bddlock::stores::sqlite
