// Saving: what one call of Store::save does to the tables, within a batch. The batch holds the
// write lock, so nobody else can write between a look at a record here and its change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/store.hpp"
#include "stores/sqlite/history.hpp"
#include "stores/sqlite/queries.hpp"
#include "stores/sqlite/repo_book.hpp"
#include "stores/sqlite/seen_request.hpp"
#include "stores/sqlite/stack_book.hpp"

namespace bddlock::stores::sqlite {

class Writer {
 public:
  // They must outlive it.
  Writer(Database& database, Queries& queries, SeenRequest& seen)
      : database_(database), queries_(queries), seen_(seen) {}
  [[nodiscard]] Outcome<void> prepare();

  [[nodiscard]] core::Result<service::Saved> save(const service::Changes& changes);
  [[nodiscard]] core::Result<void> put_mark(std::string_view key, std::int64_t value);
  [[nodiscard]] core::Result<std::int64_t> forget_events(core::Instant at, std::int64_t keep,
                                                         std::size_t limit);

  // As the batch has them.
  [[nodiscard]] core::Result<std::optional<core::Stack>> find(const core::StackName& name);
  [[nodiscard]] core::Result<std::vector<core::Stack>> available(const core::RepoName& repo,
                                                                 const core::StringMap& labels,
                                                                 std::size_t limit);
  [[nodiscard]] core::Result<std::vector<core::Stack>> used_last(const core::RepoName& repo,
                                                                 std::size_t count,
                                                                 const StackBook::Random& random);
  [[nodiscard]] core::Result<std::vector<core::Stack>> due(core::Instant now, std::size_t limit);
  [[nodiscard]] core::Result<std::vector<core::Request>> waiting(
      const core::RepoName& repo, const std::optional<service::QueuePlace>& after,
      std::size_t limit);
  [[nodiscard]] core::Result<const RepoRow*> repo(const core::RepoName& repo);
  // Brings into the tables what is only in memory here; before a commit, and before a look at it.
  [[nodiscard]] core::Result<void> write_books();

  void batch_begins();
  void batch_was_committed();
  void batch_was_rolled_back();

 private:
  [[nodiscard]] core::Result<bool> look_at_all(const service::Changes& changes);
  [[nodiscard]] core::Result<RequestBefore> look_at(const core::Request& request);

  [[nodiscard]] core::Result<void> append(const service::Changes& changes,
                                          const core::Event& event);
  [[nodiscard]] core::Result<void> link_elsewhere(const core::StackName& name, std::int64_t event);

  [[nodiscard]] core::Result<void> apply(const service::StackChange& change,
                                         const StackBefore& before);
  [[nodiscard]] core::Result<void> put(const service::StackChange& change,
                                       const StackBefore& before);
  [[nodiscard]] core::Result<void> write_stacks();
  // By a statement that makes `next` of the record of version `expected`.
  [[nodiscard]] core::Result<void> write(Statement& statement, const core::Stack& next,
                                         core::Version expected, core::Version version,
                                         std::int64_t last_event);
  [[nodiscard]] core::Result<void> remove(const service::StackChange& change,
                                          const StackBefore& before);
  [[nodiscard]] core::Result<void> apply(const service::RequestChange& change,
                                         const RequestBefore& before);
  [[nodiscard]] core::Result<void> count(const core::RepoName& repo, core::State state,
                                         std::int64_t by);

  [[nodiscard]] core::Result<void> run(Statement& statement);
  // The same for one that must change exactly one row.
  [[nodiscard]] core::Result<void> run_on_one(Statement& statement);

  Database& database_;
  Queries& queries_;
  SeenRequest& seen_;
  History history_;
  RepoBook repos_;
  StackBook stacks_;
  // No stack has an earlier expires_at; none: it has to be looked for. Every claim asks what is
  // due, and mostly nothing is.
  std::optional<core::Instant> none_due_before_;
  std::vector<StackBefore> stacks_before_;  // of the save at hand, in its order
  std::vector<RequestBefore> requests_before_;
  std::string claim_;
  std::string details_;
  std::string body_;

  Statement look_at_request_;
  Statement update_;
  Statement update_with_repo_;
  Statement insert_;
  Statement remove_;
  Statement retire_;
  Statement link_stack_;
  Statement link_retired_;
  Statement insert_request_;
  Statement update_request_;
  Statement remove_request_;
  Statement put_mark_;
};

}  // namespace bddlock::stores::sqlite
