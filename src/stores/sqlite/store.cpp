#include "stores/sqlite/store.hpp"

#include <string>
#include <utility>

namespace bddlock::stores::sqlite {

using core::Result;
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

Result<Queries*> SqliteStore::usable() {
  if (auto usable = check_usable(); !usable) return std::unexpected(usable.error());
  return &connection_->queries;
}

Result<RepoRow> SqliteStore::repo_row(Queries& /*queries*/, const core::RepoName& repo) {
  const auto row = connection_->writer.repo(repo);
  if (!row) return std::unexpected(row.error());
  return **row;
}

Result<void> SqliteStore::write_books() {
  if (auto usable = check_usable(); !usable) return usable;
  return connection_->writer.write_books();
}

Result<std::optional<core::Stack>> SqliteStore::find(const core::StackName& name) {
  if (auto usable = check_usable(); !usable) return std::unexpected(usable.error());
  return connection_->writer.find(name);
}

Result<std::vector<core::Stack>> SqliteStore::available(const core::RepoName& repo,
                                                        const core::StringMap& labels,
                                                        std::size_t limit) {
  if (auto usable = check_usable(); !usable) return std::unexpected(usable.error());
  return connection_->writer.available(repo, labels, limit);
}

Result<std::vector<core::Stack>> SqliteStore::used_last(
    const core::RepoName& repo, std::size_t count, const std::function<std::uint64_t()>& random) {
  if (auto usable = check_usable(); !usable) return std::unexpected(usable.error());
  return connection_->writer.used_last(repo, count, random);
}

Result<std::vector<core::Stack>> SqliteStore::due(core::Instant now, std::size_t limit) {
  if (auto usable = check_usable(); !usable) return std::unexpected(usable.error());
  return connection_->writer.due(now, limit);
}

Result<std::vector<core::Request>> SqliteStore::waiting(
    const core::RepoName& repo, const std::optional<service::QueuePlace>& after,
    std::size_t limit) {
  if (auto usable = check_usable(); !usable) return std::unexpected(usable.error());
  return connection_->writer.waiting(repo, after, limit);
}

Result<service::StackPage> SqliteStore::list(const service::StackQuery& query) {
  if (auto written = write_books(); !written) return std::unexpected(written.error());
  return Reads::list(query);
}

Result<std::vector<core::RepoName>> SqliteStore::repos(const std::optional<core::RepoName>& after,
                                                       std::size_t limit) {
  if (auto written = write_books(); !written) return std::unexpected(written.error());
  return Reads::repos(after, limit);
}

Result<service::EventPage> SqliteStore::events(const service::EventQuery& query) {
  if (auto written = write_books(); !written) return std::unexpected(written.error());
  return Reads::events(query);
}

template <class T>
Result<T> SqliteStore::in_batch(auto work) {
  if (auto usable = check_usable(); !usable) return std::unexpected(usable.error());
  if (in_batch_) return work(connection_->writer);
  if (auto begun = begin(); !begun) return std::unexpected(begun.error());
  auto done = work(connection_->writer);
  if (!done) {
    rollback();
    return done;
  }
  if (auto committed = commit(); !committed) return std::unexpected(committed.error());
  return done;
}

Result<Saved> SqliteStore::save(const service::Changes& changes) {
  return in_batch<Saved>([&](Writer& writer) { return writer.save(changes); });
}

Result<void> SqliteStore::put_mark(std::string_view key, std::int64_t value) {
  return in_batch<void>([&](Writer& writer) { return writer.put_mark(key, value); });
}

Result<std::int64_t> SqliteStore::forget_events(core::Instant at, std::int64_t keep,
                                                std::size_t limit) {
  return in_batch<std::int64_t>(
      [&](Writer& writer) { return writer.forget_events(at, keep, limit); });
}

Result<void> SqliteStore::begin() {
  if (auto usable = check_usable(); !usable) return usable;
  if (auto there = check_in_place(); !there) return there;
  // Left open only if the last ROLLBACK failed.
  if (connection_->database.in_transaction()) rollback();
  if (const auto begun = run(connection_->begin); !begun) return std::unexpected(begun.error());
  connection_->writer.batch_begins();
  in_batch_ = true;
  return {};
}

Result<void> SqliteStore::commit() {
  if (auto usable = check_usable(); !usable) return usable;
  in_batch_ = false;
  if (!connection_->database.in_transaction()) {
    connection_->writer.batch_was_rolled_back();
    return fails("the batch was rolled back before its commit");
  }
  if (auto written = connection_->writer.write_books(); !written) {
    rollback();
    return written;
  }
  const auto committed = run(connection_->commit);
  if (committed) {
    connection_->writer.batch_was_committed();
    return {};
  }
  unsettled_ = true;
  return std::unexpected(
      core::Error{core::Errc::outcome_unknown, "COMMIT: " + committed.error().detail});
}

void SqliteStore::rollback() noexcept {
  in_batch_ = false;
  if (!connection_) return;
  if (connection_->database.in_transaction()) static_cast<void>(run(connection_->rollback));
  connection_->writer.batch_was_rolled_back();
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

}  // namespace bddlock::stores::sqlite
