#include "cli/claim_command.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <memory>
#include <ostream>

#include "cli/claim_any.hpp"
#include "cli/client_settings.hpp"
#include "cli/kept_claim.hpp"
#include "cli/run_options.hpp"
#include "cli/text.hpp"
#include "cli/values.hpp"
#include "wire/nearest.hpp"

namespace bddlock::cli {

namespace {

// table and plain are the same here: the name alone.
enum class ClaimOutput { name = 1, json, env };

struct ClaimOptions {
  ClientSettings client;
  ClaimWish wish;
  KeptOptions kept;
  ClaimOutput output = ClaimOutput::name;
};

Value<ClaimOutput> parse_claim_output(std::string_view text) {
  if (text == "table" || text == "plain") return ClaimOutput::name;
  if (text == "json") return ClaimOutput::json;
  if (text == "env") return ClaimOutput::env;
  return std::unexpected(wire::quoted(text) +
                         " is no output: table, plain, json and env are allowed");
}

std::string env_lines(const Claimed& claimed) {
  const std::string name = quoted_for_sh(claimed.stack_name);
  return "STACK_NAME=" + name + "\nBDD_STACK_NAME=" + name +
         "\nBDD_STACK_CREATED=" + (claimed.created ? "true" : "false") + "\n";
}

std::string shown(const Claimed& claimed, ClaimOutput output) {
  switch (output) {
    case ClaimOutput::name:
      return claimed.stack_name + "\n";
    case ClaimOutput::json:
      return boost::json::serialize(boost::json::object{{"stackName", claimed.stack_name},
                                                        {"created", claimed.created}}) +
             "\n";
    case ClaimOutput::env:
      return env_lines(claimed);
  }
  return {};
}

// A claim that nobody learns of would stay until the sweep: stderr says it when stdout cannot.
ExitCode unheard(const Environment& env, const Claimed& claimed) {
  const std::string& name = claimed.stack_name;
  const std::string words = (name.starts_with("-") ? "-- " : "") + quoted_for_sh(name);
  complain(env, "the output could not be written, but the stack " + printable(name) +
                    (claimed.created ? " was created and" : "") +
                    " is claimed now; give it back with: bdd-lock release " + words);
  return ExitCode::refused;
}

ExitCode claim_by_seed(const Environment& env, Remote& remote, const ClaimOptions& options) {
  const auto claimed = options.wish.name.empty() ? claim_any(env, remote, options.wish)
                                                 : claim_by_name(env, remote, options.wish);
  if (claimed) {
    *env.out << shown(*claimed, options.output) << std::flush;
    return env.out->good() ? ExitCode::ok : unheard(env, *claimed);
  }
  // The eval of nothing succeeds, and the script would go on without a stack: this makes it fail
  // instead.
  if (options.output == ClaimOutput::env) {
    *env.out << "(exit " << static_cast<int>(claimed.error().exit) << ")\n";
  }
  return fail(env, claimed.error());
}

// --output env means the variables, whoever asks for them.
KeptOptions kept_with_output(const ClaimOptions& options) {
  KeptOptions kept = options.kept;
  if (!kept.form && options.output == ClaimOutput::env) kept.form = ci::ExportForm::env;
  return kept;
}

int claim(const Environment& env, const ClaimOptions& options) {
  if (options.kept.is_wanted()) {
    const auto code =
        claim_and_keep(env, options.client, options.wish, kept_with_output(options),
                       [&](const Claimed& claimed) { return shown(claimed, options.output); });
    if (code != 0 && options.output == ClaimOutput::env) *env.out << "(exit " << code << ")\n";
    return code;
  }
  auto remote = open_remote(env, options.client);
  if (!remote) return static_cast<int>(fail(env, remote.error()));
  return static_cast<int>(claim_by_seed(env, *remote, options));
}

constexpr const char* about =
    "With a NAME: that stack. Without: any stack of the repo that is free; if none is, a new one "
    "is put into\n"
    "the table, claimed by you, and it is for your job to create the real stack "
    "(BDD_STACK_CREATED=true).\n"
    "With --no-create it waits until one is free or --wait is over (exit code 75).\n\n"
    "The stack's name goes to stdout, all else to stderr. --output env prints lines for sh:\n"
    "STACK_NAME, BDD_STACK_NAME and BDD_STACK_CREATED (true or false).\n\n"
    "If the connection breaks during a claim it is not known whether the stack was claimed: with a "
    "NAME the\n"
    "command says so and ends with 69; without, it goes on with another stack.\n\n"
    "With --export, --background, --lease, --label or --prefer-branch the claim waits in the queue "
    "of the API v1,\n"
    "has a lease (2h) and is kept in a file for the job's later steps: extend, hold and release "
    "without a NAME\n"
    "find it there. --export auto hands STACK_NAME and the like to those steps as the CI wants "
    "it.\n";

constexpr const char* examples =
    "  STACK_NAME=$(bdd-lock claim --repo paymentService)\n"
    "  eval \"$(bdd-lock claim --repo paymentService --wait 10m --no-create --output env)\"\n"
    "  bdd-lock claim testStack2192 --wait 5m\n"
    "  bdd-lock claim --wait 10m --export auto --background   # later: bdd-lock release\n";

Fault check(const ClaimOptions& options) {
  const ClaimWish& wish = options.wish;
  if (auto fault = fault_in(options.kept)) return fault;
  if (!wish.name.empty() && !(options.kept.is_wanted() && wish.repo.empty())) return std::nullopt;
  if (wish.repo.empty()) return "of which repo? Give --repo, set REPO_NAME, or name a stack";
  if (!wish.may_create) return std::nullopt;
  return fault_in_prefix(wish.name_prefix, wish.repo);
}

std::vector<Option> wish_options(ClaimWish& wish) {
  Option name = name_argument(wish.name, "the stack to claim; without it any of the repo's");
  name.required = false;
  return {
      std::move(name),
      repo_option(wish.repo,
                  "claim any stack of this repo; beside a NAME only a kept claim needs it"),
      {.name = "wait",
       .variable = "BDD_LOCK_WAIT",
       .value = "TIME",
       .fallback = "0",
       .help = "how long to wait until a stack is free; 0 to 1d",
       .assign = into(wish.wait,
                      [](std::string_view text) {
                        return parse_duration(text, seconds(0), std::chrono::hours(24));
                      })},
      no_create_option(wish.may_create),
      name_prefix_option(wish.name_prefix),
  };
}

}  // namespace

Command claim_command(const Environment& env) {
  auto options = std::make_shared<ClaimOptions>();
  Command command{.name = "claim",
                  .summary = "claims a stack for a job, or creates one",
                  .about = about,
                  .examples = examples,
                  .options = wish_options(options->wish),
                  .check = [options] { return check(*options); }};
  for (Option& option : kept_options(options->kept)) command.options.push_back(std::move(option));
  command.options.push_back({.name = "output",
                             .value = "FORM",
                             .fallback = "plain",
                             .help = "plain or table (the name alone), json, or env (lines for sh)",
                             .choices = {"table", "plain", "json", "env"},
                             .assign = into(options->output, parse_claim_output)});
  for (Option& option : client_options(options->client))
    command.options.push_back(std::move(option));
  command.options.push_back(config_option());
  command.run = [&env, options] { return claim(env, *options); };
  return command;
}

}  // namespace bddlock::cli
