// One call for a claim: a request that is new, or the repeat of one that is known. Each step
// answers, or has nothing to answer because another server was faster.
#include <algorithm>
#include <utility>

#include "service/lender_work.hpp"
#include "service/possible.hpp"
#include "service/retry.hpp"

namespace bddlock::service {

using core::Result;
using OnceAnswer = Result<std::optional<ClaimAnswer>>;

namespace {

core::Instant ready_until(const ClaimCall& call, core::Instant now) {
  return now + call.wait + core::retry_after + core::ready_grace;
}

ClaimAnswer ended(const core::RequestId& id) {
  return NotGranted{NoClaim::request_ended, "the claim of request " + id.text() +
                                                " is over; use a new requestId for a new one"};
}

// Nothing: another server was faster.
OnceAnswer answered(Result<std::optional<Granted>> granted) {
  if (!granted) return std::unexpected(granted.error());
  if (!*granted) return std::nullopt;
  return std::move(**granted);
}

bool is_old(const core::Request& request, core::Instant now) {
  return request.state == core::RequestState::ended &&
         now >= request.ended_at + core::ended_request_kept;
}

}  // namespace

OnceAnswer Lender::Work::call_once(const ClaimCall& call) {
  if (call.is_first) return fresh_once(call, 0);
  const auto known = store_.find_request(call.key.repo_name, call.key.request_id);
  if (!known) return std::unexpected(known.error());
  if (!*known) return fresh_once(call, 0);
  const core::Request& request = **known;
  const bool waits = request.state == core::RequestState::waiting;
  const bool forgotten = waits && now_ >= request.ready_until + core::place_kept;
  if (forgotten || is_old(request, now_)) return fresh_once(call, request.version);
  if (!core::asks_the_same(request, call.wish))
    return NotGranted{NoClaim::request_conflict,
                      "the request " + request.request_id.text() +
                          " asked for something else before; use a new requestId"};
  return waits ? poll_once(call, request) : collect_once(request);
}

// All that is free was offered to those who wait, so what is left here they do not want.
OnceAnswer Lender::Work::fresh_once(const ClaimCall& call, core::Version expected) {
  core::Request request{.repo_name = call.key.repo_name,
                        .request_id = call.key.request_id,
                        .wish = call.wish,
                        .asked_priority = call.wish.priority,
                        .arrival = now_.time_since_epoch().count(),
                        .arrived_at = now_,
                        .ready_until = ready_until(call, now_),
                        .version = expected};
  FreeStacks free{store_, request.repo_name, lender_.random_, lender_.choice()};
  const auto kept = keep_for_those_before(request, free);
  if (!kept) return std::unexpected(kept.error());
  const auto stacks = free.pick(request.wish);
  if (!stacks) return std::unexpected(stacks.error());
  const std::int64_t missing = request.wish.count - std::ssize(*stacks);
  if (missing == 0) return answered(grant(std::move(request), *stacks, false, {}));
  const auto settled = settle_for(request);
  if (!settled) return std::unexpected(settled.error());
  if (!*settled) return std::nullopt;
  auto never = impossible(store_, lender_.rules_, request.repo_name, request.wish);
  if (!never) return std::unexpected(never.error());
  if (*never) return std::move(**never);
  const auto room =
      request.wish.create_if_none ? room_in(request.repo_name) : Result<std::int64_t>{0};
  if (!room) return std::unexpected(room.error());
  const auto creates = may_create(request, missing, *room);
  if (!creates) return std::unexpected(creates.error());
  if (*creates) return answered(create_and_grant(request, *stacks, false));
  if (call.wait.count() == 0) return nothing_now(request, free.has_reserved());
  return remember_once(std::move(request));
}

// Before a request is told that nothing is free: what is over is ended and goes to those who wait
// for it. Nothing: that changed something, so look again.
Result<std::optional<bool>> Lender::Work::settle_for(const core::Request& request) {
  if (std::exchange(looked_for_due_, true)) return true;
  const auto settled = settle_all_due();
  if (!settled) return std::unexpected(settled.error());
  if (*settled == 0) return true;
  note_free(request.repo_name);
  const auto handed = hand_over();
  if (!handed) return std::unexpected(handed.error());
  return std::nullopt;
}

// At the back: behind all that wait, and behind those whose offer may still lapse.
OnceAnswer Lender::Work::remember_once(core::Request request) {
  const auto last = store_.last_arrival(request.repo_name);
  if (!last) return std::unexpected(last.error());
  request.arrival = lender_.next_arrival(std::max(request.arrival, *last + 1));
  Changes changes;
  const core::Version expected = request.version;
  const RequestKey key{request.repo_name, request.request_id};
  lender_.note_line(request.repo_name, request.ready_until);
  changes.requests.push_back({.next = std::move(request), .expected = expected});
  const auto saved = store_.save(changes);
  if (!saved) return std::unexpected(saved.error());
  if (*saved != Saved::yes) return std::nullopt;
  return Queued{.key = key};
}

OnceAnswer Lender::Work::nothing_now(const core::Request& request, bool some_are_reserved) {
  if (request.wish.stack_name) {
    auto stack = load(*request.wish.stack_name);
    if (!stack) return std::unexpected(stack.error());
    const bool kept = *stack && (*stack)->state == core::State::available;
    return NotGranted{NoClaim::stack_unavailable,
                      request.wish.stack_name->text() +
                          (kept ? " is kept for those who were here before" : " is not free now"),
                      std::move(*stack)};
  }
  std::string detail = "no suitable stack of " + request.repo_name.text() + " is free now";
  if (some_are_reserved) detail += " for those at the back of the line";
  if (request.wish.create_if_none)
    detail += ", and the repo has as many stacks as it may (" +
              std::to_string(lender_.rules_.stacks_per_repo_max) + ")";
  return NotGranted{NoClaim::none_available, detail + "; waitSeconds waits for one"};
}

// The repeat of a waiting request: it is heard of again, and may be granted now.
OnceAnswer Lender::Work::poll_once(const ClaimCall& call, core::Request request) {
  request.ready_until = std::max(request.ready_until, ready_until(call, now_));
  request.wish.holder = call.wish.holder;
  request.wish.prefer_branch = call.wish.prefer_branch;
  request.wish.prefer_commit = call.wish.prefer_commit;
  lender_.note_line(request.repo_name, request.ready_until);
  Changes changes;
  changes.requests.push_back({.next = request, .expected = request.version});
  const auto saved = store_.save(changes);
  if (!saved) return std::unexpected(saved.error());
  if (*saved != Saved::yes) return std::nullopt;
  if (!std::exchange(looked_for_due_, true)) {
    const auto settled = settle_all_due();
    if (!settled) return std::unexpected(settled.error());
  }
  asking_ = call.key;
  note_free(request.repo_name);  // something may have been free that nobody ready wanted
  if (request.wish.create_if_none) note_room(request.repo_name);
  const auto handed = hand_over();
  if (!handed) return std::unexpected(handed.error());
  return standing(call.key);
}

// What has become of a request that waited a moment ago.
OnceAnswer Lender::Work::standing(const RequestKey& key) {
  const auto request = store_.find_request(key.repo_name, key.request_id);
  if (!request) return std::unexpected(request.error());
  if (!*request) return std::nullopt;
  if ((*request)->state == core::RequestState::waiting) return Queued{.key = key};
  return collect_once(**request);
}

OnceAnswer Lender::Work::collect_once(const core::Request& request) {
  auto granted = granted_once(request, true);
  if (!granted) return std::unexpected(granted.error());
  if (!*granted) return std::nullopt;
  if ((*granted)->stacks.empty()) return ended(request.request_id);
  return std::move(**granted);
}

Result<std::optional<Granted>> Lender::Work::granted_once(const core::Request& request,
                                                          bool collect) {
  auto granted = live_claims(request, collect);
  if (!granted) return std::unexpected(granted.error());
  if (!granted->stacks.empty()) return std::move(*granted);
  // An offer whose time was over put the request back into its place while it was looked at.
  const auto again = store_.find_request(request.repo_name, request.request_id);
  if (!again) return std::unexpected(again.error());
  if (!*again || (*again)->state == core::RequestState::waiting) return std::nullopt;
  return std::move(*granted);
}

Result<Granted> Lender::Work::live_claims(const core::Request& request, bool collect) {
  return with_retries<Granted>([&] { return live_claims_once(request, collect); });
}

Result<std::optional<Granted>> Lender::Work::live_claims_once(const core::Request& request,
                                                              bool collect) {
  Granted granted{.key = {request.repo_name, request.request_id}};
  Changes changes;
  for (const core::GrantedClaim& claim : request.claims) {
    auto stack = load(claim.stack_name);
    if (!stack) return std::unexpected(stack.error());
    const bool lives = *stack && (*stack)->state == core::State::claimed && (*stack)->claim &&
                       (*stack)->claim->key == claim.key;
    if (!lives) continue;
    granted.stacks.push_back(**stack);
    if (!collect || !(*stack)->claim->offered) continue;
    core::Decision decision = core::decide(**stack, core::Collect{claim.key}, now_);
    changes.events.push_back(std::move(*decision.event));
    granted.stacks.back() = decision.next;
    ++granted.stacks.back().version;
    changes.stacks.push_back({.next = std::move(decision.next), .expected = (*stack)->version});
  }
  if (changes.stacks.empty()) return granted;
  const auto saved = store_.save(changes);
  if (!saved) return std::unexpected(saved.error());
  if (*saved != Saved::yes) return std::nullopt;
  return granted;
}

}  // namespace bddlock::service
