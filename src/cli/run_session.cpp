#include "cli/run_session.hpp"

#include <algorithm>
#include <csignal>
#include <memory>

#include "ci/escape.hpp"
#include "cli/keeper.hpp"
#include "cli/lending.hpp"
#include "cli/local_user.hpp"
#include "cli/request_ids.hpp"
#include "cli/run_ending.hpp"
#include "cli/text.hpp"

namespace bddlock::cli {

namespace {

// A group that is told to end is gone this much after its grace, at the latest (process/child.hpp).
constexpr milliseconds kill_takes{1'000};
// The watcher acts for a client that hangs; it kills at once, and that much before the lease ends.
constexpr milliseconds watcher_margin{500};
// After a signal, GitHub kills all within 10 s.
constexpr milliseconds release_limit_after_signal{3'000};

class RunSession {
 public:
  RunSession(const Environment& env, const RunOptions& options, process::Signals& signals)
      : env_(env),
        options_(options),
        signals_(signals),
        interrupt_(signals),
        job_(detect_job(env)) {}

  int run() {
    auto remote = open_remote(env_, options_.client);
    if (!remote) return static_cast<int>(fail(env_, remote.error()));
    auto ids = RequestIds::open(env_, options_.request_id, job_);
    if (!ids) return static_cast<int>(fail(env_, ids.error()));
    const auto grant = wait_for_stack(*remote, *ids);
    if (!grant) return failed(grant.error().trouble);
    return use(*remote, *grant);
  }

 private:
  void say(const std::string& text) const { complain(env_, ci::defused(text)); }

  [[nodiscard]] int failed(const Trouble& trouble) {
    say(trouble.message);
    return trouble.stopped ? interrupt_.exit_code() : static_cast<int>(trouble.exit);
  }

  [[nodiscard]] core::Wish wish() const {
    core::Wish wish = wish_of_job(job_, options_.labels, options_.prefer_branch, options_.lease);
    wish.create_if_none = options_.may_create;
    wish.name_prefix = options_.may_create ? options_.name_prefix : "";
    return wish;
  }

  [[nodiscard]] Waited wait_for_stack(Remote& remote, RequestIds& ids) {
    for (;;) {
      const WaitPlan plan{options_.repo, ids.next(), wish(), options_.wait, ids.is_new()};
      auto waited = wait_in_line(env_, remote, plan, interrupt_);
      if (waited || waited.error().code != "request_ended" || !ids.has_more()) return waited;
    }
  }

  [[nodiscard]] int use(Remote& remote, const Grant& grant) {
    const wire::OwnClaim& claim = grant.claims.front();
    if (interrupt_.came()) return released_unused(remote, grant);
    auto lease = lease_of(remote, grant);
    if (!lease) return not_usable(remote, grant, lease.error());
    announce(claim);
    Keeper keeper(
        env_, [this](const Environment& env) { return open_remote(env, options_.client); },
        claim.claim_id, std::move(*lease), [this] { wakeup_.poke(); });
    ends_at_ = keeper.look().ends_at;
    auto child = process::Child::start(command_with(claim), signals_);
    if (!child) return not_started(remote, keeper, claim, child.error());
    const RunEnd end = watch(**child, keeper);
    for (const std::string& word : words_on(end.ending, options_.grace)) say(word);
    keeper.stop();
    ends_at_ = keeper.look().ends_at;
    return give_back(remote, claim, end);
  }

  // Of a claim that an earlier call may have got, nobody knows how much of its lease is left.
  [[nodiscard]] std::expected<Lease, Trouble> lease_of(Remote& remote, const Grant& grant) const {
    const core::Claim& given = *grant.claims.front().stack.claim;
    Lease lease(grant.sent_at, given.lease, given.expires_at, env_.random);
    if (grant.is_new) return lease;
    const auto extension =
        extend_claim(remote, grant.claims.front().claim_id, std::nullopt, CallLimits{});
    if (!extension) return std::unexpected(extension.error());
    return Lease(extension->sent_at, extension->lease, extension->expires_at, env_.random);
  }

  [[nodiscard]] int not_usable(Remote& remote, const Grant& grant, const Trouble& trouble) {
    const bool is_lost = trouble.exit == ExitCode::claim_lost;
    say("the claim was made by an earlier call, and cannot be extended: " + trouble.message +
        ". The command was not started" + (is_lost ? "" : release_unused(remote, grant)));
    return static_cast<int>(trouble.exit);
  }

  [[nodiscard]] int released_unused(Remote& remote, const Grant& grant) {
    say("stopped before the command was started" + release_unused(remote, grant));
    return interrupt_.exit_code();
  }

  void announce(const wire::OwnClaim& claim) const {
    const core::Stack& stack = claim.stack;
    std::string text = "lent the stack " + printable(stack.stack_name.text()) + " (fencing token " +
                       std::to_string(stack.fencing_token);
    if (stack.claim->created) text += "; it is new, and for the command to create";
    say(text + ")");
  }

  [[nodiscard]] process::Command command_with(const wire::OwnClaim& claim) const {
    const auto variables = variables_of(claim);
    for (const std::string& sentence : variables.left_out) say(sentence);
    process::Command command{.words = options_.words, .deadline = watchers_deadline()};
    for (const ci::ExportValue& value : variables.values)
      command.variables.emplace_back(value.name, value.value);
    return command;
  }

  [[nodiscard]] int not_started(Remote& remote, Keeper& keeper, const wire::OwnClaim& claim,
                                const process::StartFault& fault) {
    keeper.stop();
    say(fault.sentence);
    RunEnd end{.by = EndedBy::itself, .ending = {.exit_code = fault.exit_code}};
    // Nothing was run: there is nothing to look at on a stack that is kept.
    return give_back(remote, claim, end, seconds(0));
  }

  [[nodiscard]] bool stops_on_loss() const { return options_.on_lost == OnLost::stop; }

  // When the command must be told to end, so that it is over when the lease is.
  [[nodiscard]] std::optional<milliseconds> deadline() const {
    if (!stops_on_loss()) return std::nullopt;
    return ends_at_ - options_.grace - kill_takes;
  }
  [[nodiscard]] std::optional<milliseconds> watchers_deadline() const {
    if (!stops_on_loss()) return std::nullopt;
    return ends_at_ - watcher_margin;
  }

  [[nodiscard]] RunEnd watch(process::Child& child, Keeper& keeper) {
    for (;;) {
      const process::Happening happening = child.next(wakeup_, deadline());
      if (happening.kind == process::Happening::Kind::ended)
        return {EndedBy::itself, child.finish(options_.grace)};
      if (happening.kind == process::Happening::Kind::signal)
        return {EndedBy::signal, child.stop(happening.signal, options_.grace)};
      if (take_news(keeper)) return {EndedBy::lost, child.stop(SIGTERM, options_.grace)};
      child.set_deadline(watchers_deadline());
      if (happening.kind == process::Happening::Kind::time_up && is_lease_over())
        return {EndedBy::lease, lease_over(child)};
    }
  }

  [[nodiscard]] bool is_lease_over() const {
    return deadline() && env_.since_boot() >= *deadline();
  }

  [[nodiscard]] process::Ending lease_over(process::Child& child) const {
    say("the claim could not be extended until its lease was nearly over; the command is stopped, "
        "before the stack is lent to somebody else. \"bdd-lock doctor\" looks at the connection");
    return child.stop(SIGTERM, options_.grace);
  }

  // True: the claim is lost, and the command is to be stopped.
  [[nodiscard]] bool take_news(Keeper& keeper) {
    const Keeping news = keeper.look();
    ends_at_ = news.ends_at;
    for (const std::string& word : news.words) say(word);
    if (!news.lost || is_lost_) return false;
    is_lost_ = true;
    say("the claim is lost: " + *news.lost + ". The command " +
        (stops_on_loss() ? "is stopped" : "goes on, as --on-lost warn says"));
    return stops_on_loss();
  }

  [[nodiscard]] int give_back(Remote& remote, const wire::OwnClaim& claim, const RunEnd& end) {
    return give_back(remote, claim, end, options_.keep_on_failure);
  }

  [[nodiscard]] int give_back(Remote& remote, const wire::OwnClaim& claim, const RunEnd& end,
                              seconds keep) {
    const int code = exit_code_of(end);
    if (is_lost_ || !end.ending.unended.empty()) return code;
    const core::Release how = release_after(end, keep, job_);
    const auto report = release_claim(remote, claim.claim_id, how, release_limits(end));
    if (report) {
      tell(*report, how);
      return code;
    }
    return not_given_back(report.error(), claim, code);
  }

  // No longer than the lease: then the stack is free anyway. A signal allows a little more.
  [[nodiscard]] CallLimits release_limits(const RunEnd& end) {
    const milliseconds left = std::max(ends_at_ - env_.since_boot(), milliseconds(1'000));
    milliseconds whole = std::min<milliseconds>(options_.client.timeout, left);
    if (end.by != EndedBy::itself) whole = std::min(whole, release_limit_after_signal);
    CallLimits limits{.whole = whole, .each_try = whole / 2};
    if (end.by == EndedBy::itself) limits.should_stop = [this] { return has_no_more_time(); };
    return limits;
  }

  [[nodiscard]] bool has_no_more_time() {
    if (!interrupt_.came()) return false;
    if (!stopped_at_) stopped_at_ = env_.since_boot();
    return env_.since_boot() - *stopped_at_ >= release_limit_after_signal;
  }

  void tell(const wire::ReleaseReport& report, const core::Release& how) const {
    const std::string name = "the stack " + printable(report.stack_name.text());
    if (report.held && report.held_until) {
      say(name + " is kept aside until " + core::to_rfc3339(*report.held_until) +
          "; \"bdd-lock release " + quoted_for_sh(report.stack_name.text()) +
          "\" ends that sooner");
    } else {
      say(name + " is given back (" + std::string(core::to_text(how.outcome)) + ")" +
          (report.hold_refused ? "; it was not kept aside: the repo has as many on hold as it may"
                               : ""));
    }
  }

  [[nodiscard]] int not_given_back(const Trouble& trouble, const wire::OwnClaim& claim, int code) {
    const std::string name = "the stack " + printable(claim.stack.stack_name.text());
    if (trouble.exit != ExitCode::claim_lost) {
      say(name + " could not be given back: " + trouble.message +
          ". It is free when its lease is over");
      return code;
    }
    say("the claim was lost before " + name + " could be given back: " + trouble.message);
    const bool success = code == 0 && stops_on_loss();
    return success ? static_cast<int>(ExitCode::claim_lost) : code;
  }

  const Environment& env_;
  const RunOptions& options_;
  process::Signals& signals_;
  Interrupt interrupt_;
  ci::CiJob job_;
  process::Wakeup wakeup_;
  milliseconds ends_at_{0};
  bool is_lost_ = false;
  std::optional<milliseconds> stopped_at_ = {};
};

}  // namespace

int run_session(const Environment& env, const RunOptions& options) {
  return with_signals(
      env, [&](process::Signals& signals) { return RunSession(env, options, signals).run(); });
}

}  // namespace bddlock::cli
