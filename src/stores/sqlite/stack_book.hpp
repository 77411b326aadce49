// The writer's memory of stacks: the records that were used lately, and which stacks of a repo are
// free. Claims go to the same few stacks again and again, and an index of what is free would cost
// each claim and each release a page. Nobody else writes to the table, so what was read stays true;
// a batch that is rolled back takes what it touched out of the memory.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "stores/sqlite/stack_queries.hpp"

namespace bddlock::stores::sqlite {

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
  [[nodiscard]] Outcome<void> prepare(Database& database);

  [[nodiscard]] core::Result<std::optional<core::Stack>> find(StackQueries& queries,
                                                              const core::StackName& name);
  [[nodiscard]] core::Result<std::vector<core::Stack>> available(StackQueries& queries,
                                                                 const core::RepoName& repo,
                                                                 const core::StringMap& labels,
                                                                 std::size_t limit);
  [[nodiscard]] core::Result<StackBefore> look_at(StackQueries& queries,
                                                  const core::StackName& name);

  // What was written. `next` has its new version.
  void was_put(const StackBefore& before, StackRow next);
  void was_removed(const StackBefore& before, const core::StackName& name);
  // Something else of its row was.
  void was_changed(const core::StackName& name);

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

  // Null: not there. Good until the next call.
  [[nodiscard]] core::Result<const StackRow*> row(StackQueries& queries,
                                                  const core::StackName& name);
  [[nodiscard]] core::Result<FreeOnes*> free_ones(const core::RepoName& repo);
  void leave(const StackBefore& before, const core::StackName& name);

  std::unordered_map<core::StackName, StackRow> rows_;
  std::unordered_map<core::RepoName, FreeOnes> free_;  // of the repos that were asked for
  std::size_t free_count_ = 0;
  // By this batch.
  std::vector<core::StackName> touched_rows_;
  std::set<core::RepoName> touched_repos_;
  Statement free_of_repo_;
  Statement last_event_of_retired_;
};

}  // namespace bddlock::stores::sqlite
