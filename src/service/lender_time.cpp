// Called on the write lane by service.cpp. What time does: ends, forgets and tidies.
#include <algorithm>

#include "service/lender_work.hpp"
#include "service/request_status.hpp"
#include "service/retry.hpp"

namespace bddlock::service {

using core::Result;

namespace {

constexpr core::seconds called_again_in = core::retry_after + core::ready_grace;
constexpr std::size_t waiting_at_once = 500;
// An offer of another server is among what is due so soon.
constexpr core::seconds offers_seen = core::retry_after + core::ready_grace;
constexpr std::size_t looked_at = 200;

// All that wait in the repo were told nothing since the last server stopped: they have as long to
// call again as after any call. Also those whose last call might still be open: it is not. But
// where others share the table (`only_forgotten`) it may be, and whoever was told to call again was
// heard by them; only what should have been forgotten long ago shows that no server was there.
Result<std::size_t> restart_repo(Store& store, const core::RepoName& repo, bool only_forgotten,
                                 core::Instant now) {
  std::optional<QueuePlace> after;
  const std::size_t at_once = std::min(waiting_at_once, store.records_a_save_max());
  for (std::size_t count = 0;;) {
    const auto page = with_retries<std::vector<core::Request>>(
        [&]() -> Result<std::optional<std::vector<core::Request>>> {
          auto waiting = store.waiting(repo, after, at_once);
          if (!waiting) return std::unexpected(waiting.error());
          Changes changes;
          for (const core::Request& request : *waiting) {
            if (only_forgotten && now < request.ready_until + core::place_kept) continue;
            changes.requests.push_back({.next = request, .expected = request.version});
            changes.requests.back().next.ready_until = now + called_again_in;
          }
          if (changes.requests.empty()) return waiting;
          const auto saved = store.save(changes);
          if (!saved) return std::unexpected(saved.error());
          if (*saved != Saved::yes) return std::nullopt;
          return waiting;
        });
    if (!page) return std::unexpected(page.error());
    count += page->size();
    if (page->size() < at_once) return count;
    after = QueuePlace{page->back().wish.priority, page->back().arrival};
  }
}

}  // namespace

Result<bool> Lender::restart_waiting(Store& store, core::Instant now, std::size_t limit) {
  if (started_ == core::Instant::min()) started_ = now;
  for (std::size_t count = 0; count < limit;) {
    const auto repos = store.repos(restarted_to_, limit);
    if (!repos) return std::unexpected(repos.error());
    for (const core::RepoName& repo : *repos) {
      const auto restarted = restart_repo(store, repo, rules_.is_shared, now);
      if (!restarted) return std::unexpected(restarted.error());
      restarted_to_ = repo;
      if (*restarted > 0) note_line(repo, now + called_again_in);
      if (*restarted > 0) leave({repo}, {});  // what nobody who was ready waited for
      count += *restarted + 1;
      if (count >= limit) return true;
    }
    if (repos->size() < limit) break;
  }
  restarted_to_.reset();
  Woken nobody;  // nobody listens yet: what is free is offered
  const auto handed = Work{*this, store, now, nobody}.hand_over();
  if (!handed) return std::unexpected(handed.error());
  return false;
}

Result<Lender::Look> Lender::look(StoreReader& store, core::Instant now) const {
  const auto due = rules_.is_shared
                       ? store.due(now + offers_seen + 2 * rules_.clock_skew, looked_at)
                       : store.due(now, 1);
  if (!due) return std::unexpected(due.error());
  Look found;
  for (const core::Stack& stack : *due) {
    RequestKey key{stack.repo_name, stack.claim ? stack.claim->request_id : core::RequestId{}};
    if (core::is_due(stack, now))
      found.is_anything_due = true;
    else if (core::is_offered(stack) && is_open_(key))
      found.offered.push_back(std::move(key));
  }
  if (found.is_anything_due) return found;
  const auto silent = store.ready_until_before(now, 1);
  if (!silent) return std::unexpected(silent.error());
  found.is_anything_due = !silent->empty();
  return found;
}

Result<void> Lender::hand_over(Store& store, const core::RepoName& repo, bool to_all,
                               core::Instant now, Woken& woken) {
  Work work{*this, store, now, woken};
  if (to_all) work.hand_over_to_all();
  work.note_free(repo);
  return work.hand_over();
}

Result<bool> Lender::tick(Store& store, core::Instant now, std::size_t limit, Woken& woken) {
  Work work{*this, store, now, woken};
  const auto settled = work.settle_due(limit);
  if (!settled) return std::unexpected(settled.error());
  const auto silent = store.ready_until_before(now, limit);
  if (!silent) return std::unexpected(silent.error());
  Changes forgotten;
  const std::size_t at_once = std::min(limit, store.records_a_save_max());
  for (const core::Request& request : *silent) {
    if (forgotten.requests.size() == at_once) break;
    if (is_open_({request.repo_name, request.request_id})) continue;
    if (request.wish.count > 1) work.note_free(request.repo_name);  // what it kept from others
    if (now >= request.ready_until + core::place_kept)
      forgotten.requests.push_back({.next = request, .expected = request.version, .remove = true});
  }
  if (!forgotten.requests.empty()) {
    const auto saved = store.save(forgotten);  // if others were faster, the next tick sees to it
    if (!saved) return std::unexpected(saved.error());
  }
  const auto handed = work.hand_over();
  if (!handed) return std::unexpected(handed.error());
  return *settled == limit || forgotten.requests.size() == at_once;
}

Result<bool> Lender::tidy(Store& store, core::Instant now, std::size_t limit) {
  limit = std::min(limit, store.records_a_save_max());
  const auto after = tidied_to_
                         ? std::optional{std::pair{tidied_to_->repo_name, tidied_to_->request_id}}
                         : std::nullopt;
  const auto page = store.settled_requests(after, limit);
  if (!page) return std::unexpected(page.error());
  Changes changes;
  for (const core::Request& request : *page) {
    core::Request next = request;
    const auto status = status_of(store, next, now, nullptr);
    if (!status) return std::unexpected(status.error());
    if (*status != RequestStatus::ended) continue;
    const bool old = now >= next.ended_at + core::ended_request_kept;
    if (next.state == request.state && !old) continue;
    changes.requests.push_back(
        {.next = std::move(next), .expected = request.version, .remove = old});
  }
  if (!changes.requests.empty()) {
    const auto saved = store.save(changes);  // if others were faster, the next round sees to it
    if (!saved) return std::unexpected(saved.error());
  }
  const bool last = page->size() < limit;
  tidied_to_ = last ? std::nullopt
                    : std::optional{RequestKey{page->back().repo_name, page->back().request_id}};
  return last;
}

Result<bool> Lender::forget_history(Store& store, const HistoryRules& rules, core::Instant now,
                                    std::size_t limit) {
  const auto old = store.events({.until = now - ended_claim_kept, .limit = 1});
  if (!old) return std::unexpected(old.error());
  const auto keep =
      old->items.empty() ? std::max(rules.events_most, rules.events_kept) : rules.events_kept;
  const auto forgotten =
      store.forget_events(now - std::max(rules.age, ended_claim_kept), keep, limit);
  if (!forgotten) return std::unexpected(forgotten.error());
  return *forgotten > 0 && static_cast<std::size_t>(*forgotten) == limit;
}

}  // namespace bddlock::service
