#include "cli/owner_commands.hpp"

#include <boost/json/serialize.hpp>
#include <memory>
#include <ostream>

#include "cli/owner_target.hpp"
#include "cli/stack_calls.hpp"
#include "cli/stack_output.hpp"
#include "cli/text.hpp"
#include "wire/claim_bodies.hpp"
#include "wire/claim_document.hpp"
#include "wire/nearest.hpp"
#include "wire/rules.hpp"
#include "wire/stack_bodies.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::cli {

namespace {

struct OwnerOptions {
  ClientSettings client;
  OwnerTarget target;
  std::optional<seconds> lease;
  seconds keep{7200};
  core::Release release;
  bool outcome_given = false;
  std::string branch;
  std::string commit;
  Output output = Output::automatic;
};

Value<core::Outcome> parse_outcome(std::string_view text) {
  if (const auto outcome = core::parse_outcome(text)) return *outcome;
  return std::unexpected(wire::quoted(text) +
                         " is no outcome: passed, failed and cancelled are allowed");
}

Value<std::string> parse_note(std::string_view text) {
  if (auto fault = wire::fault_in_note(text)) return std::unexpected(std::move(*fault));
  return std::string(text);
}

Option duration_option(std::string name, seconds& target, seconds most, std::string fallback,
                       std::string help) {
  return {.name = std::move(name),
          .value = "TIME",
          .fallback = std::move(fallback),
          .help = std::move(help),
          .assign = into(target, [most](std::string_view text) {
            return parse_duration(text, seconds(1), most);
          })};
}

std::vector<Option> release_options(OwnerOptions& options) {
  return {{.name = "outcome",
           .value = "OUTCOME",
           .help = "passed, failed or cancelled; not with a NAME",
           .choices = {"passed", "failed", "cancelled"},
           .assign = [&options](std::string_view text, Source) -> Fault {
             const auto outcome = parse_outcome(text);
             if (!outcome) return outcome.error();
             options.release.outcome = *outcome;
             options.outcome_given = true;
             return std::nullopt;
           }},
          {.name = "note",
           .value = "TEXT",
           .help = "for whoever has the stack next; not with a NAME",
           .assign = into(options.release.note, parse_note)},
          {.name = "branch",
           .value = "BRANCH",
           .help = "what is deployed on the stack now; not with a NAME",
           .assign = into(options.branch)},
          {.name = "commit",
           .value = "COMMIT",
           .help = "what is deployed on the stack now; not with a NAME",
           .assign = into(options.commit)}};
}

// The claimId stays in its file: what is printed ends up in logs.
std::string without_claim_id(const Reply& reply) {
  auto document = wire::parse_object(reply.body);
  if (!document) return {};
  document->erase("claimId");
  return boost::json::serialize(*document);
}

// A time for people and scripts, or the server's answer as it is.
void print(const Environment& env, Output output, const std::string& line, const Reply& reply) {
  *env.out << (output == Output::json ? reply.body : line) << "\n";
}

ExitCode extend_own(const Environment& env, Remote& remote, const OwnerOptions& options) {
  const auto owned = find_owned(env, remote, options.target);
  if (!owned) return fail(env, owned.error());
  const auto reply = act_on_claim(remote, owned->claim_id, "extend",
                                  wire::to_text(wire::ExtendBody{options.lease}));
  if (!reply) return fail(env, reply.error());
  const auto claim = wire::parse_claim(reply->body);
  if (!claim) return fail(env, garbled(remote, "a claim", claim.error()));
  *env.out << (options.output == Output::json ? without_claim_id(*reply)
                                              : core::to_rfc3339(claim->stack.claim->expires_at))
           << "\n";
  return ExitCode::ok;
}

ExitCode extend_named(const Environment& env, Remote& remote, const OwnerOptions& options) {
  const auto named = find_named(remote, options.target, false);
  if (!named) return fail(env, named.error());
  const seconds lease =
      options.lease.value_or(named->stack.claim ? named->stack.claim->lease : core::lease_default);
  const auto reply =
      act_on_stack(remote, options.target.name, "extend",
                   wire::to_text(core::AdminExtend{named->fencing_token, lease, {}}));
  if (!reply) return fail_about(env, reply.error(), options.target.name);
  const auto stack = wire::parse_stack(reply->body);
  if (!stack || !stack->claim)
    return fail(env, garbled(remote, "a stack", stack ? "no claim" : stack.error()));
  print(env, options.output, core::to_rfc3339(stack->claim->expires_at), *reply);
  return ExitCode::ok;
}

ExitCode extend(const Environment& env, Remote& remote, const OwnerOptions& options) {
  return options.target.name.empty() ? extend_own(env, remote, options)
                                     : extend_named(env, remote, options);
}

core::Release release_of(const OwnerOptions& options, seconds keep) {
  core::Release release = options.release;
  release.keep = keep;
  if (!options.branch.empty() || !options.commit.empty())
    release.deployed = core::Deployed{options.branch, options.commit, {}};
  return release;
}

std::expected<wire::ReleaseReport, Trouble> release_own(Remote& remote, const Owned& owned,
                                                        const OwnerOptions& options, seconds keep) {
  // Else it could extend what a hold is made of, or find the claim gone and be puzzled.
  if (owned.job) stop_extender(*owned.job);
  const auto reply =
      act_on_claim(remote, owned.claim_id, "release", wire::to_text(release_of(options, keep)));
  if (!reply) return std::unexpected(reply.error());
  auto report = wire::parse_release_report(reply->body);
  if (!report) return std::unexpected(garbled(remote, "a release's answer", report.error()));
  return std::move(*report);
}

// The claim that the file names is over: the job may claim again. That it stays is no failure: the
// next claim looks whether it lives.
void forget(const Environment& env, const Owned& owned) {
  if (!owned.job) return;
  if (const auto gone = remove_claim_file(owned.job->place); !gone) complain(env, gone.error());
}

// The seed's release gives one answer for all that it refuses, so the reason is looked up.
ExitCode explain_refused_release(const Environment& env, Remote& remote, const std::string& name) {
  const auto stack = find_stack(remote, name);
  if (stack && !*stack) return refuse_unknown(env, name);
  std::string why = "the server refused";
  if (stack) why = state_sentence(**stack);
  if (stack && (*stack)->claim)
    why += ". To end that claim all the same give --fencing-token " +
           std::to_string((*stack)->fencing_token);
  complain(env, "the stack " + printable(name) + " was not released: " + why);
  return ExitCode::refused;
}

// As the seed's clients do, which frees nobody's claim of the API v1.
ExitCode release_by_name(const Environment& env, Remote& remote, const std::string& name) {
  // Not repeated blindly: a second release could end the claim of whoever got the stack after the
  // first.
  const auto reply = remote.call({.method = "PUT",
                                  .target = "/release-stack/" + percent_encoded(name),
                                  .repeat = Repeat::unsafe});
  if (!reply) return fail_about(env, reply.error(), name);
  if (reply->ok()) return ExitCode::ok;
  if (reply->status == 400) return explain_refused_release(env, remote, name);
  return fail(env, refused("the stack " + printable(name) + " was not released", *reply));
}

ExitCode release_named(const Environment& env, Remote& remote, const OwnerOptions& options) {
  const OwnerTarget& target = options.target;
  if (!target.fencing_token && !target.present_token)
    return release_by_name(env, remote, target.name);
  const auto named = find_named(remote, target, true);
  if (!named) return fail(env, named.error());
  const auto reply = act_on_stack(remote, target.name, "release",
                                  wire::to_text(core::AdminRelease{named->fencing_token}));
  if (!reply) return fail_about(env, reply.error(), target.name);
  return ExitCode::ok;
}

// A step that always runs at the end of a job releases, whether or not a stack was claimed.
std::optional<ExitCode> nothing_to_release(const Environment& env, Remote& remote,
                                           const OwnerTarget& target) {
  if (!target.claim_id_file.empty()) return std::nullopt;
  const auto job = find_job_claim(env, target.claim_file);
  if (!job) return fail(env, job.error());
  if (job->file && !job->file->claims.empty()) return std::nullopt;
  if (job->file) {
    if (const auto done = forget_unfinished(remote, *job); !done) return fail(env, done.error());
    forget(env, Owned{{}, *job});
  }
  complain(env, (job->file ? "this job asked for a stack and never got it" : nothing_kept(*job)) +
                    "; there is nothing to release");
  return ExitCode::ok;
}

ExitCode release_own_claim(const Environment& env, Remote& remote, const OwnerOptions& options) {
  if (const auto done = nothing_to_release(env, remote, options.target)) return *done;
  const auto owned = find_owned(env, remote, options.target);
  if (!owned) return fail(env, owned.error());
  const auto report = release_own(remote, *owned, options, seconds(0));
  if (report || report.error().exit == ExitCode::claim_lost) forget(env, *owned);
  return report ? ExitCode::ok : fail(env, report.error());
}

ExitCode release(const Environment& env, Remote& remote, const OwnerOptions& options) {
  return options.target.name.empty() ? release_own_claim(env, remote, options)
                                     : release_named(env, remote, options);
}

ExitCode hold_own(const Environment& env, Remote& remote, const OwnerOptions& options) {
  const auto owned = find_owned(env, remote, options.target);
  if (!owned) return fail(env, owned.error());
  const auto report = release_own(remote, *owned, options, options.keep);
  if (!report) return fail(env, report.error());
  forget(env, *owned);
  if (report->held) {
    *env.out << (options.output == Output::json
                     ? wire::to_text(*report)
                     : core::to_rfc3339(report->held_until.value_or(core::Instant{})))
             << "\n";
    return ExitCode::ok;
  }
  complain(env,
           "the stack " + printable(report->stack_name.text()) +
               " was released and not kept aside: the repo has as many stacks on hold as it may");
  return ExitCode::refused;
}

ExitCode hold_named(const Environment& env, Remote& remote, const OwnerOptions& options) {
  const auto named = find_named(remote, options.target, true);
  if (!named) return fail(env, named.error());
  const auto reply =
      act_on_stack(remote, options.target.name, "hold",
                   wire::to_text(core::AdminHold{named->fencing_token, options.keep}));
  if (!reply) return fail_about(env, reply.error(), options.target.name);
  const auto stack = wire::parse_stack(reply->body);
  if (!stack || !stack->claim)
    return fail(env, garbled(remote, "a stack", stack ? "no hold" : stack.error()));
  print(env, options.output, core::to_rfc3339(stack->claim->expires_at), *reply);
  return ExitCode::ok;
}

ExitCode hold(const Environment& env, Remote& remote, const OwnerOptions& options) {
  return options.target.name.empty() ? hold_own(env, remote, options)
                                     : hold_named(env, remote, options);
}

bool says_how_it_went(const OwnerOptions& options) {
  return options.outcome_given || !options.release.note.empty() || !options.branch.empty() ||
         !options.commit.empty();
}

Command owner_command(const Environment& env, std::shared_ptr<OwnerOptions> options,
                      ExitCode (*work)(const Environment&, Remote&, const OwnerOptions&),
                      Command command) {
  std::vector<Option> all = target_options(options->target);
  for (Option& option : command.options) all.push_back(std::move(option));
  command.options = std::move(all);
  command.check = [options]() -> Fault {
    if (auto fault = fault_in(options->target)) return fault;
    if (!options->target.name.empty() && says_how_it_went(*options))
      return "--outcome, --note, --branch and --commit are what a claim's owner says; they go with "
             "the job's own claim or --claim-id-file, and not with a NAME";
    return std::nullopt;
  };
  return client_command(env, options, work, std::move(command));
}

}  // namespace

