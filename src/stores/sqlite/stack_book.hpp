// The writer's memory of stacks: the records that were used lately, and which stacks of a repo are
// free. Claims go to the same few stacks again and again, and an index of what is free would cost
// each claim and each release a page. A batch often lends on what it has just taken back, so a row
// that changes is written once, before the batch's commit (or a look at the table). Nobody else
// writes to the table, so what was read stays true; a batch that is rolled back takes what it
// touched out of the memory.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "stores/sqlite/stack_queries.hpp"

namespace bddlock::stores::sqlite {

struct StackPage {
  StackRow row{};
  core::Version written = 0;  // the version that the table has
};
using StackPages = std::unordered_map<core::StackName, StackPage>;

// What a save must know of the stack that it changes.
struct StackBefore {
  core::Version version = 0;  // 0: not there
  core::State state{};
  core::RepoName repo_name{};
  core::Instant last_used{};
  std::int64_t last_event = 0;
};

class StackBook {
 public:
  using Random = std::function<std::uint64_t()>;

  [[nodiscard]] Outcome<void> prepare(Database& database);

  [[nodiscard]] core::Result<std::optional<core::Stack>> find(StackQueries& queries,
                                                              const core::StackName& name);
  // As Store::available and Store::used_last. REQUIRES: knows_free(repo), or all rows are
  // written.
  [[nodiscard]] core::Result<std::vector<core::Stack>> available(StackQueries& queries,
                                                                 const core::RepoName& repo,
                                                                 const core::StringMap& labels,
                                                                 std::size_t limit);
  [[nodiscard]] core::Result<std::vector<core::Stack>> used_last(StackQueries& queries,
                                                                 const core::RepoName& repo,
                                                                 std::size_t count,
                                                                 const Random& random);
  [[nodiscard]] bool knows_free(const core::RepoName& repo) const { return free_.contains(repo); }

  [[nodiscard]] core::Result<StackBefore> look_at(StackQueries& queries,
                                                  const core::StackName& name);

  // What a save makes of the stack: its version is one above the one before. Whether it is in the
  // table already, or still to be written. False: it is not as `before` says any more, because the
  // same save has changed it.
  [[nodiscard]] bool put(const StackBefore& before, const core::Stack& next, bool written);
  void was_removed(const StackBefore& before, const core::StackName& name);
  // Something else of its row was changed in the table. REQUIRES: all rows are written.
  void was_changed(const core::StackName& name);

  // The pages that the table does not have as they are.
  [[nodiscard]] const std::vector<StackPages::value_type*>& unwritten() const { return unwritten_; }
  void were_written();

  void batch_begins();
  void batch_was_committed();
  void batch_was_rolled_back();

 private:
  struct Free {
    core::Instant last_used{};
    core::StackName stack_name{};
    // The one that was used last first.
    friend bool operator<(const Free& left, const Free& right) {
      return left.last_used != right.last_used ? left.last_used > right.last_used
                                               : left.stack_name < right.stack_name;
    }
  };
  using FreeOnes = std::set<Free>;

  // Null: not there. Good until the next batch begins.
  [[nodiscard]] core::Result<StackPages::value_type*> page(StackQueries& queries,
                                                           const core::StackName& name);
  [[nodiscard]] core::Result<FreeOnes*> free_ones(const core::RepoName& repo);
  void leave(const StackBefore& before, const core::StackName& name);

  StackPages pages_;
  std::unordered_map<core::RepoName, FreeOnes> free_;  // of the repos that were asked for
  std::size_t free_count_ = 0;
  // By this batch.
  std::vector<StackPages::value_type*> unwritten_;
  std::vector<core::StackName> touched_;
  std::set<core::RepoName> touched_repos_;
  Statement free_of_repo_;
  Statement last_event_of_retired_;
};

}  // namespace bddlock::stores::sqlite
