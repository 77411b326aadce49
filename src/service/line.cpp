#include "service/line.hpp"

#include <algorithm>
#include <tuple>

namespace bddlock::service {

using core::Result;

namespace {

constexpr std::size_t pick_page =
    100;  // among so many, those used last, the best fit is looked for
constexpr std::size_t read_for_each_choice = 3;  // some of the best are being lent to others

FreeStacks::Stacks first_of(FreeStacks::Stacks found, const core::Wish& wish) {
  const auto count = static_cast<std::size_t>(wish.count);
  if (found.size() > count) found.erase(found.begin() + wish.count, found.end());
  return found;
}

}  // namespace

Result<const core::Request*> Waiting::next() {
  if (at_ == page_.size()) {
    if (last_page_) return nullptr;
    auto page = store_.waiting(repo_, after_, limit_);
    if (!page) return std::unexpected(page.error());
    last_page_ = page->size() < limit_;
    limit_ = 64;
    page_ = std::move(*page);
    at_ = 0;
    if (page_.empty()) return nullptr;
  }
  const core::Request* request = &page_[at_++];
  after_ = QueuePlace{request->wish.priority, request->arrival};
  return request;
}

Result<void> FreeStacks::read() {
  others_wait_ = true;
  auto free = store_.available(repo_, {}, pick_page);
  if (!free) return std::unexpected(free.error());
  if (free->size() < pick_page) all_ = std::move(*free);
  return {};
}

bool FreeStacks::are_gone() const {
  return all_ && std::all_of(all_->begin(), all_->end(), [this](const core::Stack& stack) {
           return is_reserved(stack.stack_name);
         });
}

Result<FreeStacks::Stacks> FreeStacks::pick(const core::Wish& wish) {
  auto found = free_for(wish);
  if (!found) return found;
  shuffle(*found);
  best_first(*found, wish);
  if (choice_.among > 1) mix_best(*found, wish);
  return first_of(std::move(*found), wish);
}

Result<FreeStacks::Stacks> FreeStacks::pick_to_keep(const core::Wish& wish) {
  auto found = free_for(wish);
  if (!found) return found;
  std::ranges::sort(*found, {}, &core::Stack::stack_name);
  best_first(*found, wish);
  return first_of(std::move(*found), wish);
}

// All that suit and are not kept for others.
Result<FreeStacks::Stacks> FreeStacks::free_for(const core::Wish& wish) {
  Shape shape{wish.stack_name, wish.labels};
  if (in_vain_.contains(shape)) return Stacks{};
  auto found = candidates(wish);
  if (!found) return found;
  std::erase_if(*found, [this](const core::Stack& stack) { return is_reserved(stack.stack_name); });
  if (found->empty()) in_vain_.insert(std::move(shape));
  return found;
}

Result<FreeStacks::Stacks> FreeStacks::candidates(const core::Wish& wish) {
  const auto suits = [&](const core::Stack& stack) { return core::suits(wish, stack); };
  if (all_) {
    Stacks found;
    std::copy_if(all_->begin(), all_->end(), std::back_inserter(found), suits);
    return found;
  }
  if (wish.stack_name) {
    auto stack = store_.find(*wish.stack_name);
    if (!stack) return std::unexpected(stack.error());
    const bool there = *stack && (*stack)->repo_name == repo_ && suits(**stack) &&
                       (*stack)->state == core::State::available;
    return there ? Stacks{std::move(**stack)} : Stacks{};
  }
  const bool prefers = !wish.prefer_branch.empty() || !wish.prefer_commit.empty();
  if (wish.labels.empty() && !prefers && reserved_.empty() && choice_.among <= 1)
    return store_.used_last(repo_, static_cast<std::size_t>(wish.count), random_);
  const std::size_t count =
      static_cast<std::size_t>(wish.count) +
      (choice_.among > 1 ? choice_.among * read_for_each_choice : ties_looked_at);
  const std::size_t limit = (prefers ? std::max(pick_page, count) : count) + reserved_.size();
  // What is kept for others is kept without a save.
  return others_wait_ ? store_.available(repo_, wish.labels, limit)
                      : store_.likely_available(repo_, wish.labels,
                                                static_cast<std::size_t>(wish.count), limit);
}

void FreeStacks::shuffle(Stacks& stacks) const {
  for (std::size_t i = stacks.size(); i > 1; --i) std::swap(stacks[i - 1], stacks[random_() % i]);
}

void FreeStacks::best_first(Stacks& stacks, const core::Wish& wish) {
  if (stacks.size() < 2) return;  // as mostly, and the sort would make room to work in
  std::stable_sort(stacks.begin(), stacks.end(), [&](const core::Stack& a, const core::Stack& b) {
    return std::tuple{core::fit(wish, a), a.last_used} >
           std::tuple{core::fit(wish, b), b.last_used};
  });
}

// What another job of this server is lending goes to the end; of the others that fit as well as the
// best of them, the ones used last in any order.
void FreeStacks::mix_best(Stacks& stacks, const core::Wish& wish) const {
  const auto taken = std::ranges::stable_partition(stacks, [&](const core::Stack& stack) {
    return choice_.taken == nullptr || !choice_.taken->is_taken(stack);
  });
  const std::size_t left =
      taken.size() < stacks.size() ? stacks.size() - taken.size() : stacks.size();
  std::size_t end = 0;
  while (end < std::min(left, choice_.among) &&
         core::fit(wish, stacks[end]) == core::fit(wish, stacks.front()))
    ++end;
  for (std::size_t i = end; i > 1; --i) std::swap(stacks[i - 1], stacks[random_() % i]);
}

void FreeStacks::reserve(const Stacks& stacks) {
  for (const core::Stack& stack : stacks) reserved_.insert(stack.stack_name);
}

void FreeStacks::take(const Stacks& stacks) {
  if (!all_) return;
  for (const core::Stack& taken : stacks)
    std::erase_if(*all_,
                  [&](const core::Stack& stack) { return stack.stack_name == taken.stack_name; });
}

bool is_for_sale(const core::Stack& stack) {
  return stack.state != core::State::disabled && !stack.disable_after_claim;
}

Result<bool> may_get_all(StoreReader& store, const core::RepoName& repo, const core::Wish& wish) {
  StackQuery query{.repo_name = repo, .limit = 64};
  for (std::int64_t found = 0;;) {
    const auto page = store.list(query);
    if (!page) return std::unexpected(page.error());
    found += std::count_if(page->items.begin(), page->items.end(), [&](const core::Stack& stack) {
      return core::suits(wish, stack) && is_for_sale(stack);
    });
    if (found >= wish.count) return true;
    if (!page->next_after) return false;
    query.after = page->next_after;
  }
}

}  // namespace bddlock::service
