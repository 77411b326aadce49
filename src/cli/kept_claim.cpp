#include "cli/kept_claim.hpp"

#include <algorithm>
#include <memory>
#include <ostream>

#include "ci/escape.hpp"
#include "cli/background.hpp"
#include "cli/exporting.hpp"
#include "cli/job_claim.hpp"
#include "cli/job_lock.hpp"
#include "cli/lending.hpp"
#include "cli/local_user.hpp"
#include "cli/request_ids.hpp"
#include "cli/text.hpp"
#include "cli/values.hpp"

namespace bddlock::cli {

namespace {

constexpr seconds lease_of_steps{7200};
constexpr seconds lease_in_background{900};
constexpr seconds background_max{21'600};

std::unexpected<Trouble> trouble(ExitCode exit, std::string message) {
  return std::unexpected(Trouble{exit, std::move(message)});
}

class KeepingClaim {
 public:
  KeepingClaim(const Environment& env, const ClientSettings& client, const ClaimWish& wish,
               const KeptOptions& options, process::Signals& signals)
      : env_(env),
        client_(client),
        wish_(wish),
        options_(options),
        interrupt_(signals),
        job_(detect_job(env)),
        form_(ci::export_form_in(options.form.value_or(ci::ExportForm::none), job_.ci)),
        lookup_(env.variable),
        means_{lookup_, env.random, options.export_file} {}

  int run(const Shown& shown) {
    const auto done = claim(shown);
    if (done) return 0;
    complain(env_, ci::defused(done.error().message));
    return done.error().stopped ? interrupt_.exit_code() : static_cast<int>(done.error().exit);
  }

 private:
  using Done = std::expected<void, Trouble>;

  [[nodiscard]] Done claim(const Shown& shown) {
    // Before anything is asked for: a form that this job cannot have.
    if (const auto plan = ci::plan_export(form_, ci::stack_variables({}).values, means_); !plan)
      return trouble(ExitCode::usage, "--export: " + plan.error());
    auto remote = open_remote(env_, client_);
    if (!remote) return std::unexpected(remote.error());
    auto kept = find_job_claim(env_, options_.claim_file);
    if (!kept) return std::unexpected(kept.error());
    const auto lock = JobLock::take(kept->place);
    if (!lock) return trouble(ExitCode::refused, lock_trouble(lock.error()));
    if (auto free = make_room(*remote, *kept); !free) return free;
    if (auto gone = forget_export(form_, means_); !gone)
      return trouble(ExitCode::refused, gone.error());
    return ask(*remote, kept->place, shown);
  }

  [[nodiscard]] static std::string lock_trouble(const LockFault& fault) {
    if (!fault.is_held)
      return fault.sentence + "; name another file with --claim-file. Nothing was claimed";
    return "another claim of this job is under way: wait until it has ended, or keep this one in "
           "another file (--claim-file)";
  }

  // A job that has a claim already would lose sight of it.
  [[nodiscard]] Done make_room(Remote& remote, const JobClaim& kept) const {
    if (!kept.file) return {};
    if (kept.file->claims.empty()) return forget_unfinished(remote, kept);
    const KeptClaim& old = kept.file->claims.front();
    const auto reply = remote.get("/v1/claims/" + percent_encoded(old.claim_id));
    if (!reply) return std::unexpected(reply.error());
    if (!reply->ok()) return {};
    return trouble(ExitCode::refused,
                   "this job has the stack " + printable(old.stack_name) +
                       " already (its claim file is " + kept.place.path() +
                       "). Give it back with \"bdd-lock release\", or keep another claim in a file "
                       "of its own (--claim-file)");
  }

  [[nodiscard]] seconds lease() const {
    return options_.lease.value_or(options_.background ? lease_in_background : lease_of_steps);
  }

  [[nodiscard]] core::Wish wish() const {
    core::Wish wish = wish_of_job(job_, options_.labels, options_.prefer_branch, lease());
    if (!wish_.name.empty()) wish.stack_name = core::StackName(wish_.name);
    wish.create_if_none = wish_.may_create && wish_.name.empty();
    if (wish.create_if_none) wish.name_prefix = wish_.name_prefix;
    return wish;
  }

  [[nodiscard]] Done ask(Remote& remote, const ClaimPlace& place, const Shown& shown) {
    auto ids = RequestIds::open(env_, "", job_);
    if (!ids) return std::unexpected(ids.error());
    const WaitPlan plan{wish_.repo, ids->next(), wish(), wish_.wait, true};
    file_ = {job_.key, client_.endpoint, wish_.repo, plan.request_id.text()};
    // First: a step that is killed while it asks leaves word of what it asked for.
    if (auto written = write_claim_file(place, file_); !written)
      return trouble(ExitCode::refused, written.error() + ". Nothing was claimed");
    auto granted = wait(remote, plan);
    if (!granted) {
      static_cast<void>(remove_claim_file(place));
      return std::unexpected(std::move(granted.error()));
    }
    auto handed_on = hand_on(place, *granted, shown);
    if (handed_on) return {};
    stop_extender({place, job_.key, file_});
    handed_on.error().message += ". The stack was given back" + release_unused(remote, *granted);
    static_cast<void>(remove_claim_file(place));
    return handed_on;
  }

  [[nodiscard]] std::expected<Grant, Trouble> wait(Remote& remote, const WaitPlan& plan) {
    auto waited = wait_in_line(env_, remote, plan, interrupt_);
    if (!waited) return std::unexpected(std::move(waited.error().trouble));
    return std::move(*waited);
  }

  [[nodiscard]] Done hand_on(const ClaimPlace& place, const Grant& grant, const Shown& shown) {
    const wire::OwnClaim& claim = grant.claims.front();
    const core::Stack& stack = claim.stack;
    file_.claims = {{claim.claim_id, stack.stack_name.text(), stack.fencing_token,
                     core::to_rfc3339(stack.claim->expires_at)}};
    if (options_.background) {
      if (auto begun = begin_background(place, grant); !begun) return begun;
    } else if (auto written = write_claim_file(place, file_); !written) {
      return trouble(ExitCode::refused, written.error());
    }
    if (auto exported = export_values(claim); !exported) return exported;
    if (!prints()) *env_.out << shown({stack.stack_name.text(), stack.claim->created});
    if (!env_.out->flush()) return trouble(ExitCode::refused, "the output could not be written");
    return {};
  }

  // Forms whose text is for stdout: nothing else may stand there.
  [[nodiscard]] bool prints() const {
    return form_ == ci::ExportForm::env || form_ == ci::ExportForm::json ||
           form_ == ci::ExportForm::dotenv || form_ == ci::ExportForm::azure;
  }

  [[nodiscard]] Done begin_background(const ClaimPlace& place, const Grant& grant) {
    const wire::OwnClaim& claim = grant.claims.front();
    const core::Claim& given = *claim.stack.claim;
    const BackgroundJob job{
        client_,         place, job_.key, claim.claim_id, options_.max.value_or(background_max),
        !job_.ci.empty()};
    auto started = Background::start(
        env_, job, Lease(grant.sent_at, given.lease, given.expires_at, env_.random));
    if (!started) return trouble(ExitCode::refused, started.error());
    file_.extender = started->extender();
    if (auto written = write_claim_file(place, file_); !written)
      return trouble(ExitCode::refused, written.error());
    started->go();
    return {};
  }

  [[nodiscard]] Done export_values(const wire::OwnClaim& claim) {
    const auto variables = variables_of(claim);
    for (const std::string& sentence : variables.left_out) complain(env_, ci::defused(sentence));
    const auto plan = ci::plan_export(form_, variables.values, means_);
    if (!plan) return trouble(ExitCode::usage, "--export: " + plan.error());
    if (auto done = carry_out(*plan, env_); !done) return trouble(ExitCode::refused, done.error());
    return {};
  }

  const Environment& env_;
  const ClientSettings& client_;
  const ClaimWish& wish_;
  const KeptOptions& options_;
  Interrupt interrupt_;
  ci::CiJob job_;
  ci::ExportForm form_;
  ci::Lookup lookup_;
  ci::ExportMeans means_;
  ClaimFile file_ = {};
};

}  // namespace

int claim_and_keep(const Environment& env, const ClientSettings& client, const ClaimWish& wish,
                   const KeptOptions& options, const Shown& shown) {
  return with_signals(env, [&](process::Signals& signals) {
    return KeepingClaim(env, client, wish, options, signals).run(shown);
  });
}

}  // namespace bddlock::cli
