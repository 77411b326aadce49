#include "cli/stack_commands.hpp"

#include <memory>
#include <ostream>

#include "cli/client_settings.hpp"
#include "cli/stack_calls.hpp"
#include "cli/stack_output.hpp"
#include "cli/text.hpp"
#include "wire/nearest.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::cli {

namespace {

struct CreateOptions {
  ClientSettings client;
  std::string name;
  std::string repo;
  bool claimed = false;
};

struct ListOptions {
  ClientSettings client;
  std::string repo;
  std::string state;
  Output output = Output::automatic;
};

struct StackOptions {
  ClientSettings client;
  std::string name;
  Output output = Output::automatic;
};

struct SweepOptions {
  ClientSettings client;
};

Fault take_new_name(std::string& target, std::string_view text) {
  auto name = parse_new_name(text);
  if (!name) return std::move(name.error());
  target = std::move(*name);
  return std::nullopt;
}

Value<std::string> parse_state(std::string_view text) {
  if (core::parse_state(text)) return std::string(text);
  return std::unexpected(wire::quoted(text) +
                         " is no state: available, claimed, held and disabled are allowed");
}

ExitCode create(const Environment& env, Remote& remote, const CreateOptions& options) {
  if (!core::could_be_cloudformation_stack(options.name)) {
    complain(env, "warning: CloudFormation takes no stack of the name " + printable(options.name) +
                      " (a letter, then letters, digits and hyphens, 128 at most)");
  }
  const auto admission = create_stack(remote, options.name, options.repo, !options.claimed);
  if (!admission) return fail_about(env, admission.error(), options.name);
  if (admission->created) {
    *env.out << printable(options.name) << "\n";
    return ExitCode::ok;
  }
  complain(env, admission->name_exists ? "a stack " + printable(options.name) +
                                             " is in the table already; nothing was changed"
                                       : "the server does not create it: " + admission->refusal);
  return ExitCode::refused;
}

ExitCode list(const Environment& env, Remote& remote, const ListOptions& options) {
  const auto stacks = list_stacks(remote, options.repo, options.state);
  if (!stacks) return fail(env, stacks.error());
  if (options.output == Output::json) {
    *env.out << json_array_of(*stacks);
  } else {
    *env.out << (is_table(env, options.output) ? table_of(*stacks) : plain_lines_of(*stacks));
  }
  return ExitCode::ok;
}

ExitCode show(const Environment& env, Remote& remote, const StackOptions& options) {
  const auto stack = find_stack(remote, options.name);
  if (!stack) return fail(env, stack.error());
  if (!*stack) return refuse_unknown(env, options.name);
  if (options.output == Output::json) {
    *env.out << wire::to_text(**stack) << "\n";
  } else {
    *env.out << (is_table(env, options.output) ? details_of(**stack)
                                               : plain_lines_of(std::span(&**stack, 1)));
  }
  return ExitCode::ok;
}

ExitCode remove(const Environment& env, Remote& remote, const StackOptions& options) {
  const auto reply = remote.call(
      {.method = "DELETE", .target = path_of_stack(options.name), .repeat = Repeat::unsafe});
  if (!reply) return fail_about(env, reply.error(), options.name);
  if (reply->ok()) {
    complain(env, "removed " + printable(options.name) +
                      " from the table; the real stack, if there is one, is still there");
    return ExitCode::ok;
  }
  if (reply->status == 404) return refuse_unknown(env, options.name);
  return fail(env, refused("the stack " + printable(options.name) + " was not removed", *reply));
}

ExitCode sweep(const Environment& env, Remote& remote, const SweepOptions&) {
  const auto reply = remote.call({.method = "POST", .target = "/v1/sweep"});
  if (!reply) return fail(env, reply.error());
  if (!reply->ok()) return fail(env, refused("the sweep was refused", *reply));
  const auto swept = wire::parse_swept(reply->body);
  if (!swept) return fail(env, garbled(remote, "a sweep's answer", swept.error()));
  *env.out << "released " << swept->released << "\nexpired " << swept->expired << "\nholds ended "
           << swept->holds_ended << "\nremoved " << swept->removed << "\n";
  return ExitCode::ok;
}

}  // namespace

Command create_command(const Environment& env) {
  auto options = std::make_shared<CreateOptions>();
  Option name = name_argument(options->name, "the new stack's name");
  name.assign = [options](std::string_view text, Source) {
    return take_new_name(options->name, text);
  };
  Option repo = repo_option(options->repo, "the repo that the stack belongs to");
  repo.assign = [options](std::string_view text, Source) {
    return take_new_name(options->repo, text);
  };
  Command command{.name = "create",
                  .summary = "puts a stack into the table",
                  .about = "The stack is available at once, or claimed by you with --claimed.\n",
                  .examples =
                      "  bdd-lock create testStack2192 --repo paymentService\n"
                      "  bdd-lock create testStack9521 --repo paymentService --claimed\n",
                  .options = {std::move(name),
                              std::move(repo),
                              {.name = "claimed",
                               .help = "it is in use from the start",
                               .assign = into(options->claimed, parse_switch)}},
                  .check = [options]() -> Fault {
                    if (options->repo.empty())
                      return "which repo does it belong to? Give --repo or set REPO_NAME";
                    return std::nullopt;
                  }};
  return client_command(env, options, create, std::move(command));
}

Command list_command(const Environment& env) {
  auto options = std::make_shared<ListOptions>();
  return client_command(
      env, options, list,
      {.name = "list",
       .summary = "lists stacks",
       .about = "Columns: stack, repo, state, time of last use (UTC), fencing token, until when it "
                "is in\n"
                "use, who has it, labels. JSON has all that is known.\n",
       .examples = "  bdd-lock list\n"
                   "  bdd-lock list --repo paymentService --state available --output json\n",
       .options = {repo_option(options->repo,
                               "only this repo's; --repo '' lists all though REPO_NAME is set"),
                   {.name = "state",
                    .value = "STATE",
                    .help = "only those that are available, claimed, held or disabled",
                    .choices = {"available", "claimed", "held", "disabled"},
                    .assign = into(options->state, parse_state)},
                   output_option(options->output)}});
}

Command show_command(const Environment& env) {
  auto options = std::make_shared<StackOptions>();
  return client_command(
      env, options, show,
      {.name = "show",
       .summary = "shows one stack",
       .about = "As a table, or as JSON, all that is known of it; plain is the line of list.\n",
       .examples = "  bdd-lock show testStack2192\n"
                   "  bdd-lock show testStack2192 --output json\n",
       .options = {name_argument(options->name, "the stack's name"),
                   output_option(options->output)}});
}

Command remove_command(const Environment& env) {
  auto options = std::make_shared<StackOptions>();
  return client_command(env, options, remove,
                        {.name = "remove",
                         .summary = "takes a stack that is not in use out of the table",
                         .about = "Only the record goes; delete the real stack by its own means.\n",
                         .examples = "  bdd-lock remove testStack2192\n",
                         .options = {name_argument(options->name, "the stack's name")}});
}

Command sweep_command(const Environment& env) {
  auto options = std::make_shared<SweepOptions>();
  return client_command(
      env, options, sweep,
      {.name = "sweep",
       .summary = "does now what the scheduled sweep does",
       .about = "Ends claims and holds whose time has come, releases stacks that were claimed by "
                "the seed's API\n"
                "for longer than the server's EXPIRY_SECONDS, and removes those unused for\n"
                "BDD_LOCK_REMOVE_UNUSED_AFTER. Prints how many.\n",
       .examples = "  bdd-lock sweep\n"});
}

}  // namespace bddlock::cli
