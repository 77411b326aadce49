// The writer's memory of the repos' rows. A batch changes the same few rows again and again, so
// they are changed here and written once, before its commit. Nobody else writes to the table, so
// what was read stays true.
#pragma once

#include <unordered_map>
#include <vector>

#include "stores/sqlite/repo_queries.hpp"

namespace bddlock::stores::sqlite {

class RepoBook {
 public:
  [[nodiscard]] Outcome<void> prepare(Database& database);

  [[nodiscard]] core::Result<const RepoRow*> look(RepoQueries& queries, const core::RepoName& repo);
  // The row, which will be changed.
  [[nodiscard]] core::Result<RepoRow*> change(RepoQueries& queries, const core::RepoName& repo);

  // Writes what was changed since the last time.
  [[nodiscard]] core::Result<void> write();
  // The batch is over: what it changed is in the table, or is forgotten because it is not.
  void keep();
  void forget();

 private:
  struct Page {
    RepoRow row{};
    bool changed = false;  // not written yet
    bool touched = false;  // in this batch
  };
  using Pages = std::unordered_map<core::RepoName, Page>;

  [[nodiscard]] core::Result<Pages::value_type*> find(RepoQueries& queries,
                                                      const core::RepoName& repo);

  Pages pages_;
  Pages::value_type* latest_ = nullptr;  // that was asked for, which is mostly the next one too
  std::vector<Pages::value_type*> touched_;
  Statement put_;
};

}  // namespace bddlock::stores::sqlite
