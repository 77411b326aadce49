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

// Version 2: claims with leases, requests, history. docs/decisions/0003 has the measurements.
//
// stacks: `claim` and `details` are columns of bytes (records.hpp), NULL when there is nothing to
// keep, so that a plain stack is as small as before. `expires_at` of a claim, offer or hold stands
// by itself because it is looked for; its index holds as many entries as there are claims. Which
// stacks of a repo are free the writer keeps in memory (stack_book.hpp).
//
// requests: by the id first, so that ids which begin with the time, as those do that the server and
// the command line make, are inserted side by side: ids in random order cost a page each.
//
// events: ids rise and are never given again, so the table only grows at its end. It has no other
// index: each event knows the one before it of its stack and of its repo, and `stacks`,
// `retired_tokens` and `repos` know the last one. event_breaks: where times fell or ids were
// skipped.
//
// repos: counts that would otherwise be counted again and again, and the last `arrival` that a
// request got.
constexpr const char* version_2 = R"sql(
  ALTER TABLE stacks ADD COLUMN last_event INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE stacks ADD COLUMN expires_at INTEGER;
  ALTER TABLE stacks ADD COLUMN claim BLOB;
  ALTER TABLE stacks ADD COLUMN details BLOB;
  CREATE INDEX stacks_due ON stacks (expires_at) WHERE expires_at IS NOT NULL;

  ALTER TABLE retired_tokens ADD COLUMN last_event INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE requests (
    request_id  TEXT NOT NULL,
    repo_name   TEXT NOT NULL,
    state       INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
    priority    INTEGER NOT NULL,
    arrival     INTEGER NOT NULL,
    ready_until INTEGER NOT NULL,
    version     INTEGER NOT NULL CHECK (version > 0),
    body        BLOB NOT NULL,
    PRIMARY KEY (request_id, repo_name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX requests_waiting ON requests (repo_name, priority DESC, arrival) WHERE state = 1;
  CREATE INDEX requests_ready ON requests (ready_until) WHERE state = 1;

  CREATE TABLE events (
    id           INTEGER PRIMARY KEY,
    at           INTEGER NOT NULL,
    kind         INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 127),
    stack_name   TEXT NOT NULL,
    repo_name    TEXT NOT NULL,
    before_of_stack INTEGER NOT NULL,
    before_of_repo  INTEGER NOT NULL,
    body         BLOB NOT NULL
  ) STRICT;
  CREATE TABLE event_breaks (
    id      INTEGER PRIMARY KEY,
    skipped INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE repos (
    repo_name    TEXT NOT NULL PRIMARY KEY,
    last_event   INTEGER NOT NULL,
    last_arrival INTEGER NOT NULL,
    available    INTEGER NOT NULL,
    claimed      INTEGER NOT NULL,
    held         INTEGER NOT NULL,
    disabled     INTEGER NOT NULL,
    waiting      INTEGER NOT NULL,
    settled      INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO repos
    SELECT repo_name, 0, 0, sum(state = 1), sum(state = 2), sum(state = 3), sum(state = 4), 0, 0
    FROM stacks INDEXED BY stacks_by_repo GROUP BY repo_name;
)sql";

constexpr std::array steps_of_this_version{version_1, version_2};

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
           (SELECT min(key) FROM marks), (SELECT max(key) FROM marks),
           (SELECT min(expires_at) FROM stacks WHERE expires_at IS NOT NULL),
           (SELECT max(expires_at) FROM stacks WHERE expires_at IS NOT NULL),
           (SELECT min(request_id) FROM requests), (SELECT max(request_id) FROM requests),
           (SELECT min(repo_name) FROM requests INDEXED BY requests_waiting WHERE state = 1),
           (SELECT max(repo_name) FROM requests INDEXED BY requests_waiting WHERE state = 1),
           (SELECT min(ready_until) FROM requests WHERE state = 1),
           (SELECT max(ready_until) FROM requests WHERE state = 1),
           (SELECT min(id) FROM events), (SELECT max(id) FROM events),
           (SELECT max(id) FROM event_breaks),
           (SELECT min(repo_name) FROM repos), (SELECT max(repo_name) FROM repos)
  )sql";
  return database.run(edges);
}

Outcome<bool> is_intact(Database& database) {
  auto verdict = database.text("PRAGMA integrity_check(1)");
  if (!verdict) return std::unexpected(verdict.error());
  return *verdict == "ok";
}

}  // namespace bddlock::stores::sqlite
