#include "cli/completion.hpp"

namespace bddlock::cli {

namespace {

constexpr std::string_view fish_begin =
    R"sh(# fish completion for bdd-lock, made by: bdd-lock completion fish

# The first column of all stacks, or the second: names or repos.
function __bdd_lock_names
    bdd-lock list --repo '' --output plain --timeout 2s 2>/dev/null | cut -f $argv[1] | sort -u
end

function __bdd_lock_is
    set -l words (commandline -opc)
    test (count $words) -ge 2; and test "$words[2]" = $argv[1]
end

# What stands behind -- is another command line.
function __bdd_lock_behind
    set -l words (commandline -opc)
    set -l mark (contains -i -- -- $words); or return
    complete -C (string join ' ' -- (string escape -- $words[(math $mark + 1)..]) (commandline -ct))
end

function __bdd_lock_has_no_command
    test (count (commandline -opc)) -lt 2
end

complete -c bdd-lock -f
complete -c bdd-lock -n __bdd_lock_has_no_command -l version -d 'says which version this is'
complete -c bdd-lock -n __bdd_lock_has_no_command -a help -d 'explains a command'
complete -c bdd-lock -l help -d 'shows what is allowed, with examples'
)sh";

// fish needs nothing else than a backslash before a quote and before itself.
std::string fish_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::string offered(const Command& command, const Option& option) {
  switch (offer_of(command, option)) {
    case Offer::nothing:
      return "";
    case Offer::any:
      return option.is_argument ? "" : " -x";
    case Offer::files:
      return option.is_argument ? " -F" : " -r -F";
    case Offer::stacks:
      return " -x -a '(__bdd_lock_names 1)'";
    case Offer::repos:
      return " -x -a '(__bdd_lock_names 2)'";
    case Offer::choices:
      break;
  }
  std::string list;
  for (const std::string& choice : option.choices) list += (list.empty() ? "" : " ") + choice;
  return " -x -a " + fish_quoted(list);
}

std::string fish_line(const Command& command, const Option& option) {
  const std::string begin =
      "complete -c bdd-lock -n " + fish_quoted("__bdd_lock_is " + command.name);
  const std::string offer = offered(command, option);
  if (option.is_argument) return offer.empty() ? "" : begin + offer + "\n";
  return begin + " -l " + option.name + offer + " -d " + fish_quoted(option.help) + "\n";
}

}  // namespace

std::string fish_completion(std::span<const Command> commands) {
  std::string text(fish_begin);
  for (const Command& command : commands) {
    text += "complete -c bdd-lock -n __bdd_lock_has_no_command -a " + command.name + " -d " +
            fish_quoted(command.summary) + "\n";
    text += "complete -c bdd-lock -n '__bdd_lock_is help' -a " + command.name + "\n";
  }
  for (const Command& command : commands) {
    for (const Option& option : command.options)
      if (!option.name.empty()) text += fish_line(command, option);
    if (command.take_rest)
      text += "complete -c bdd-lock -n " + fish_quoted("__bdd_lock_is " + command.name) +
              " -a '(__bdd_lock_behind)'\n";
  }
  return text;
}

}  // namespace bddlock::cli
