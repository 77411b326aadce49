// The store port on the write connection, and the reader port on the read connection.
#pragma once

#include <memory>
#include <mutex>

#include "stores/sqlite/connections.hpp"
#include "stores/sqlite/lock_file.hpp"

namespace bddlock::stores::sqlite {

// Both sides keep the lock: whichever goes last lets it go.
using SharedLock = std::shared_ptr<const LockFile>;

class SqliteStore final : public service::Store {
 public:
  // `keeper` is any connection to the same file: while it is open, the WAL's index outlives our own
  // connection, which recover() relies on.
  SqliteStore(Location location, std::unique_ptr<WriteConnection> connection,
              std::shared_ptr<ReadConnection> keeper, SharedLock lock);
  ~SqliteStore() override;  // folds the WAL into the file, so that the file alone is the table

  core::Result<std::optional<core::Stack>> find(const core::StackName& name) override;
  core::Result<service::StackPage> list(const service::StackQuery& query) override;
  core::Result<core::FencingToken> retired_token(const core::StackName& name) override;
  core::Result<std::optional<std::int64_t>> mark(std::string_view key) override;

  // Outside a batch save() and put_mark() are a batch of their own, with commit()'s errors.
  core::Result<service::Saved> save(std::span<const service::Change> changes) override;
  core::Result<void> put_mark(std::string_view key, std::int64_t value) override;

  core::Result<void> begin() override;
  core::Result<void> commit() override;
  void rollback() noexcept override;
  core::Result<void> recover() override;

 private:
  [[nodiscard]] core::Result<void> check_usable() const;
  [[nodiscard]] core::Result<bool> run(Statement& statement);
  [[nodiscard]] core::Result<service::Saved> save_in_batch(
      std::span<const service::Change> changes);
  [[nodiscard]] core::Result<bool> all_as_expected(std::span<const service::Change> changes);
  [[nodiscard]] core::Result<bool> apply(const service::Change& change);
  [[nodiscard]] core::Result<bool> update(const service::Change& change);
  [[nodiscard]] core::Result<bool> write_record(Statement& statement,
                                                const service::Change& change);
  [[nodiscard]] core::Result<bool> remove(const service::Change& change);
  [[nodiscard]] core::Result<void> check_in_place() const;
  [[nodiscard]] core::Result<void> commit_marker();
  [[nodiscard]] core::Result<void> reconnect();

  const Location location_;
  SharedLock lock_;  // before the connections: it goes after them
  std::shared_ptr<ReadConnection> keeper_;
  std::unique_ptr<WriteConnection> connection_;  // null: lost, recover() makes a new one
  bool in_batch_ = false;
  bool unsettled_ = false;  // a commit failed and recover() has not succeeded since
};

class SqliteReader final : public service::StoreReader {
 public:
  SqliteReader(std::shared_ptr<ReadConnection> connection, SharedLock lock);

  core::Result<std::optional<core::Stack>> find(const core::StackName& name) override;
  core::Result<service::StackPage> list(const service::StackQuery& query) override;
  core::Result<core::FencingToken> retired_token(const core::StackName& name) override;
  core::Result<std::optional<std::int64_t>> mark(std::string_view key) override;

 private:
  SharedLock lock_;
  std::mutex mutex_;
  std::shared_ptr<ReadConnection> connection_;
};

}  // namespace bddlock::stores::sqlite
