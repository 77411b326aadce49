// Called on the write lane by service.cpp. The use cases of requests.
#include <algorithm>
#include <utility>

#include "service/lender_work.hpp"
#include "service/retry.hpp"

namespace bddlock::service {

using core::Result;

Lender::Lender(ClaimRules rules, std::function<std::uint64_t()> random, IsOpen is_open,
               IsAnyOpen is_any_open)
    : rules_(rules),
      random_(std::move(random)),
      is_open_(std::move(is_open)),
      is_any_open_(std::move(is_any_open)) {}

void Lender::leave(const std::set<core::RepoName>& freed, const std::set<core::RepoName>& room) {
  const std::scoped_lock lock{mutex_};
  left_free_.insert(freed.begin(), freed.end());
  left_room_.insert(room.begin(), room.end());
  has_left_.store(true, std::memory_order_release);
}

void Lender::take_left(std::set<core::RepoName>& freed, std::set<core::RepoName>& room) {
  if (!has_left_.load(std::memory_order_acquire)) return;
  const std::scoped_lock lock{mutex_};
  freed.merge(std::exchange(left_free_, {}));
  room.merge(std::exchange(left_room_, {}));
  has_left_.store(false, std::memory_order_release);
}

void Lender::note_line(const core::RepoName& repo, core::Instant ready_until) {
  if (!rules_.is_shared) return;
  const std::scoped_lock lock{mutex_};
  core::Instant& known = ready_lines_.try_emplace(repo, ready_until).first->second;
  known = std::max(known, ready_until);
}

bool Lender::sees_to(const core::RepoName& repo, core::Instant now) {
  if (!rules_.is_shared) return true;
  const std::scoped_lock lock{mutex_};
  const auto at = ready_lines_.find(repo);
  if (at == ready_lines_.end()) return is_any_open_ && is_any_open_(repo);
  if (now < at->second) return true;
  ready_lines_.erase(at);
  return is_any_open_ && is_any_open_(repo);
}

std::int64_t Lender::next_arrival(std::int64_t at_least) {
  const std::scoped_lock lock{mutex_};
  return last_arrival_ = std::max(at_least, last_arrival_ + 1);
}

Result<ClaimAnswer> Lender::claim(Store& store, const ClaimCall& call, core::Instant now,
                                  Woken& woken) {
  Work work{*this, store, now, woken};
  const auto settled = rules_.is_shared ? Result<std::size_t>{0} : work.settle_all_due();
  if (!settled) return std::unexpected(settled.error());
  const auto first = work.hand_over();  // those who wait come before whoever calls now
  if (!first) return std::unexpected(first.error());
  auto answer = with_retries<ClaimAnswer>([&] { return work.call_once(call); });
  if (!answer) return answer;
  const auto handed = work.hand_over();
  if (!handed) return std::unexpected(handed.error());
  return answer;
}

Result<ClaimAnswer> Lender::collect(Store& store, const RequestKey& key, core::Instant now,
                                    Woken& woken) {
  Work work{*this, store, now, woken};
  auto answer = with_retries<ClaimAnswer>([&]() -> Result<std::optional<ClaimAnswer>> {
    auto standing = work.standing(key);
    if (!standing || *standing) return standing;
    const auto known = store.find_request(key.repo_name, key.request_id);
    if (!known) return std::unexpected(known.error());
    if (*known) return std::nullopt;
    return NotGranted{NoClaim::request_unknown,
                      "no request " + key.request_id.text() + " is known any more"};
  });
  if (!answer) return answer;
  const auto handed = work.hand_over();
  if (!handed) return std::unexpected(handed.error());
  return answer;
}

Result<void> Lender::call_ended(Store& store, const RequestKey& key,
                                std::optional<core::Instant> open_until, core::Instant now) {
  const auto done = with_retries<bool>([&]() -> Result<std::optional<bool>> {
    const auto request = store.find_request(key.repo_name, key.request_id);
    if (!request) return std::unexpected(request.error());
    if (!*request || (*request)->state != core::RequestState::waiting) return true;
    Changes changes;
    changes.requests.push_back({.next = **request, .expected = (*request)->version});
    core::Instant& ready_until = changes.requests.back().next.ready_until;
    const core::Instant over = std::max(now, open_until.value_or(now));
    ready_until = std::min(ready_until, over + core::retry_after + core::ready_grace);
    const auto saved = store.save(changes);
    if (!saved) return std::unexpected(saved.error());
    if (*saved != Saved::yes) return std::nullopt;
    return true;
  });
  if (!done) return std::unexpected(done.error());
  return {};
}

namespace {

NotGranted unknown(const RequestKey& key) {
  return {NoClaim::request_unknown,
          "no request " + key.request_id.text() + " is known in " + key.repo_name.text()};
}

NotGranted over(const RequestKey& key) {
  return {NoClaim::request_ended, "the claim of request " + key.request_id.text() + " is over"};
}

bool is_offer(const Granted& granted) {
  return !granted.stacks.empty() && granted.stacks.front().claim->offered;
}

}  // namespace

// An offer counts as waiting: nobody has been told of it.
Result<WithdrawAnswer> Lender::withdraw(Store& store, const RequestKey& key, core::Instant now,
                                        Woken& woken) {
  Work work{*this, store, now, woken};
  auto answer = with_retries<WithdrawAnswer>([&]() -> Result<std::optional<WithdrawAnswer>> {
    const auto request = store.find_request(key.repo_name, key.request_id);
    if (!request) return std::unexpected(request.error());
    if (!*request) return unknown(key);
    Changes changes;
    if ((*request)->state == core::RequestState::waiting) {
      changes.requests.push_back(
          {.next = **request, .expected = (*request)->version, .remove = true});
    } else {
      auto granted = work.granted_once(**request, false);
      if (!granted) return std::unexpected(granted.error());
      if (!*granted) return std::nullopt;
      if ((*granted)->stacks.empty()) return over(key);
      if (!is_offer(**granted)) return std::move(**granted);
      const core::Stack& offered = (*granted)->stacks.front();
      core::Decision decision = core::decide(offered, core::TakeBack{}, now);
      changes.events.push_back(std::move(*decision.event));
      changes.stacks.push_back({.next = std::move(decision.next), .expected = offered.version});
      const auto taken = work.take_back(changes, offered, true);
      if (!taken) return std::unexpected(taken.error());
    }
    work.note_free(key.repo_name);
    const auto saved = store.save(changes);
    if (!saved) return std::unexpected(saved.error());
    if (*saved != Saved::yes) return std::nullopt;
    return Withdrawn{};
  });
  if (!answer) return answer;
  const auto handed = work.hand_over();
  if (!handed) return std::unexpected(handed.error());
  return answer;
}

Result<PriorityAnswer> Lender::reprioritise(Store& store, const RequestKey& key, int priority,
                                            core::Instant now, Woken& woken) {
  Work work{*this, store, now, woken};
  auto answer = with_retries<PriorityAnswer>([&]() -> Result<std::optional<PriorityAnswer>> {
    const auto request = store.find_request(key.repo_name, key.request_id);
    if (!request) return std::unexpected(request.error());
    if (!*request) return unknown(key);
    if ((*request)->state != core::RequestState::waiting) return work.see(**request);
    Changes changes;
    changes.requests.push_back({.next = **request, .expected = (*request)->version});
    changes.requests.back().next.wish.priority = priority;
    work.note_free(key.repo_name);  // what it kept, or what was kept from it
    const auto saved = store.save(changes);
    if (!saved) return std::unexpected(saved.error());
    if (*saved != Saved::yes) return std::nullopt;
    return Queued{.key = key};
  });
  if (!answer) return answer;
  const auto handed = work.hand_over();
  if (!handed) return std::unexpected(handed.error());
  return answer;
}

Result<PriorityAnswer> Lender::standing(Store& store, const RequestKey& key, core::Instant now,
                                        Woken& woken) {
  Work work{*this, store, now, woken};
  auto answer = with_retries<PriorityAnswer>([&]() -> Result<std::optional<PriorityAnswer>> {
    const auto request = store.find_request(key.repo_name, key.request_id);
    if (!request) return std::unexpected(request.error());
    if (!*request) return unknown(key);
    return work.see(**request);
  });
  if (!answer) return answer;
  const auto handed = work.hand_over();
  if (!handed) return std::unexpected(handed.error());
  return answer;
}

Result<std::optional<PriorityAnswer>> Lender::Work::see(const core::Request& request) {
  const RequestKey key{request.repo_name, request.request_id};
  if (request.state == core::RequestState::waiting) return Queued{.key = key};
  auto granted = granted_once(request, false);
  if (!granted) return std::unexpected(granted.error());
  if (!*granted) return std::nullopt;
  if ((*granted)->stacks.empty()) return over(key);
  return std::move(**granted);
}

}  // namespace bddlock::service
