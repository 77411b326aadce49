// Called on the write lane by service.cpp. The use cases of requests.
#include "service/lender_work.hpp"
#include "service/retry.hpp"

namespace bddlock::service {

using core::Result;

Lender::Lender(ClaimRules rules, std::function<std::uint64_t()> random, IsOpen is_open)
    : rules_(rules), random_(std::move(random)), is_open_(std::move(is_open)) {}

Result<ClaimAnswer> Lender::claim(Store& store, const ClaimCall& call, core::Instant now,
                                  Woken& woken) {
  Work work{*this, store, now, woken};
  const auto settled = work.settle_all_due();
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
      auto granted = work.live_claims(**request, false);
      if (!granted) return std::unexpected(granted.error());
      if (granted->stacks.empty()) {
        const auto still = store.find_request(key.repo_name, key.request_id);
        if (!still) return std::unexpected(still.error());
        if (*still && (*still)->state == core::RequestState::waiting) return std::nullopt;
        return over(key);
      }
      if (!is_offer(*granted)) return std::move(*granted);
      const core::Stack& offered = granted->stacks.front();
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
    if ((*request)->state != core::RequestState::waiting) {
      auto granted = work.live_claims(**request, false);
      if (!granted) return std::unexpected(granted.error());
      if (granted->stacks.empty()) return over(key);
      return std::move(*granted);
    }
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

}  // namespace bddlock::service
