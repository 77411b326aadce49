// Called by service_reads.cpp.
#include "service/seen.hpp"

#include <algorithm>

#include "core/decide.hpp"

namespace bddlock::service {

using core::Result;

namespace {

constexpr std::size_t due_looked_at = 1000;

bool is_on_page(const StackQuery& query, const std::optional<core::StackName>& last,
                const core::StackName& name) {
  return (!query.after || *query.after < name) && (!last || name <= *last);
}

// Those that the store has under another state by now belong on the page as well.
Result<void> add_due(StoreReader& reader, const StackQuery& query, core::Instant now,
                     StackPage& page) {
  const auto due = reader.due(now, due_looked_at);
  if (!due) return std::unexpected(due.error());
  for (const core::Stack& stack : *due) {
    if (query.repo_name && stack.repo_name != *query.repo_name) continue;
    if (stack.state == *query.state || !is_on_page(query, page.next_after, stack.stack_name))
      continue;
    core::Stack seen = seen_at(stack, now);
    if (seen.state == *query.state) page.items.push_back(std::move(seen));
  }
  std::ranges::sort(page.items, {}, &core::Stack::stack_name);
  if (page.items.size() <= query.limit) return {};
  page.items.erase(page.items.begin() + static_cast<std::ptrdiff_t>(query.limit), page.items.end());
  page.next_after = page.items.back().stack_name;
  return {};
}

std::int64_t& count_of(RepoTotals& totals, core::State state) {
  switch (state) {
    case core::State::available:
      return totals.available;
    case core::State::claimed:
      return totals.claimed;
    case core::State::held:
      return totals.held;
    case core::State::disabled:
      break;
  }
  return totals.disabled;
}

}  // namespace

core::Stack seen_at(core::Stack stack, core::Instant now) {
  if (!core::is_due(stack, now)) return stack;
  return core::decide(stack, core::Settle{}, now).next;
}

Result<StackPage> list_seen(StoreReader& reader, const StackQuery& query, core::Instant now) {
  auto page = reader.list(query);
  if (!page) return page;
  for (core::Stack& stack : page->items) stack = seen_at(std::move(stack), now);
  if (!query.state) return page;
  std::erase_if(page->items, [&](const core::Stack& stack) { return stack.state != *query.state; });
  if (auto added = add_due(reader, query, now, *page); !added)
    return std::unexpected(added.error());
  return page;
}

Result<RepoTotals> totals_seen(StoreReader& reader, const core::RepoName& repo, core::Instant now) {
  auto totals = reader.totals(repo);
  if (!totals) return totals;
  const auto due = reader.due(now, due_looked_at);
  if (!due) return std::unexpected(due.error());
  for (const core::Stack& stack : *due) {
    if (stack.repo_name != repo) continue;
    --count_of(*totals, stack.state);
    ++count_of(*totals, seen_at(stack, now).state);
  }
  return totals;
}

}  // namespace bddlock::service
