#include "cli/admin_commands.hpp"

#include <memory>
#include <ostream>

#include "cli/client_settings.hpp"
#include "cli/stack_calls.hpp"
#include "cli/stack_output.hpp"
#include "cli/text.hpp"
#include "cli/values.hpp"
#include "wire/rules.hpp"
#include "wire/stack_bodies.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::cli {

namespace {

struct AdminOptions {
  ClientSettings client;
  std::string name;
  core::Disable disable;
  Output output = Output::automatic;
};

Option changed_output_option(Output& output) {
  Option option = output_option(output);
  option.fallback = "nothing is printed";
  option.help = "json prints the stack as it is after the change";
  return option;
}

Value<std::string> parse_reason(std::string_view text) {
  if (text.empty()) return std::unexpected("is empty: say why, for whoever wonders");
  if (auto fault = wire::fault_in_note(text)) return std::unexpected(std::move(*fault));
  return std::string(text);
}

// The stack after the change. It says what is to be so, and may be repeated.
std::expected<core::Stack, Trouble> change(Remote& remote, const std::string& name,
                                           const wire::StackPatch& patch) {
  const auto reply =
      remote.call({.method = "PATCH", .target = path_of_stack(name), .body = wire::to_text(patch)});
  if (!reply) return std::unexpected(reply.error());
  if (!reply->ok())
    return std::unexpected(refused("the stack " + printable(name) + " was left as it is", *reply));
  auto stack = wire::parse_stack(reply->body);
  if (!stack) return std::unexpected(garbled(remote, "a stack", stack.error()));
  return std::move(*stack);
}

// People know what they asked for; a program may want the stack as it is now.
void print_json(const Environment& env, Output output, const core::Stack& stack) {
  if (output == Output::json) *env.out << wire::to_text(stack) << "\n";
}

ExitCode disable(const Environment& env, Remote& remote, const AdminOptions& options) {
  const auto stack = change(remote, options.name, {.disabled = options.disable});
  if (!stack) return fail_about(env, stack.error(), options.name);
  if (stack->disable_after_claim) {
    complain(env, "the stack " + printable(options.name) +
                      " is in use, and is disabled when that is over: " + state_sentence(*stack));
  }
  print_json(env, options.output, *stack);
  return ExitCode::ok;
}

ExitCode enable(const Environment& env, Remote& remote, const AdminOptions& options) {
  const auto stack = change(remote, options.name, {.disabled = core::Enable{}});
  if (!stack) return fail_about(env, stack.error(), options.name);
  print_json(env, options.output, *stack);
  return ExitCode::ok;
}

}  // namespace

Command disable_command(const Environment& env) {
  auto options = std::make_shared<AdminOptions>();
  return client_command(
      env, options, disable,
      {.name = "disable",
       .summary = "lends a stack to nobody until it is enabled",
       .about = "A stack in use is disabled when its claim or hold ends, or at once with --now: "
                "then the claim is\n"
                "lost, and its owner learns it at the next call.\n",
       .examples = "  bdd-lock disable testStack2192 --reason 'database upgrade'\n"
                   "  bdd-lock disable testStack2192 --reason 'on fire' --now\n",
       .options = {name_argument(options->name, "the stack's name"),
                   {.name = "reason",
                    .value = "TEXT",
                    .help = "why, for whoever wonders",
                    .required = true,
                    .assign = into(options->disable.reason, parse_reason)},
                   {.name = "now",
                    .help = "end a claim or hold that it has",
                    .assign = into(options->disable.now, parse_switch)},
                   changed_output_option(options->output)}});
}

Command enable_command(const Environment& env) {
  auto options = std::make_shared<AdminOptions>();
  return client_command(
      env, options, enable,
      {.name = "enable",
       .summary = "lends a disabled stack again",
       .about = "Also takes back a disable that waits for the present claim to end.\n",
       .examples = "  bdd-lock enable testStack2192\n",
       .options = {name_argument(options->name, "the stack's name"),
                   changed_output_option(options->output)}});
}

}  // namespace bddlock::cli
