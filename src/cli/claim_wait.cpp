#include "cli/claim_wait.hpp"

#include <algorithm>

#include "ci/escape.hpp"
#include "cli/pause.hpp"
#include "cli/stack_calls.hpp"
#include "cli/stack_output.hpp"
#include "cli/text.hpp"
#include "cli/values.hpp"

namespace bddlock::cli {

namespace {

// How long a poll may be parked: its end is when a new place and estimate are learnt, and a lease
// that is granted in its last moment began long after the call was sent.
constexpr seconds poll_longest{10};
constexpr milliseconds answer_takes_at_most{20'000};  // beyond what the server was asked to wait
constexpr milliseconds farewell_limit{2'000};         // somebody waits for this program to end
constexpr std::size_t named_owners_max = 3;

seconds longest_poll_of(seconds lease) { return std::clamp(lease / 4, seconds(1), poll_longest); }

std::string owner_sentence(const core::Stack& stack) {
  return ci::defused(printable(stack.stack_name.text())) + ": " +
         ci::defused(state_sentence(stack));
}

// "blocked by whom": a red build is not blamed on the change then.
std::string who_has_them(Remote& remote, const std::string& repo) {
  auto stacks = list_stacks(remote, repo, "");
  if (!stacks || stacks->empty()) return {};
  std::string text =
      "; the repo has " + counted(static_cast<std::int64_t>(stacks->size()), "stack");
  std::size_t named = 0;
  for (const core::Stack& stack : *stacks) {
    if (stack.state == core::State::available) continue;
    if (++named > named_owners_max) return text + "\n  ...";
    text += "\n  " + owner_sentence(stack);
  }
  return text;
}

class Waiting {
 public:
  Waiting(const Environment& env, Remote& remote, const WaitPlan& plan, const WaitHooks& hooks)
      : env_(env),
        remote_(remote),
        plan_(plan),
        hooks_(hooks),
        end_(env.since_boot() + plan.wait) {}

  Waited run() {
    for (;;) {
      auto asked = ask_once();
      if (!asked) return without_answer(std::move(asked.error()));
      if (auto* grant = std::get_if<Grant>(&*asked)) return granted(std::move(*grant));
      if (auto* refusal = std::get_if<Refusal>(&*asked)) return refused_by_server(*refusal);
      was_ungranted_ = true;
      const Place& place = std::get<Place>(*asked);
      if (hooks_.on_place) hooks_.on_place(place);
      keep_pace(place);
      if (is_stopped()) return stopped();
      if (left() <= milliseconds(0)) return give_up();
    }
  }

 private:
  [[nodiscard]] milliseconds left() const { return end_ - env_.since_boot(); }
  [[nodiscard]] bool is_stopped() const { return hooks_.should_stop && hooks_.should_stop(); }

  [[nodiscard]] Grant granted(Grant grant) const {
    grant.is_new = grant.is_new && was_ungranted_;
    return grant;
  }

  [[nodiscard]] std::expected<Asked, Trouble> ask_once() {
    wire::ClaimBody body{.request_id = plan_.request_id, .wait = {}, .wish = plan_.wish};
    // The first tells the place soon.
    const seconds longest = is_first_ ? seconds(1) : longest_poll_of(plan_.wish.lease);
    const auto rest = std::chrono::ceil<seconds>(std::max(left(), milliseconds(0)));
    body.wait = std::min(longest, rest);
    is_first_ = false;
    due_ = env_.since_boot() + body.wait;
    return ask_for_claims(remote_, plan_.repo, body,
                          {.whole = std::max(left(), remote_.target().time_limit),
                           .each_try = body.wait + answer_takes_at_most,
                           .should_stop = hooks_.should_stop});
  }

  // A server that waits less than it was asked to, as a Lambda function does since each call that
  // waits there costs money, says how soon the next is due.
  void keep_pace(const Place& place) const {
    const milliseconds early = due_ - env_.since_boot();
    pause(env_, std::min({early, milliseconds(place.retry_after), left()}), hooks_.should_stop);
  }

  // It may be waiting or granted all the same: a call may break after it was sent.
  [[nodiscard]] Waited without_answer(Trouble trouble) {
    if (trouble.stopped) return stopped();
    if (trouble.exit == ExitCode::unavailable) {
      trouble.message += trouble.message.ends_with('?') ? " " : ". ";
      trouble.message +=
          "No stack was used. If one was claimed all the same, it is free again when its lease "
          "of " +
          duration_text(plan_.wish.lease) + " is over";
    }
    return std::unexpected(Refusal{"", std::move(trouble)});
  }

  [[nodiscard]] Waited refused_by_server(Refusal& refusal) {
    if (refusal.code == "none_available" || refusal.code == "stack_unavailable") {
      refusal.trouble.exit = ExitCode::not_in_time;
      refusal.trouble.message += who_has_them(remote_, plan_.repo);
    }
    if (refusal.code == "repo_unknown" && !plan_.wish.create_if_none) {
      refusal.trouble.message +=
          ". Is the repo's name right (--repo, REPO_NAME)? \"bdd-lock create\" adds a stack, and "
          "without --no-create one is made";
    }
    return std::unexpected(std::move(refusal));
  }

  [[nodiscard]] CallLimits farewell() const { return {.whole = farewell_limit}; }

  [[nodiscard]] Waited stopped() {
    Trouble trouble{.message = "stopped while waiting for a stack", .stopped = true};
    const auto granted = withdraw_request(remote_, plan_.repo, plan_.request_id, farewell());
    if (!granted) {
      trouble.message += "; the request could not be withdrawn (" + granted.error().message +
                         "): the server forgets it within a minute";
    } else if (!granted->claims.empty()) {
      trouble.message += release_unused(remote_, *granted);
    }
    return std::unexpected(Refusal{"", std::move(trouble)});
  }

  [[nodiscard]] Waited give_up() {
    const std::string others = who_has_them(remote_, plan_.repo);
    auto granted = withdraw_request(remote_, plan_.repo, plan_.request_id, farewell());
    // At the last moment: better late than never.
    if (granted && !granted->claims.empty()) return std::move(*granted);
    return std::unexpected(Refusal{
        "",
        Trouble{ExitCode::not_in_time, "no stack of " + printable(plan_.repo) + " was free in " +
                                           duration_text(plan_.wait) + others}});
  }

  const Environment& env_;
  Remote& remote_;
  const WaitPlan& plan_;
  const WaitHooks& hooks_;
  milliseconds end_;
  milliseconds due_{0};  // when the last call's answer was to come, at the latest
  bool is_first_ = true;
  bool was_ungranted_ = plan_.is_new_id;  // before the last call was sent
};

}  // namespace

Waited wait_for_claims(const Environment& env, Remote& remote, const WaitPlan& plan,
                       const WaitHooks& hooks) {
  return Waiting(env, remote, plan, hooks).run();
}

std::string release_unused(Remote& remote, const Grant& grant) {
  std::string text;
  for (const wire::OwnClaim& claim : grant.claims) {
    const core::Release how{.key = {}, .outcome = core::Outcome::cancelled};
    if (release_claim(remote, claim.claim_id, how, {.whole = farewell_limit})) continue;
    text += "; the stack " + ci::defused(printable(claim.stack.stack_name.text())) +
            " was claimed and could not be given back: it is free again when its lease is over";
  }
  return text;
}

}  // namespace bddlock::cli
