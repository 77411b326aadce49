#include "cli/completion_command.hpp"

#include <memory>
#include <ostream>
#include <utility>

#include "cli/completion.hpp"
#include "cli/values.hpp"
#include "wire/nearest.hpp"

namespace bddlock::cli {

namespace {

using Script = std::string (*)(std::span<const Command>);

Value<Script> parse_shell(std::string_view text) {
  if (text == "bash") return bash_completion;
  if (text == "zsh") return zsh_completion;
  if (text == "fish") return fish_completion;
  return std::unexpected(wire::quoted(text) +
                         " is no shell that it knows: bash, zsh and fish are allowed");
}

}  // namespace

Command completion_command(const Environment& env, std::function<std::vector<Command>()> commands) {
  auto script = std::make_shared<Script>();
  return {.name = "completion",
          .summary = "prints a script that lets a shell complete its command lines",
          .about =
              "Stacks and repos are asked of the server that BDD_LOCK_ENDPOINT names, with "
              "the token in\n"
              "BDD_LOCK_AUTH_TOKEN. The Debian package has the scripts in the shells' own "
              "directories.\n",
          .examples =
              "  source <(bdd-lock completion bash)          # in ~/.bashrc\n"
              "  source <(bdd-lock completion zsh)           # in ~/.zshrc, behind compinit\n"
              "  bdd-lock completion fish >~/.config/fish/completions/bdd-lock.fish\n",
          .options = {{.name = "SHELL",
                       .help = "bash, zsh or fish",
                       .choices = {"bash", "zsh", "fish"},
                       .is_argument = true,
                       .required = true,
                       .assign = into(*script, parse_shell)}},
          .run = [&env, script, commands = std::move(commands)] {
            *env.out << (*script)(commands());
            return 0;
          }};
}

}  // namespace bddlock::cli
