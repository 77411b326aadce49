#include "cli/claim_command.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <memory>
#include <ostream>

#include "cli/claim_any.hpp"
#include "cli/client_settings.hpp"
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

ExitCode claim(const Environment& env, Remote& remote, const ClaimOptions& options) {
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
    "command says so and ends with 69; without, it goes on with another stack.\n";

constexpr const char* examples =
    "  STACK_NAME=$(bdd-lock claim --repo paymentService)\n"
    "  eval \"$(bdd-lock claim --repo paymentService --wait 10m --no-create --output env)\"\n"
    "  bdd-lock claim testStack2192 --wait 5m\n";

Fault check(const ClaimWish& wish) {
  if (!wish.name.empty()) return std::nullopt;
  if (wish.repo.empty()) return "of which repo? Give --repo, set REPO_NAME, or name a stack";
  if (!wish.may_create) return std::nullopt;
  const std::string prefix = wish.name_prefix.empty() ? wish.repo + "-" : wish.name_prefix;
  if (const auto name = parse_new_name(prefix + "00000000"); !name) {
    return "no stack can have a name that begins like this: " + name.error() +
           "; give another --name-prefix";
  }
  return std::nullopt;
}

std::vector<Option> wish_options(ClaimWish& wish) {
  Option name = name_argument(wish.name, "the stack to claim; without it any of the repo's");
  name.required = false;
  return {
      std::move(name),
      repo_option(wish.repo, "claim any stack of this repo; not looked at when a NAME is given"),
      {.name = "wait",
       .variable = "BDD_LOCK_WAIT",
       .value = "TIME",
       .fallback = "0",
       .help = "how long to wait until a stack is free; 0 to 1d",
       .assign = into(wish.wait,
                      [](std::string_view text) {
                        return parse_duration(text, seconds(0), std::chrono::hours(24));
                      })},
      {.name = "no-create",
       .variable = "BDD_LOCK_NO_CREATE",
       .fallback = "false",
       .help = "wait for a free stack rather than create one",
       .assign = [&wish](std::string_view text, Source) -> Fault {
         const auto no_create = parse_switch(text);
         if (!no_create) return no_create.error();
         wish.may_create = !*no_create;
         return std::nullopt;
       }},
      {.name = "name-prefix",
       .variable = "BDD_LOCK_NAME_PREFIX",
       .value = "PREFIX",
       .fallback = "the repo's name and a hyphen",
       .help = "how a created stack's name begins; 8 random characters follow",
       .assign = into(wish.name_prefix)},
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
                  .check = [options] { return check(options->wish); }};
  command.options.push_back({.name = "output",
                             .value = "FORM",
                             .fallback = "plain",
                             .help = "plain or table (the name alone), json, or env (lines for sh)",
                             .choices = {"table", "plain", "json", "env"},
                             .assign = into(options->output, parse_claim_output)});
  return client_command(env, options, claim, std::move(command));
}

}  // namespace bddlock::cli
