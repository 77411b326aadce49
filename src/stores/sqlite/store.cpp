#include "stores/sqlite/store.hpp"

#include <string>
#include <utility>

namespace bddlock::stores::sqlite {

using core::Result;
using service::Change;
using service::Saved;

namespace {

std::unexpected<core::Error> fails(std::string detail) {
  return std::unexpected(core::Error{core::Errc::store_unavailable, std::move(detail)});
}

}  // namespace

SqliteStore::SqliteStore(Location location, std::unique_ptr<WriteConnection> connection,
                         std::shared_ptr<ReadConnection> keeper, SharedLock lock)
    : location_(std::move(location)),
      lock_(std::move(lock)),
      keeper_(std::move(keeper)),
      connection_(std::move(connection)) {}

SqliteStore::~SqliteStore() {
  // The last connection removes the WAL; a read-only one would leave it there.
  keeper_.reset();
  if (!connection_) return;
  rollback();
  // A failure is no loss: the next start finds the changes in the WAL.
  static_cast<void>(connection_->database.run("PRAGMA wal_checkpoint(TRUNCATE)"));
}

Result<void> SqliteStore::check_usable() const {
  if (unsettled_ || !connection_) return fails("a commit failed and is not settled yet");
  return {};
}

// What is committed into a file that nobody will find again is not durable. Without the lock file
// another server may have opened the same table.
Result<void> SqliteStore::check_in_place() const {
  if (connection_ && connection_->database.file_was_moved()) {
    return fails("the data file was moved or deleted while it was served: put it back, or restart");
  }
  if (!lock_->is_in_place()) {
    return fails("the lock file \"" + location_.path +
                 ".lock\" was moved or deleted while the data file was served: restart");
  }
  return {};
}

Result<bool> SqliteStore::run(Statement& statement) {
  const ResetAtEnd reset(statement);
  auto row = statement.step();
  if (!row) return std::unexpected(unavailable(row.error()));
  return *row;
}

Result<std::optional<core::Stack>> SqliteStore::find(const core::StackName& name) {
  if (auto usable = check_usable(); !usable) return std::unexpected(usable.error());
  return connection_->queries.find(name);
}

Result<service::StackPage> SqliteStore::list(const service::StackQuery& query) {
  if (auto usable = check_usable(); !usable) return std::unexpected(usable.error());
  return connection_->queries.list(query);
}

Result<core::FencingToken> SqliteStore::retired_token(const core::StackName& name) {
  if (auto usable = check_usable(); !usable) return std::unexpected(usable.error());
  return connection_->queries.retired_token(name);
}

Result<std::optional<std::int64_t>> SqliteStore::mark(std::string_view key) {
  if (auto usable = check_usable(); !usable) return std::unexpected(usable.error());
  return connection_->queries.mark(key);
}

Result<Saved> SqliteStore::save(std::span<const Change> changes) {
  if (auto usable = check_usable(); !usable) return std::unexpected(usable.error());
  if (in_batch_) return save_in_batch(changes);
  if (auto begun = begin(); !begun) return std::unexpected(begun.error());
  auto saved = save_in_batch(changes);
  if (!saved || *saved != Saved::yes) {
    rollback();
    return saved;
  }
  if (auto committed = commit(); !committed) return std::unexpected(committed.error());
  return saved;
}

Result<void> SqliteStore::put_mark(std::string_view key, std::int64_t value) {
  if (auto usable = check_usable(); !usable) return usable;
  const bool alone = !in_batch_;
  if (alone) {
    if (auto begun = begin(); !begun) return begun;
  }
  connection_->put_mark.bind(1, key).bind(2, value);
  const auto put = run(connection_->put_mark);
  if (put) return alone ? commit() : Result<void>{};
  if (alone) rollback();
  return std::unexpected(put.error());
}

Result<Saved> SqliteStore::save_in_batch(std::span<const Change> changes) {
  if (changes.size() > 1) {
    // All or none without a savepoint: nobody else can write between this look and the changes
    // below, because the batch holds the write lock.
    const auto expected = all_as_expected(changes);
    if (!expected) return std::unexpected(expected.error());
    if (!*expected) return Saved::version_moved;
  }
  for (const Change& change : changes) {
    const auto applied = apply(change);
    if (!applied) return std::unexpected(applied.error());
    if (*applied) continue;
    if (changes.size() == 1) return Saved::version_moved;
    return fails("one name stands twice in the changes of one save");
  }
  return Saved::yes;
}

Result<bool> SqliteStore::all_as_expected(std::span<const Change> changes) {
  for (const Change& change : changes) {
    const auto present = connection_->queries.find(change.next.stack_name);
    if (!present) return std::unexpected(present.error());
    const core::Version version = present->has_value() ? (*present)->version : 0;
    if (version != change.expected) return false;
  }
  return true;
}

Result<bool> SqliteStore::apply(const Change& change) {
  if (change.remove) return remove(change);
  if (change.expected == 0) return write_record(connection_->insert, change);
  return update(change);
}

Result<bool> SqliteStore::update(const Change& change) {
  const auto updated = write_record(connection_->update, change);
  if (!updated || *updated) return updated;
  return write_record(connection_->update_with_repo, change);
}

Result<bool> SqliteStore::write_record(Statement& statement, const Change& change) {
  const core::Stack& next = change.next;
  statement.bind(1, next.stack_name.text())
      .bind(2, change.expected)
      .bind(3, next.repo_name.text())
      .bind(4, static_cast<std::int64_t>(next.state))
      .bind(5, next.last_used.time_since_epoch().count())
      .bind(6, next.fencing_token);
  const auto ran = run(statement);
  if (!ran) return std::unexpected(ran.error());
  return connection_->database.changes() == 1;
}

Result<bool> SqliteStore::remove(const Change& change) {
  if (change.expected != 0) {
    connection_->remove.bind(1, change.next.stack_name.text()).bind(2, change.expected);
    const auto removed = run(connection_->remove);
    if (!removed) return std::unexpected(removed.error());
    if (connection_->database.changes() != 1) return false;
  } else {
    const auto present = connection_->queries.find(change.next.stack_name);
    if (!present) return std::unexpected(present.error());
    if (present->has_value()) return false;
  }
  connection_->retire.bind(1, change.next.stack_name.text()).bind(2, change.next.fencing_token);
  const auto retired = run(connection_->retire);
  if (!retired) return std::unexpected(retired.error());
  return true;
}

Result<void> SqliteStore::begin() {
  if (auto usable = check_usable(); !usable) return usable;
  if (auto there = check_in_place(); !there) return there;
  rollback();  // left open only if the last ROLLBACK failed
  if (const auto begun = run(connection_->begin); !begun) return std::unexpected(begun.error());
  in_batch_ = true;
  return {};
}

Result<void> SqliteStore::commit() {
  if (auto usable = check_usable(); !usable) return usable;
  in_batch_ = false;
  if (!connection_->database.in_transaction()) {
    return fails("the batch was rolled back before its commit");
  }
  const auto committed = run(connection_->commit);
  if (committed) return {};
  unsettled_ = true;
  return std::unexpected(
      core::Error{core::Errc::outcome_unknown, "COMMIT: " + committed.error().detail});
}

void SqliteStore::rollback() noexcept {
  in_batch_ = false;
  if (connection_ && connection_->database.in_transaction()) {
    static_cast<void>(run(connection_->rollback));
  }
}

// What a failed COMMIT leaves behind: its frames, or some, may stand in the WAL behind the last
// frame that the WAL's index knows, complete with checksums, on the disk or only in memory. Reads
// do not see them, but a start after a crash would take them for committed.
//
// The marker's commit goes to where the index says the WAL ends, and the index outlives the
// reconnection, because keeper_ is connected to it. So its first frame overwrites the lost batch's
// first one, and since each frame's checksum covers all before it, nothing of the lost batch is
// valid any more. If the index had already taken the batch in (COMMIT failed after its fsync), then
// our reads see it, its frames are on the disk, and the marker follows them. Either way, once the
// marker's own fsync succeeded, what reads see is what a crash leaves. (After a failed fsync Linux
// drops what it could not write and takes it for clean; all that matters is written anew by the
// marker, so its fsync cannot succeed by leaving that out.)
//
// When nothing is unsettled the marker says whether the disk takes a commit. If it fails, nobody
// depends on whether it is there, and the next commit that succeeds overwrites or follows it: so
// the store stays usable, with its connection.
Result<void> SqliteStore::recover() {
  if (auto there = check_in_place(); !there) return there;
  if (!unsettled_) return commit_marker();
  if (connection_ && commit_marker()) {
    unsettled_ = false;
    return {};
  }
  if (auto connected = reconnect(); !connected) return connected;
  if (auto marked = commit_marker(); !marked) return marked;
  unsettled_ = false;
  return {};
}

Result<void> SqliteStore::commit_marker() {
  rollback();
  if (const auto begun = run(connection_->begin); !begun) return std::unexpected(begun.error());
  connection_->mark_recovery.bind(1, recovered_key);
  if (const auto marked = run(connection_->mark_recovery); !marked) {
    rollback();
    return std::unexpected(marked.error());
  }
  if (const auto committed = run(connection_->commit); !committed) {
    rollback();
    return std::unexpected(committed.error());
  }
  return {};
}

Result<void> SqliteStore::reconnect() {
  connection_.reset();
  auto connection = connect_for_writing(location_);
  if (!connection) return std::unexpected(unavailable(connection.error()));
  connection_ = std::move(*connection);
  return {};
}

SqliteReader::SqliteReader(std::shared_ptr<ReadConnection> connection, SharedLock lock)
    : lock_(std::move(lock)), connection_(std::move(connection)) {}

Result<std::optional<core::Stack>> SqliteReader::find(const core::StackName& name) {
  const std::scoped_lock guard(mutex_);
  return connection_->queries.find(name);
}

Result<service::StackPage> SqliteReader::list(const service::StackQuery& query) {
  const std::scoped_lock guard(mutex_);
  return connection_->queries.list(query);
}

Result<core::FencingToken> SqliteReader::retired_token(const core::StackName& name) {
  const std::scoped_lock guard(mutex_);
  return connection_->queries.retired_token(name);
}

Result<std::optional<std::int64_t>> SqliteReader::mark(std::string_view key) {
  const std::scoped_lock guard(mutex_);
  return connection_->queries.mark(key);
}

}  // namespace bddlock::stores::sqlite
