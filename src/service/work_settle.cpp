// What time ends is ended here, before anything else is decided on a stack; and every change of a
// single stack is saved here.
#include <algorithm>
#include <utility>

#include "service/lender_work.hpp"
#include "service/retry.hpp"

namespace bddlock::service {

using core::Result;

namespace {

constexpr std::size_t settled_at_once = 64;

// Whether an offer is neither there any more nor collected.
bool ends_offer(const core::Stack& before, const core::Stack& next, core::Effect effect) {
  if (!core::is_offered(before)) return false;
  const bool goes_on = effect == core::Effect::save && next.state == core::State::claimed &&
                       next.claim && next.claim->key == before.claim->key;
  return !goes_on;
}

// Whether a request for several may have become impossible by this, so that what it kept is to go
// to others.
bool suits_fewer(const core::Stack& before, const core::Stack& next) {
  return (is_for_sale(before) && !is_for_sale(next)) || before.labels != next.labels;
}

}  // namespace

Result<std::optional<core::Stack>> Lender::Work::load(const core::StackName& name) {
  for (int i = 0; i < tries_max; ++i) {
    auto stack = store_.find(name);
    if (!stack) return std::unexpected(stack.error());
    if (!*stack || !core::is_due(**stack, now_)) return stack;
    const auto settled = save(**stack, core::decide(**stack, core::Settle{}, now_));
    if (!settled) return std::unexpected(settled.error());
  }
  return std::unexpected(kept_changing());
}

Result<std::size_t> Lender::Work::settle_due(std::size_t limit) {
  const auto due = store_.due(now_, limit);
  if (!due) return std::unexpected(due.error());
  for (const core::Stack& stack : *due) {
    // An offer of several stacks ends as a whole, so the record may have been settled by now.
    const auto settled = load(stack.stack_name);
    if (!settled) return std::unexpected(settled.error());
  }
  return due->size();
}

// Nothing that is over may count when a claim is decided, however much ended at the same time.
Result<std::size_t> Lender::Work::settle_all_due() {
  for (std::size_t all = 0;;) {
    const auto settled = settle_due(settled_at_once);
    if (!settled) return settled;
    all += *settled;
    if (*settled < settled_at_once) return all;
  }
}

std::optional<core::Stack> Lender::Work::recall(const core::StackName& name) {
  if (!lender_.rules_.is_shared || !recalled_.insert(name).second) return std::nullopt;
  auto stack = store_.recall(name);
  if (stack && core::is_due(*stack, now_)) return std::nullopt;
  return stack;
}

Result<bool> Lender::Work::save(const core::Stack& before, core::Decision decision) {
  std::vector<core::Event> events;
  if (decision.event) events.push_back(std::move(*decision.event));
  return save(before, std::move(decision.next), decision.effect, std::move(events));
}

Result<bool> Lender::Work::save(const core::Stack& before, core::Stack next, core::Effect effect,
                                std::vector<core::Event> events) {
  if (effect == core::Effect::none) return true;
  const bool remove = effect == core::Effect::remove;
  const bool freed = !remove && next.state == core::State::available;
  Changes changes{.events = std::move(events)};
  if (ends_offer(before, next, effect)) {
    const auto taken = take_back(changes, before, false);
    if (!taken) return std::unexpected(taken.error());
  }
  // Noted before, because a failed save may have been made all the same.
  const core::RepoName& repo = remove ? before.repo_name : next.repo_name;
  if ((freed && lender_.sees_to(repo, now_)) || !changes.stacks.empty() ||
      suits_fewer(before, next))
    note_free(repo);
  if (remove) note_room(repo);
  changes.stacks.push_back({.next = std::move(next), .expected = before.version, .remove = remove});
  const auto saved = store_.save(changes);
  if (!saved) return std::unexpected(saved.error());
  if (*saved != Saved::yes) return false;
  for (const core::Event& event : changes.events) note_ended(event);
  return true;
}

Result<void> Lender::Work::take_back(Changes& changes, const core::Stack& offered, bool withdrawn) {
  const core::RequestId& id = offered.claim->request_id;
  const auto request = store_.find_request(offered.repo_name, id);
  if (!request) return std::unexpected(request.error());
  if (!*request || (*request)->state != core::RequestState::granted) return {};
  for (const core::GrantedClaim& claim : (*request)->claims) {
    if (claim.stack_name == offered.stack_name) continue;
    const auto stack = store_.find(claim.stack_name);
    if (!stack) return std::unexpected(stack.error());
    if (!*stack || !core::is_offered(**stack) || (*stack)->claim->key != claim.key) continue;
    core::Decision decision = core::decide(**stack, core::TakeBack{}, now_);
    changes.events.push_back(std::move(*decision.event));
    changes.stacks.push_back({.next = std::move(decision.next), .expected = (*stack)->version});
  }
  core::Request next = **request;
  next.state = core::RequestState::waiting;
  next.claims.clear();
  // It was given a while to collect, and is ready again only once it calls; but an offer from
  // before a restart tells nothing of its client.
  next.ready_until = std::min(next.ready_until, offered.claim->expires_at);
  if (offered.claim->claimed_at < lender_.started_)
    next.ready_until = lender_.started_ + core::retry_after + core::ready_grace;
  const bool forgotten = now_ >= next.ready_until + core::place_kept;
  changes.requests.push_back(
      {.next = std::move(next), .expected = (*request)->version, .remove = withdrawn || forgotten});
  return {};
}

void Lender::Work::note_ended(const core::Event& event) {
  if (event.lasted.count() > 0) lender_.hold_times_.note(event.repo_name, event.lasted);
  if (event.by != core::By::time) return;
  switch (event.kind) {
    case core::EventKind::swept:
      ++counts.released;
      break;
    case core::EventKind::expired:
      ++counts.expired;
      break;
    case core::EventKind::hold_ended:
      ++counts.holds_ended;
      break;
    case core::EventKind::removed:
      ++counts.removed;
      counts.removed_names.push_back(event.stack_name);
      break;
    default:
      break;
  }
}

}  // namespace bddlock::service
