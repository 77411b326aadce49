// Called on any lane. Where requests stand in line, and when their turn may come.
#include <algorithm>
#include <unordered_map>

#include "service/lender.hpp"
#include "service/line.hpp"
#include "service/possible.hpp"

namespace bddlock::service {

using core::Result;

namespace {

constexpr std::size_t in_use_looked_at = 200;  // stacks in use that an estimate is made of
constexpr std::size_t counted_singly = 8;  // more requests are found by going through the line once

using Positions = std::unordered_map<core::RequestId, std::int64_t>;

Result<Positions> positions(StoreReader& store, const core::RepoName& repo,
                            std::span<const core::RequestId> ids) {
  Positions found;
  if (ids.size() <= counted_singly) {
    for (const core::RequestId& id : ids) {
      const auto request = store.find_request(repo, id);
      if (!request) return std::unexpected(request.error());
      if (!*request || (*request)->state != core::RequestState::waiting) continue;
      const auto before =
          store.count_waiting_before(repo, {(*request)->wish.priority, (*request)->arrival});
      if (!before) return std::unexpected(before.error());
      found[id] = *before + 1;
    }
    return found;
  }
  for (const core::RequestId& id : ids) found[id] = 0;
  Waiting waiting{store, repo};
  for (std::int64_t position = 1;; ++position) {
    const auto request = waiting.next();
    if (!request) return std::unexpected(request.error());
    if (*request == nullptr) return found;
    const auto at = found.find((*request)->request_id);
    if (at != found.end()) at->second = position;
  }
}

// For how long each stack in use has been claimed.
Result<std::vector<core::microseconds>> elapsed_claims(StoreReader& store,
                                                       const core::RepoName& repo,
                                                       core::Instant now) {
  const auto in_use =
      store.list({.repo_name = repo, .state = core::State::claimed, .limit = in_use_looked_at});
  if (!in_use) return std::unexpected(in_use.error());
  std::vector<core::microseconds> elapsed;
  for (const core::Stack& stack : in_use->items) {
    const core::Instant since = stack.claim ? stack.claim->claimed_at : stack.last_used;
    elapsed.push_back(since < now ? now - since : core::microseconds{0});
  }
  return elapsed;
}

}  // namespace

Result<std::optional<core::microseconds>> Lender::typical_claim(StoreReader& store,
                                                                const core::RepoName& repo) {
  return hold_times_.typical(store, repo);
}

Result<std::vector<std::optional<Queued>>> Lender::places(StoreReader& store,
                                                          const core::RepoName& repo,
                                                          std::span<const core::RequestId> ids,
                                                          core::Instant now) {
  const auto at = positions(store, repo, ids);
  if (!at) return std::unexpected(at.error());
  const auto typical = hold_times_.typical(store, repo);
  if (!typical) return std::unexpected(typical.error());
  const auto elapsed =
      *typical ? elapsed_claims(store, repo, now) : Result<std::vector<core::microseconds>>{};
  if (!elapsed) return std::unexpected(elapsed.error());
  std::vector<std::optional<Queued>> places;
  for (const core::RequestId& id : ids) {
    const auto found = at->find(id);
    if (found == at->end() || found->second == 0) {
      places.emplace_back();
      continue;
    }
    Queued queued{.key = {repo, id}, .position = found->second};
    if (*typical) queued.estimated_wait = estimate_wait(queued.position, **typical, *elapsed);
    const auto never = never_as_it_is(store, queued.key);
    if (!never) return std::unexpected(never.error());
    queued.never = *never;
    places.push_back(std::move(queued));
  }
  return places;
}

Result<std::optional<Queued>> Lender::place(StoreReader& store, const RequestKey& key,
                                            core::Instant now) {
  auto found = places(store, key.repo_name, {&key.request_id, 1}, now);
  if (!found) return std::unexpected(found.error());
  return std::move(found->front());
}

// Why the pool cannot grant it any more, since it was asked for: stacks were removed, or got other
// labels.
Result<std::string> Lender::never_as_it_is(StoreReader& store, const RequestKey& key) const {
  const auto request = store.find_request(key.repo_name, key.request_id);
  if (!request) return std::unexpected(request.error());
  if (!*request) return std::string{};
  const auto never = impossible(store, rules_, key.repo_name, (*request)->wish);
  if (!never) return std::unexpected(never.error());
  if (*never) return (*never)->detail;
  if ((*request)->wish.count == 1 || (*request)->wish.create_if_none) return std::string{};
  const auto may = may_get_all(store, key.repo_name, (*request)->wish);
  if (!may) return std::unexpected(may.error());
  if (*may) return std::string{};
  return std::string{"so many suitable stacks are disabled that it is passed over"};
}

}  // namespace bddlock::service
