// Called on the write lane by service.cpp. The use cases of claims and holds, by their claimId.
#include "service/lender_work.hpp"
#include "service/retry.hpp"

namespace bddlock::service {

using core::Result;

namespace {

bool is_refused(const core::Decision& decision) {
  return std::holds_alternative<core::Refused>(decision.reply);
}

// Nothing, so that it is looked up, where that was decided on what the store recalled.
template <class Answer>
Result<std::optional<Answer>> no_claim(const std::optional<core::Stack>& recalled) {
  if (recalled) return std::nullopt;
  return ClaimOver{};
}

}  // namespace

Result<std::variant<core::Stack, ClaimOver>> Lender::extend(Store& store,
                                                            const core::ClaimRef& claim,
                                                            std::optional<core::seconds> lease,
                                                            core::Instant now, Woken& woken) {
  using Answer = std::variant<core::Stack, ClaimOver>;
  Work work{*this, store, now, woken};
  auto answer = with_retries<Answer>([&]() -> Result<std::optional<Answer>> {
    const auto recalled = work.recall(claim.stack_name);
    const auto stack =
        recalled ? Result<std::optional<core::Stack>>{recalled} : work.load(claim.stack_name);
    if (!stack) return std::unexpected(stack.error());
    if (!*stack) return ClaimOver{};
    core::Decision decision =
        core::decide(**stack, core::Extend{claim.key, lease, rules_.claim_longest}, now);
    if (is_refused(decision)) return no_claim<Answer>(recalled);
    core::Stack next = decision.next;
    const auto saved = work.save(**stack, std::move(decision));
    if (!saved) return std::unexpected(saved.error());
    if (!*saved) return std::nullopt;
    return next;
  });
  if (!answer) return answer;
  const auto handed = work.hand_over();
  if (!handed) return std::unexpected(handed.error());
  return answer;
}

Result<std::variant<ReleaseAnswer, ClaimOver>> Lender::release(Store& store,
                                                               const core::StackName& name,
                                                               core::Release release,
                                                               core::Instant now, Woken& woken) {
  using Answer = std::variant<ReleaseAnswer, ClaimOver>;
  Work work{*this, store, now, woken};
  if (release.keep.count() > 0) {  // holds that are over leave room for this one
    const auto settled = work.settle_all_due();
    if (!settled) return std::unexpected(settled.error());
  }
  auto answer = with_retries<Answer>([&]() -> Result<std::optional<Answer>> {
    const auto recalled = release.keep.count() > 0 ? std::nullopt : work.recall(name);
    const auto stack = recalled ? Result<std::optional<core::Stack>>{recalled} : work.load(name);
    if (!stack) return std::unexpected(stack.error());
    if (!*stack) return ClaimOver{};
    // The repeat of a release that wished for a hold must not end the hold that it got.
    if ((*stack)->state == core::State::held && release.keep.count() > 0) return ClaimOver{};
    const auto allowed =
        release.keep.count() > 0 ? work.may_hold((*stack)->repo_name) : Result<bool>{false};
    if (!allowed) return std::unexpected(allowed.error());
    release.hold_allowed = *allowed;
    core::Decision decision = core::decide(**stack, release, now);
    if (is_refused(decision)) return no_claim<Answer>(recalled);
    ReleaseAnswer released{.stack_name = decision.next.stack_name,
                           .repo_name = decision.next.repo_name,
                           .fencing_token = (*stack)->fencing_token,
                           .held = decision.next.state == core::State::held,
                           .hold_refused = decision.event->hold_refused};
    if (released.held) released.held_until = decision.next.claim->expires_at;
    const auto saved = work.save(**stack, std::move(decision));
    if (!saved) return std::unexpected(saved.error());
    if (!*saved) return std::nullopt;
    return released;
  });
  if (!answer) return answer;
  const auto handed = work.hand_over();
  if (!handed) return std::unexpected(handed.error());
  return answer;
}

Result<bool> Lender::Work::may_hold(const core::RepoName& repo) {
  const auto totals = store_.totals(repo);
  if (!totals) return std::unexpected(totals.error());
  const std::int64_t half = std::max<std::int64_t>(totals->stacks / 2, 1);
  return totals->held < lender_.rules_.holds_per_repo_max.value_or(half);
}

}  // namespace bddlock::service
