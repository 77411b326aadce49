// The stacks of one side of a memory table, with the orders that the port asks for.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "service/store.hpp"

namespace bddlock::stores::memory {

// Never changed once it is made, so that both sides of a table share it.
using StackRecord = std::shared_ptr<const core::Stack>;

class StackIndex {
 public:
  // Null: not there.
  [[nodiscard]] StackRecord find(const core::StackName& name) const;
  // Null: it goes.
  void put(const core::StackName& name, StackRecord record);

  [[nodiscard]] service::StackPage list(const service::StackQuery& query) const;
  [[nodiscard]] std::vector<core::Stack> available(const core::RepoName& repo,
                                                   const core::StringMap& labels,
                                                   std::size_t limit) const;
  [[nodiscard]] std::vector<core::Stack> due(core::Instant now, std::size_t limit) const;

 private:
  // Where the record of a name is; the pointer inside it changes, its place does not.
  using Slot = const StackRecord*;

  struct ByRepo {
    using is_transparent = void;
    using Key = std::tuple<const core::RepoName&, const core::StackName&>;
    static Key key(Slot slot) { return {(*slot)->repo_name, (*slot)->stack_name}; }
    static Key key(const Key& key) { return key; }
    bool operator()(const auto& left, const auto& right) const { return key(left) < key(right); }
  };
  // Of each repo the one that was used last first.
  struct ByUse {
    using is_transparent = void;
    bool operator()(Slot left, Slot right) const {
      const core::Stack& a = **left;
      const core::Stack& b = **right;
      return std::tie(a.repo_name, b.last_used, a.stack_name) <
             std::tie(b.repo_name, a.last_used, b.stack_name);
    }
    bool operator()(Slot left, const core::RepoName& right) const {
      return (*left)->repo_name < right;
    }
  };
  struct ByEnd {
    bool operator()(Slot left, Slot right) const {
      const core::Stack& a = **left;
      const core::Stack& b = **right;
      return std::tie(a.claim->expires_at, a.stack_name) <
             std::tie(b.claim->expires_at, b.stack_name);
    }
  };

  void take_out(Slot slot, bool repo_too);
  void enter(Slot slot);

  std::map<core::StackName, StackRecord> records_;
  std::set<Slot, ByRepo> by_repo_;
  std::set<Slot, ByUse> free_;    // those that are available
  std::set<Slot, ByEnd> ending_;  // those with a claim
};

}  // namespace bddlock::stores::memory
