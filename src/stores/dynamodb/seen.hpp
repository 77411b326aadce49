// What a store has read of the records since its job began, so that its saves can ask that it is
// still so: the original changes a stack without changing its version. Threads: one.
#pragma once

#include <map>
#include <unordered_map>

#include "stores/dynamodb/stack_item.hpp"

namespace bddlock::stores::dynamodb {

class Seen {
 public:
  void begin() {
    stacks_.clear();
    arrivals_.clear();
    freed_.clear();
    may_remember_ = true;
  }

  void note(const StackItem& item);
  // It was not read by this job, but by one before (shared.hpp), and may be the past.
  void note_remembered(const StackItem& item);
  [[nodiscard]] bool is_remembered(const core::StackName& name) const;
  // Until a save of the job failed.
  [[nodiscard]] bool may_remember() const { return may_remember_; }
  void stop_remembering() { may_remember_ = false; }
  void note_arrival(const core::RepoName& repo, std::int64_t last) { arrivals_[repo] = last; }

  // This job made it available: the index may not show that yet.
  void note_freed(const core::Stack& stack) { freed_[stack.stack_name] = stack.repo_name; }
  [[nodiscard]] const std::map<core::StackName, core::RepoName>& freed() const { return freed_; }

  // As the record was when it was read with this version. Null: it was not, or was another the
  // next time.
  [[nodiscard]] const AsRead* find(const core::StackName& name, core::Version version) const;
  // By whose clock the time of `next`'s claim is: as it was read if it is the same time, else
  // `own`.
  [[nodiscard]] std::string lease_by(const core::Stack& next, const std::string& own) const;
  [[nodiscard]] bool has(const core::StackName& name) const { return stacks_.contains(name); }
  [[nodiscard]] std::optional<std::int64_t> last_arrival(const core::RepoName& repo) const;

  // The id that the next event of the stack must be above; 0: nothing was read of it.
  [[nodiscard]] std::int64_t last_event(const core::StackName& name) const;

  // It was saved, or could not be: the next save reads it again.
  void forget(const core::StackName& name) { stacks_.erase(name); }
  void forget_arrival(const core::RepoName& repo) { arrivals_.erase(repo); }

 private:
  struct One {
    core::Version version;
    AsRead as_read;
    std::string lease_by;
    std::optional<core::Instant> expires_at;
    std::int64_t last_event = 0;
    bool is_remembered = false;
    bool is_moved = false;  // within one version: nobody knows on which a decision was made
  };
  std::unordered_map<core::StackName, One> stacks_;
  std::map<core::RepoName, std::int64_t> arrivals_;
  std::map<core::StackName, core::RepoName> freed_;
  bool may_remember_ = true;
};

}  // namespace bddlock::stores::dynamodb
