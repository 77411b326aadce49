// The store port on the write connection, and the reader port on the read connection.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "stores/sqlite/connections.hpp"
#include "stores/sqlite/lock_file.hpp"
#include "stores/sqlite/reads.hpp"

namespace bddlock::stores::sqlite {

// Both sides keep the lock: whichever goes last lets it go.
using SharedLock = std::shared_ptr<const LockFile>;

class SqliteStore final : public Reads<service::Store> {
 public:
  // `keeper` is any connection to the same file: while it is open, the WAL's index outlives our own
  // connection, which recover() relies on.
  SqliteStore(Location location, std::unique_ptr<WriteConnection> connection,
              std::shared_ptr<ReadConnection> keeper, SharedLock lock);
  ~SqliteStore() override;  // folds the WAL into the file, so that the file alone is the table

  // From the writer's memory.
  core::Result<std::optional<core::Stack>> find(const core::StackName& name) override;
  core::Result<std::vector<core::Stack>> available(const core::RepoName& repo,
                                                   const core::StringMap& labels,
                                                   std::size_t limit) override;
  core::Result<std::vector<core::Stack>> used_last(
      const core::RepoName& repo, std::size_t count,
      const std::function<std::uint64_t()>& random) override;
  core::Result<std::vector<core::Stack>> due(core::Instant now, std::size_t limit) override;
  core::Result<std::vector<core::Request>> waiting(const core::RepoName& repo,
                                                   const std::optional<service::QueuePlace>& after,
                                                   std::size_t limit) override;
  // These look with SQL at what may be in the writer's memory only, so that is written first.
  core::Result<service::StackPage> list(const service::StackQuery& query) override;
  core::Result<std::vector<core::RepoName>> repos(const std::optional<core::RepoName>& after,
                                                  std::size_t limit) override;
  core::Result<service::EventPage> events(const service::EventQuery& query) override;

  // Outside a batch these three are a batch of their own, with commit()'s errors.
  core::Result<service::Saved> save(const service::Changes& changes) override;
  core::Result<void> put_mark(std::string_view key, std::int64_t value) override;
  core::Result<std::int64_t> forget_events(core::Instant at, std::int64_t keep,
                                           std::size_t limit) override;

  core::Result<void> begin() override;
  core::Result<void> commit() override;
  void rollback() noexcept override;
  core::Result<void> recover() override;

 private:
  std::unique_lock<std::mutex> guard() override { return {}; }
  core::Result<Queries*> usable() override;
  core::Result<RepoRow> repo_row(Queries& queries, const core::RepoName& repo) override;

  [[nodiscard]] core::Result<void> check_usable() const;
  [[nodiscard]] core::Result<void> check_in_place() const;
  [[nodiscard]] core::Result<void> write_books();
  [[nodiscard]] core::Result<bool> run(Statement& statement);
  // In the open batch, or in one of its own.
  template <class T>
  [[nodiscard]] core::Result<T> in_batch(auto work);
  [[nodiscard]] core::Result<void> commit_marker();
  [[nodiscard]] core::Result<void> reconnect();

  const Location location_;
  SharedLock lock_;  // before the connections: it goes after them
  std::shared_ptr<ReadConnection> keeper_;
  std::unique_ptr<WriteConnection> connection_;  // null: lost, recover() makes a new one
  bool in_batch_ = false;
  bool unsettled_ = false;  // a commit failed and recover() has not succeeded since
};

class SqliteReader final : public Reads<service::StoreReader> {
 public:
  SqliteReader(std::shared_ptr<ReadConnection> connection, SharedLock lock);

 private:
  std::unique_lock<std::mutex> guard() override { return std::unique_lock(mutex_); }
  core::Result<Queries*> usable() override { return &connection_->queries; }

  SharedLock lock_;
  std::mutex mutex_;
  std::shared_ptr<ReadConnection> connection_;
};

}  // namespace bddlock::stores::sqlite
