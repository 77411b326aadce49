#include "service/possible.hpp"

#include <algorithm>
#include <string>

namespace bddlock::service {

using core::Result;

namespace {

using Answer = std::optional<NotGranted>;

// `stacks` is how many the repo has.
Result<Answer> for_one_stack(StoreReader& store, const core::RepoName& repo, const core::Wish& wish,
                             std::int64_t stacks) {
  const std::string& name = wish.stack_name->text();
  const auto stack = store.find(*wish.stack_name);
  if (!stack) return std::unexpected(stack.error());
  if (!*stack && wish.create_if_none) return std::nullopt;
  if (!*stack || (*stack)->repo_name != repo)
    return NotGranted{NoClaim::stack_unknown, "the repo " + repo.text() + " has no stack " + name};
  if (core::suits(wish, **stack)) return std::nullopt;
  return NotGranted{.why = NoClaim::never_satisfiable,
                    .detail = "the stack " + name + " does not have these labels",
                    .pool = Pool{.stacks = stacks}};
}

// How many of the repo's stacks have the labels, counted only as far as it matters.
Result<std::int64_t> count_suitable(StoreReader& store, const core::RepoName& repo,
                                    const core::Wish& wish) {
  StackQuery query{.repo_name = repo, .limit = 200};
  for (std::int64_t found = 0;;) {
    const auto page = store.list(query);
    if (!page) return std::unexpected(page.error());
    found += std::count_if(page->items.begin(), page->items.end(),
                           [&](const core::Stack& stack) { return core::suits(wish, stack); });
    if (found >= wish.count || !page->next_after) return found;
    query.after = page->next_after;
  }
}

}  // namespace

Result<Answer> impossible(StoreReader& store, const ClaimRules& rules, const core::RepoName& repo,
                          const core::Wish& wish) {
  const std::string wanted = std::to_string(wish.count);
  if (wish.create_if_none && wish.count > rules.stacks_per_repo_max)
    return NotGranted{NoClaim::never_satisfiable,
                      "a repo may have " + std::to_string(rules.stacks_per_repo_max) +
                          " stacks here, and " + wanted + " are wanted at once"};
  if (wish.create_if_none && !wish.stack_name) return std::nullopt;
  const auto totals = store.totals(repo);
  if (!totals) return std::unexpected(totals.error());
  if (totals->stacks == 0 && !wish.create_if_none)
    return NotGranted{NoClaim::repo_unknown,
                      "nobody has added a stack to the repo " + repo.text() +
                          "; check its name, add stacks, or set createIfNone"};
  if (wish.stack_name) return for_one_stack(store, repo, wish, totals->stacks);
  if (wish.labels.empty()) {
    if (totals->stacks >= wish.count) return std::nullopt;
    return NotGranted{.why = NoClaim::never_satisfiable,
                      .detail = "the repo " + repo.text() + " has " +
                                std::to_string(totals->stacks) + " stacks, and " + wanted +
                                " are wanted at once",
                      .pool = Pool{totals->stacks, totals->stacks}};
  }
  const auto suitable = count_suitable(store, repo, wish);
  if (!suitable) return std::unexpected(suitable.error());
  if (*suitable >= wish.count) return std::nullopt;
  return NotGranted{.why = NoClaim::never_satisfiable,
                    .detail = std::to_string(*suitable) + " of the " +
                              std::to_string(totals->stacks) + " stacks of " + repo.text() +
                              " have these labels, and " + wanted + " are wanted",
                    .pool = Pool{totals->stacks, *suitable}};
}

}  // namespace bddlock::service
