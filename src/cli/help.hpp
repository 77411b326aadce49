// The texts of --help, made from the description of the commands.
#pragma once

#include <span>
#include <string>

#include "cli/command.hpp"

namespace bddlock::cli {

[[nodiscard]] std::string overview(std::span<const Command> commands);
[[nodiscard]] std::string help_of(const Command& command);

// "--repo REPO", "--no-auth", "NAME"; what to write for it.
[[nodiscard]] std::string written_form(const Option& option);

}  // namespace bddlock::cli
