#include "ci/escape.hpp"
#include "cli/completion.hpp"

namespace bddlock::cli {

namespace {

constexpr std::string_view zsh_begin = R"sh(#compdef bdd-lock
# zsh completion for bdd-lock, made by: bdd-lock completion zsh

# The first column of all stacks, or the second: names or repos.
_bdd_lock_names() {
  local -a names
  local lines=$(bdd-lock list --repo '' --output plain --timeout 2s 2>/dev/null |
    cut -f $1 | LC_ALL=C sort -u)
  names=(${(f)lines})
  compadd -a names
}
_bdd_lock_stacks() { _bdd_lock_names 1 }
_bdd_lock_repos() { _bdd_lock_names 2 }

# What stands behind -- is another command line.
_bdd_lock_behind() {
  local -i mark=${words[(i)--]}
  (( mark < CURRENT )) || return
  shift $mark words
  (( CURRENT -= mark ))
  _normal
  return 0
}

_bdd-lock() {
  local -a known=(
)sh";

constexpr std::string_view zsh_middle = R"sh(  )
  if (( CURRENT == 2 )); then
    _describe -t commands command known
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
    help) _describe -t commands command known ;;
)sh";

// Read as a file of $fpath it is the function itself; read by `source` it says what it is for.
constexpr std::string_view zsh_end = R"sh(  esac
}

if [[ $funcstack[1] == _bdd-lock ]]; then
  _bdd-lock "$@"
else
  compdef _bdd-lock bdd-lock
fi
)sh";

// A backslash before what _arguments and _describe would take for the end of a part.
std::string guarded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string action_of(const Command& command, const Option& option) {
  switch (offer_of(command, option)) {
    case Offer::nothing:
    case Offer::any:
      return " ";
    case Offer::files:
      return "_files";
    case Offer::stacks:
      return "_bdd_lock_stacks";
    case Offer::repos:
      return "_bdd_lock_repos";
    case Offer::choices:
      break;
  }
  std::string list = "(";
  for (const std::string& choice : option.choices) list += (list.size() > 1 ? " " : "") + choice;
  return list + ")";
}

std::string spec_of(const Command& command, const Option& option, int number) {
  if (option.is_argument) {
    return std::to_string(number) + ":" + guarded(option.name) + ":" + action_of(command, option);
  }
  const std::string about = "[" + guarded(option.help) + "]";
  if (option.value.empty()) return "--" + option.name + about;
  return "--" + option.name + "=" + about + ":" + guarded(option.value) + ":" +
         action_of(command, option);
}

}  // namespace

std::string zsh_completion(std::span<const Command> commands) {
  std::string text(zsh_begin);
  for (const Command& command : commands)
    text += "    " + ci::single_quoted(command.name + ":" + guarded(command.summary)) + "\n";
  text += zsh_middle;
  for (const Command& command : commands) {
    text += "    " + command.name + ")\n";
    if (command.take_rest) text += "      _bdd_lock_behind && return\n";
    text += "      _arguments -S \\\n";
    int number = 0;
    for (const Option& option : command.options) {
      if (option.name.empty()) continue;
      if (option.is_argument) ++number;
      text += "        " + ci::single_quoted(spec_of(command, option, number)) + " \\\n";
    }
    text += "        '--help[shows this text]' ;;\n";
  }
  return text + std::string(zsh_end);
}

}  // namespace bddlock::cli
