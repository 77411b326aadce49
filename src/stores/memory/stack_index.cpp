#include "stores/memory/stack_index.hpp"

#include <algorithm>
#include <utility>

#include "stores/memory/page_limit.hpp"

namespace bddlock::stores::memory {

using core::Stack;
using service::StackPage;
using service::StackQuery;

namespace {

// Fills one page from records that come in the order of names.
class PageFiller {
 public:
  explicit PageFiller(const StackQuery& query) : query_(query) {}

  // False: the page is full, and `stack` is no longer of it.
  bool add(const Stack& stack) {
    if (page_.items.size() >= std::max<std::size_t>(query_.limit, 1) || looks_ == page_looks_max) {
      page_.next_after = last_;
      return false;
    }
    ++looks_;
    last_ = stack.stack_name;
    if (!query_.state || stack.state == *query_.state) page_.items.push_back(stack);
    return true;
  }

  StackPage take() { return std::move(page_); }

 private:
  const StackQuery& query_;
  StackPage page_;
  core::StackName last_;
  std::size_t looks_ = 0;
};

}  // namespace

StackRecord StackIndex::find(const core::StackName& name) const {
  const auto at = records_.find(name);
  return at == records_.end() ? nullptr : at->second;
}

void StackIndex::put(const core::StackName& name, StackRecord record) {
  auto at = records_.find(name);
  if (!record) {
    if (at == records_.end()) return;
    take_out(&at->second, true);
    records_.erase(at);
    return;
  }
  if (at == records_.end()) {
    at = records_.emplace(name, std::move(record)).first;
  } else {
    take_out(&at->second, at->second->repo_name != record->repo_name);
    at->second = std::move(record);
  }
  enter(&at->second);
}

void StackIndex::take_out(Slot slot, bool repo_too) {
  if (repo_too) by_repo_.erase(slot);
  if ((*slot)->state == core::State::available) free_.erase(slot);
  if ((*slot)->claim) ending_.erase(slot);
}

void StackIndex::enter(Slot slot) {
  by_repo_.insert(slot);  // it may still be there
  if ((*slot)->state == core::State::available) free_.insert(slot);
  if ((*slot)->claim) ending_.insert(slot);
}

StackPage StackIndex::list(const StackQuery& query) const {
  // No stack's name is empty, so the empty one stands before the first.
  const core::StackName after = query.after.value_or(core::StackName{});
  PageFiller page{query};
  if (!query.repo_name) {
    for (auto at = records_.upper_bound(after); at != records_.end(); ++at)
      if (!page.add(*at->second)) break;
    return page.take();
  }
  for (auto at = by_repo_.upper_bound(ByRepo::Key{*query.repo_name, after}); at != by_repo_.end();
       ++at)
    if ((**at)->repo_name != *query.repo_name || !page.add(***at)) break;
  return page.take();
}

std::vector<Stack> StackIndex::available(const core::RepoName& repo, const core::StringMap& labels,
                                         std::size_t limit) const {
  std::vector<Stack> found;
  const core::Wish wish{.labels = labels};
  for (auto at = free_.lower_bound(repo); at != free_.end() && found.size() < limit; ++at) {
    if ((**at)->repo_name != repo) break;
    if (core::suits(wish, ***at)) found.push_back(***at);
  }
  return found;
}

std::vector<Stack> StackIndex::due(core::Instant now, std::size_t limit) const {
  std::vector<Stack> found;
  for (const Slot slot : ending_) {
    if (found.size() >= limit || (*slot)->claim->expires_at > now) break;
    found.push_back(**slot);
  }
  return found;
}

}  // namespace bddlock::stores::memory
