// Called on the read lane by service.cpp.
#include "service/explain.hpp"

#include <algorithm>
#include <tuple>

#include "service/lender.hpp"
#include "service/line.hpp"

namespace bddlock::service {

using core::Result;

std::string_view to_text(NotGiven why) {
  switch (why) {
    case NotGiven::claimed:
      return "claimed";
    case NotGiven::offered:
      return "offered";
    case NotGiven::held:
      return "held";
    case NotGiven::disabled:
      return "disabled";
    case NotGiven::reserved:
      return "reserved";
    case NotGiven::free:
      return "free";
  }
  return "";
}

namespace {

constexpr std::int64_t stacks_looked_at = 20'000;

NotGiven reason(const core::Stack& stack, const FreeStacks& free) {
  switch (stack.state) {
    case core::State::claimed:
      return core::is_offered(stack) ? NotGiven::offered : NotGiven::claimed;
    case core::State::held:
      return NotGiven::held;
    case core::State::disabled:
      return NotGiven::disabled;
    case core::State::available:
      break;
  }
  return free.is_reserved(stack.stack_name) ? NotGiven::reserved : NotGiven::free;
}

// Those that come free first are first: free ones, then by the end of their claim or hold; of seed
// claims nobody knows it.
std::tuple<int, core::Instant> comes_free(const SuitableStack& suitable) {
  const core::Instant end =
      suitable.stack.claim ? suitable.stack.claim->expires_at : core::Instant::max();
  switch (suitable.why) {
    case NotGiven::free:
      return {0, core::Instant::min()};
    case NotGiven::reserved:
      return {1, core::Instant::min()};
    case NotGiven::claimed:
    case NotGiven::offered:
    case NotGiven::held:
      return {2, end};
    case NotGiven::disabled:
      break;
  }
  return {3, core::Instant::max()};
}

Result<void> add_suitable(Explanation& told, StoreReader& store, const FreeStacks& free,
                          core::Instant now) {
  StackQuery query{.repo_name = told.request.repo_name};
  const auto better = [](const SuitableStack& a, const SuitableStack& b) {
    return comes_free(a) < comes_free(b);
  };
  for (std::int64_t looked_at = 0; looked_at < stacks_looked_at;) {
    const auto page = store.list(query);
    if (!page) return std::unexpected(page.error());
    for (const core::Stack& listed : page->items) {
      core::Stack stack =
          core::is_due(listed, now) ? core::decide(listed, core::Settle{}, now).next : listed;
      if (!core::suits(told.request.wish, stack)) continue;
      ++told.suitable_in_all;
      const NotGiven why = reason(stack, free);
      told.suitable.push_back({std::move(stack), why});
    }
    std::ranges::stable_sort(told.suitable, better);
    if (told.suitable.size() > explained_stacks_max) told.suitable.resize(explained_stacks_max);
    looked_at += std::ssize(page->items) + 1;
    if (!page->next_after) break;
    query.after = page->next_after;
  }
  return {};
}

std::string holder_words(const core::Stack& stack) {
  if (!stack.claim) return "a client of the seed's API";
  const core::Holder& holder = stack.claim->holder;
  for (const std::string* name : {&holder.job, &holder.actor, &holder.ci})
    if (!name->empty()) return *name;
  return "somebody";
}

std::string count_words(std::int64_t count, const std::string& one, const std::string& many) {
  return count == 1 ? "1 " + one : std::to_string(count) + " " + many;
}

std::string come_free_words(const Explanation& told) {
  const auto all_disabled = std::ranges::all_of(
      told.suitable, [](const auto& stack) { return stack.why == NotGiven::disabled; });
  if (all_disabled)
    return "every suitable stack is disabled: one has to be enabled, such as " +
           told.suitable.front().stack.stack_name.text();
  const int count = told.request.wish.count;
  std::string words =
      count == 1 ? "a suitable stack must come free"
                 : std::to_string(count) + " suitable stacks must be free at the same time";
  const auto next = std::ranges::find_if(told.suitable, [](const SuitableStack& suitable) {
    return std::get<0>(comes_free(suitable)) == 2;
  });
  if (next == told.suitable.end()) return words;
  words += ", such as " + next->stack.stack_name.text() + ", which " + holder_words(next->stack) +
           " has";
  if (next->stack.claim)
    words += " until " + core::to_rfc3339(next->stack.claim->expires_at) + " if it is not extended";
  return words;
}

void add_first(Explanation& told) {
  if (told.place && !told.place->never.empty()) told.first.push_back(told.place->never);
  if (told.place && told.place->position > 1)
    told.first.push_back(
        count_words(told.place->position - 1, "request is", "requests are") +
        " before it: those of them that are ready and that a free stack suits are served first");
  if (!told.ready)
    told.first.push_back("its client must call again: it is passed over since " +
                         core::to_rfc3339(told.request.ready_until) + ", and forgotten at " +
                         core::to_rfc3339(told.request.ready_until + core::place_kept));
  const auto free = std::ranges::count_if(
      told.suitable, [](const auto& stack) { return stack.why == NotGiven::free; });
  if (free < told.request.wish.count && !told.suitable.empty())
    told.first.push_back(come_free_words(told));
}

}  // namespace

// The open call of one that was silent for too long has still to be heard: it will begin anew, at
// the back.
bool Lender::is_ready(const core::Request& request, core::Instant now) const {
  return now < request.ready_until || (now < request.ready_until + core::place_kept &&
                                       is_open_({request.repo_name, request.request_id}));
}

// Goes through the line up to `request` and keeps for the others what the queue would keep.
Result<void> Lender::keep_for_those_before(StoreReader& store, const core::Request& request,
                                           FreeStacks& free, core::Instant now) {
  Waiting waiting{store, request.repo_name};
  while (true) {
    const auto other = waiting.next();
    if (!other) return std::unexpected(other.error());
    if (*other == nullptr || !core::before(**other, request)) return {};
    if ((*other)->wish.count == 1 || !is_ready(**other, now)) continue;
    const auto stacks = free.pick_to_keep((*other)->wish);
    if (!stacks) return std::unexpected(stacks.error());
    const auto may = may_get_all(store, request.repo_name, (*other)->wish);
    if (!may) return std::unexpected(may.error());
    if (*may) free.reserve(*stacks);
  }
}

Result<std::optional<Explanation>> Lender::explain(StoreReader& store, const RequestKey& key,
                                                   core::Instant now) {
  auto request = store.find_request(key.repo_name, key.request_id);
  if (!request) return std::unexpected(request.error());
  if (!*request) return std::nullopt;
  Explanation told{.request = std::move(**request)};
  const auto status = status_of(store, told.request, now, &told.claims);
  if (!status) return std::unexpected(status.error());
  told.status = *status;
  if (told.status != RequestStatus::waiting) return told;
  told.open = is_open_(key);
  told.ready = is_ready(told.request, now);
  auto at = place(store, key, now);
  if (!at) return std::unexpected(at.error());
  told.place = std::move(*at);
  FreeStacks free{store, key.repo_name, random_};
  if (const auto kept = keep_for_those_before(store, told.request, free, now); !kept)
    return std::unexpected(kept.error());
  if (const auto added = add_suitable(told, store, free, now); !added)
    return std::unexpected(added.error());
  add_first(told);
  return told;
}

}  // namespace bddlock::service
