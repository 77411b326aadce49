// What the looks for free stacks have found, repo by repo, and what that calls for: what is new
// goes to those whose calls are open here; what still is there two looks later to all, since the
// server that should have taken it does not; and what nobody wants is tried again only now and
// then. Private to service. Threads: any.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "core/name.hpp"

namespace bddlock::service {

class FreeLooks {
 public:
  enum class Next { nothing, own, all };

  // A look at the repo begins. False: the last one is still under way.
  [[nodiscard]] bool begin(const core::RepoName& repo);
  // It is over, and found nothing out.
  void give_up(const core::RepoName& repo);
  // It is over, and found these.
  [[nodiscard]] Next found(const core::RepoName& repo, const std::vector<core::StackName>& names);
  // Something of the repo was lent: when it is free again it is as new.
  void forget(const core::RepoName& repo);
  // Forgets all repos but these, where somebody waits.
  void keep(const std::vector<core::RepoName>& repos);

 private:
  struct Known {
    bool is_looking = false;
    std::set<core::StackName> names{};  // that the last look found
    int in_vain = 0;                    // looks since something new was found
  };

  std::mutex mutex_;  // of what stands below
  std::map<core::RepoName, Known> repos_;
};

}  // namespace bddlock::service
