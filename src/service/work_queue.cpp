// The queue: what came free goes to the first in line that it suits. A request that is not ready
// keeps its place and is passed over; one for several keeps what suits it from those behind.
#include <algorithm>
#include <utility>

#include "service/lender_work.hpp"
#include "service/retry.hpp"

namespace bddlock::service {

using core::Result;

bool Lender::Work::is_open(const core::Request& request) const {
  const RequestKey key{request.repo_name, request.request_id};
  return asking_ == key || lender_.is_open_(key);
}

// As far as it was said when the call came: until its end and a while longer it is ready.
bool Lender::Work::is_open_elsewhere(const core::Request& request) const {
  return !is_open(request) && now_ + core::retry_after + core::ready_grace < request.ready_until;
}

bool Lender::Work::is_ready(const core::Request& request) const {
  return lender_.is_ready(request, now_);
}

Result<std::int64_t> Lender::Work::room_in(const core::RepoName& repo) {
  const auto totals = store_.totals(repo);
  if (!totals) return std::unexpected(totals.error());
  return std::max<std::int64_t>(lender_.rules_.stacks_per_repo_max - totals->stacks, 0);
}

Result<void> Lender::Work::hand_over() {
  lender_.take_left(freed_, room_);
  std::set<core::RepoName> repos = freed_;
  repos.insert(room_.begin(), room_.end());
  for (const core::RepoName& repo : repos) {
    const auto handed = with_retries<bool>([&] { return hand_over_once(repo); });
    if (!handed) return std::unexpected(handed.error());
    freed_.erase(repo);
    room_.erase(repo);
  }
  return {};
}

// Nothing: another server was faster, so look again from the start. Room to create helps whoever
// gets a part of what came free and may create the rest; without any of it, only if the room is new
// too: so the line is gone through no further than there is something to give.
Result<std::optional<bool>> Lender::Work::hand_over_once(const core::RepoName& repo) {
  Waiting waiting{store_, repo};
  FreeStacks free{store_, repo, lender_.random_, lender_.choice()};
  const bool has_new_room = room_.contains(repo);
  std::optional<std::int64_t> known_room;  // counted once somebody may create a stack
  std::int64_t room = 0;
  for (bool first = true;;) {
    const auto request = waiting.next();
    if (!request) return std::unexpected(request.error());
    if (*request == nullptr) return true;
    if (!is_ready(**request)) continue;
    if (std::exchange(first, false)) {
      const auto read = free.read();
      if (!read) return std::unexpected(read.error());
    }
    if (!known_room && ((*request)->wish.create_if_none || has_new_room)) {
      const auto there_is = room_in(repo);
      if (!there_is) return std::unexpected(there_is.error());
      known_room = room = *there_is;
    }
    if (free.are_gone() && (room == 0 || !has_new_room)) return true;
    if (spares_others_ && !has_new_room && is_open_elsewhere(**request)) {
      const auto spared = spare(**request, free);
      if (!spared) return std::unexpected(spared.error());
      continue;
    }
    const auto served = serve(**request, free, room);
    if (!served) return std::unexpected(served.error());
    if (!*served) return std::nullopt;
  }
}

// Gives a ready request its stacks, if there are enough for it: a claim if somebody listens, an
// offer otherwise. False: another server was faster.
Result<bool> Lender::Work::serve(const core::Request& request, FreeStacks& free,
                                 std::int64_t& room) {
  const auto stacks = free.pick(request.wish);
  if (!stacks) return std::unexpected(stacks.error());
  const std::int64_t missing = request.wish.count - static_cast<std::int64_t>(stacks->size());
  const auto creates = missing > 0 ? may_create(request, missing, room) : Result<bool>{false};
  if (!creates) return std::unexpected(creates.error());
  if (missing > 0 && !*creates) {
    const auto kept = keep_for(request, *stacks, free);
    if (!kept) return std::unexpected(kept.error());
    return true;
  }
  const bool open = is_open(request);
  auto granted =
      *creates ? create_and_grant(request, *stacks, !open) : grant(request, *stacks, !open, {});
  if (!granted) return std::unexpected(granted.error());
  if (!*granted) return false;
  free.take(*stacks);
  if (*creates) room -= missing;
  if (open) woken_.push_back(std::move(**granted));
  return true;
}

// What would be given to it stays free for the server where its call is open.
Result<void> Lender::Work::spare(const core::Request& request, FreeStacks& free) {
  const auto stacks = free.pick_to_keep(request.wish);
  if (!stacks) return std::unexpected(stacks.error());
  if (std::ssize(*stacks) < request.wish.count) return keep_for(request, *stacks, free);
  free.reserve(*stacks);
  return {};
}

Result<void> Lender::Work::keep_for(const core::Request& request, const Stacks& stacks,
                                    FreeStacks& free) {
  if (stacks.empty()) return {};  // so it is for every request for one stack
  const auto may = may_get_all(store_, request.repo_name, request.wish);
  if (!may) return std::unexpected(may.error());
  if (*may) free.reserve(stacks);
  return {};
}

// Goes through the line of those that are before a new request, so that `free` knows what is not
// for it: what one for several keeps, and what is due to somebody who has become ready since a
// stack came free last: by a restart, or because one that kept it from him has fallen silent. Such
// a stack is handed over at the end of the job. Mostly nobody waits, or nothing is free.
Result<void> Lender::Work::keep_for_those_before(const core::Request& request, FreeStacks& free) {
  Waiting waiting{store_, request.repo_name};
  for (bool first = true;;) {
    const auto other = waiting.next();
    if (!other) return std::unexpected(other.error());
    if (*other == nullptr || (*other)->wish.priority < request.wish.priority) return {};
    if (std::exchange(first, false)) {
      const auto read = free.read();
      if (!read) return std::unexpected(read.error());
    }
    if (free.are_gone()) return {};
    if (!is_ready(**other)) continue;
    const auto stacks = free.pick_to_keep((*other)->wish);
    if (!stacks) return std::unexpected(stacks.error());
    if (std::ssize(*stacks) == (*other)->wish.count) {
      free.reserve(*stacks);
      note_free(request.repo_name);
      continue;
    }
    const auto kept = keep_for(**other, *stacks, free);
    if (!kept) return std::unexpected(kept.error());
  }
}

}  // namespace bddlock::service
