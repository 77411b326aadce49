// From words, variables and the file of --config to one command whose options are assigned and
// checked.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/environment.hpp"
#include "cli/exit_code.hpp"

namespace bddlock::cli {

// No command is to be run: help was asked for (ok; the text is for stdout), or something is wrong
// (usage; for stderr: what, and what is allowed).
struct Stop {
  ExitCode exit;
  std::string text;
  // Whose words or settings are wrong, and how, as a sentence; none: it was not clear or not asked.
  const Command* command = nullptr;
  std::string fault = {};
};

// `words` are the arguments without the program's name. Exactly one value of each option is
// assigned, that of the strongest source; then the command's check is asked. Messages never repeat
// a value that could be a token.
[[nodiscard]] std::expected<const Command*, Stop> parse(const std::vector<std::string>& words,
                                                        std::span<const Command> commands,
                                                        const Environment& env);

}  // namespace bddlock::cli
