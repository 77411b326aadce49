// Completion of the command line for shells, made from the description of the commands, so that it
// knows each command and option as soon as the parser does. Pure.
#pragma once

#include <span>
#include <string>

#include "cli/command.hpp"

namespace bddlock::cli {

// What a shell can offer where an option's value or an argument stands.
enum class Offer {
  nothing = 1,  // a switch has no value
  any,          // something that only the user knows
  choices,      // Option::choices
  files,
  stacks,  // asked of the server, as the next
  repos,
};
[[nodiscard]] Offer offer_of(const Command& command, const Option& option);

// Scripts for the shell's own directory of completions, or to be read at its start. Stacks and
// repos are asked of the server that the shell's environment names, for 2 s at most; without an
// answer none is offered.
[[nodiscard]] std::string bash_completion(std::span<const Command> commands);
[[nodiscard]] std::string zsh_completion(std::span<const Command> commands);
[[nodiscard]] std::string fish_completion(std::span<const Command> commands);

}  // namespace bddlock::cli