Command extend_command(const Environment& env) {
  auto options = std::make_shared<OwnerOptions>();
  return owner_command(env, options, extend,
                       {.name = "extend",
                        .summary = "lets a claim or hold live longer",
                        .about = "From now on it lives for --lease, if that is longer than what it "
                                 "has left. Prints until when.\n"
                                 "Ends with 76 if the claim is lost.\n",
                        .examples = "  bdd-lock extend --claim-id-file claim.txt\n"
                                    "  bdd-lock extend testStack2192 --lease 2h\n",
                        .options = {{.name = "lease",
                                     .value = "TIME",
                                     .fallback = "the claim's own",
                                     .help = "1s to 1d",
                                     .assign = [options](std::string_view text, Source) -> Fault {
                                       auto lease =
                                           parse_duration(text, seconds(1), core::lease_max);
                                       if (!lease) return std::move(lease.error());
                                       options->lease = *lease;
                                       return std::nullopt;
                                     }},
                                    output_option(options->output)}});
}

Command release_command(const Environment& env) {
  auto options = std::make_shared<OwnerOptions>();
  return owner_command(
      env, options, release,
      {.name = "release",
       .summary = "makes a claimed stack available again",
       .about = "Without a NAME it ends the claim that the job keeps (claim --export, "
                "--background). Where there is\n"
                "none it does nothing and says so, so that a step which always runs may call it.\n"
                "By name it ends claims of the seed's API and holds: whoever knows the name may, "
                "so release only\n"
                "what you claimed, and once. A live claim of the API v1 is ended by its claimId, "
                "or by whoever\n"
                "names its fencing token. Releasing by claimId again does nothing; 76 if the claim "
                "was lost.\n",
       .examples =
           "  bdd-lock release                       # the job's own, in a step that always runs\n"
           "  bdd-lock release testStack2192\n"
           "  trap 'bdd-lock release \"$STACK_NAME\"' EXIT   # in a script, after the claim\n"
           "  bdd-lock release --claim-id-file claim.txt --outcome failed --note 'login test'\n"
           "  bdd-lock release testStack2192 --fencing-token present\n",
       .options = release_options(*options)});
}

Command hold_command(const Environment& env) {
  auto options = std::make_shared<OwnerOptions>();
  options->release.outcome = core::Outcome::failed;
  std::vector<Option> own = {
      duration_option("keep", options->keep, core::hold_longest, "2h", "for how long; 1s to 7d")};
  for (Option& option : release_options(*options)) own.push_back(std::move(option));
  own.push_back(output_option(options->output));
  return owner_command(
      env, options, hold,
      {.name = "hold",
       .summary = "ends a claim and keeps its stack aside, for debugging",
       .about =
           "Prints until when. The outcome is failed unless --outcome says otherwise. By claimId "
           "the repo's\n"
           "limit of holds counts: beyond it the stack is released, and the command ends with 1.\n"
           "By name, a hold is changed, or a claim of the seed's API becomes one; a live claim of "
           "the API v1\n"
           "only with its --fencing-token.\n",
       .examples = "  bdd-lock hold --claim-id-file claim.txt --keep 2h --note 'login test'\n"
                   "  bdd-lock hold testStack2192 --keep 4h\n",
       .options = std::move(own)});
}

}  // namespace bddlock::cli
