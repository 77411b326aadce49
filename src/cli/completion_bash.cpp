#include "ci/escape.hpp"
#include "cli/completion.hpp"

namespace bddlock::cli {

namespace {

// The line is split by white space here: bash itself splits at = and : too, which names may have.
constexpr std::string_view bash_begin =
    R"sh(# bash completion for bdd-lock, made by: bdd-lock completion bash

# The first column of all stacks, or the second: names or repos.
_bdd_lock_names() {
  bdd-lock list --repo '' --output plain --timeout 2s 2>/dev/null | cut -f "$1" | LC_ALL=C sort -u
}

)sh";

constexpr std::string_view bash_end = R"sh(
_bdd_lock_offer() {
  local name
  case $kind in
    choices) COMPREPLY=($(compgen -W "$choices" -- "$cur")) ;;
    files | command)
      compopt -o filenames 2>/dev/null
      while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen -f -- "$cur") ;;
    stacks | repos)
      while IFS= read -r name; do
        [[ $name == "$cur"* ]] && COMPREPLY+=("$(printf %q "$name")")
      done < <(_bdd_lock_names "$([[ $kind == stacks ]] && echo 1 || echo 2)") ;;
  esac
}

_bdd_lock() {
  local words word cur command='' kind='' choices='' number=0 i behind='' prefix
  COMPREPLY=()
  read -a words <<<"${COMP_LINE:0:COMP_POINT}"
  [[ ${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]] && words+=('')
  local last=$((${#words[@]} - 1))
  cur=${words[last]}
  for ((i = 1; i < last; i++)); do
    word=${words[i]}
    if [[ -z $command ]]; then command=$word
    elif [[ $behind ]]; then ((number++))
    elif [[ $word == -- ]]; then behind=1
    elif [[ $word == --*=* ]]; then :
    elif [[ $word == --* ]]; then
      _bdd_lock_kind "$command" "$word"
      [[ $kind == nothing ]] || ((i++))
    else ((number++))
    fi
  done
  if [[ -z $command ]]; then
    COMPREPLY=($(compgen -W "$_bdd_lock_commands help --help --version" -- "$cur"))
    return
  fi
  if ((i > last)); then _bdd_lock_kind "$command" "${words[last - 1]}"
  elif [[ -z $behind && $cur == --*=* ]]; then
    _bdd_lock_kind "$command" "${cur%%=*}"
    cur=${cur#*=}
  elif [[ -z $behind && $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$(_bdd_lock_options "$command") --help" -- "$cur"))
    return
  elif [[ $behind ]]; then _bdd_lock_kind "$command" --
  else _bdd_lock_kind "$command" $((number + 1))
  fi
  if [[ $kind == command && $number == 0 && $cur != */* ]]; then
    COMPREPLY=($(compgen -c -- "$cur"))
  else
    _bdd_lock_offer
  fi
  # bash puts the answer in the place of what stands behind its last word break only.
  prefix=${cur%"${cur##*[:=]}"}
  [[ -z $prefix ]] || COMPREPLY=("${COMPREPLY[@]#"$prefix"}")
}

complete -F _bdd_lock bdd-lock
)sh";

std::string_view kind_word(Offer offer) {
  switch (offer) {
    case Offer::nothing:
      return "nothing";
    case Offer::any:
      return "any";
    case Offer::choices:
      return "choices";
    case Offer::files:
      return "files";
    case Offer::stacks:
      return "stacks";
    case Offer::repos:
      return "repos";
  }
  return "any";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string kind_line(const Command& command, const Option& option, int number) {
  const std::string subject = option.is_argument ? std::to_string(number) : "--" + option.name;
  std::string line = "    " + command.name + "," + subject +
                     ") kind=" + std::string(kind_word(offer_of(command, option)));
  if (!option.choices.empty()) line += " choices=" + ci::single_quoted(joined(option.choices));
  return line + " ;;\n";
}

// Behind "--" stands another command line, or the first argument.
std::string behind_line(const Command& command) {
  if (command.take_rest) return "    " + command.name + ",--) kind=command ;;\n";
  for (const Option& option : command.options)
    if (option.is_argument)
      return "    " + command.name + ",--) _bdd_lock_kind " + command.name + " 1 ;;\n";
  return "";
}

// What the value of an option, or the argument of this number, can be.
std::string kind_function(std::span<const Command> commands) {
  std::string text = "_bdd_lock_kind() {\n  choices=''\n  case $1,$2 in\n";
  for (const Command& command : commands) {
    int number = 0;
    for (const Option& option : command.options) {
      if (option.name.empty()) continue;
      if (option.is_argument) ++number;
      text += kind_line(command, option, number);
    }
    text += behind_line(command);
  }
  text += "    help,1) kind=choices choices=$_bdd_lock_commands ;;\n";
  return text + "    *,--help) kind=nothing ;;\n    *) kind=any ;;\n  esac\n}\n";
}

std::string options_function(std::span<const Command> commands) {
  std::string text = "_bdd_lock_options() {\n  case $1 in\n";
  for (const Command& command : commands) {
    std::vector<std::string> flags;
    for (const Option& option : command.options)
      if (!option.is_argument && !option.name.empty()) flags.push_back("--" + option.name);
    text += "    " + command.name + ") echo " + ci::single_quoted(joined(flags)) + " ;;\n";
  }
  return text + "  esac\n}\n\n";
}

}  // namespace

std::string bash_completion(std::span<const Command> commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.name);
  return std::string(bash_begin) + "_bdd_lock_commands=" + ci::single_quoted(joined(names)) +
         "\n\n" + options_function(commands) + kind_function(commands) + std::string(bash_end);
}

}  // namespace bddlock::cli
