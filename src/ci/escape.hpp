// Values in the formats of the CIs, such that nothing in a value ends it early or becomes a command
// of its own. Pure.
#pragma once

#include <string>
#include <string_view>

namespace bddlock::ci {

// The text behind `::add-mask::` and alike (actions/runner, ActionCommand.cs): % CR LF.
[[nodiscard]] std::string github_data(std::string_view text);

// The text behind `##vso[...]` (azure-pipelines-task-lib, taskcommand.ts): % CR LF.
[[nodiscard]] std::string azure_data(std::string_view text);

// In single quotes for any POSIX shell, also where they are not needed.
[[nodiscard]] std::string single_quoted(std::string_view text);

// A value of java.util.Properties, in ASCII: both of its readers, Latin-1 and UTF-8, take it.
[[nodiscard]] std::string java_property(std::string_view utf8);

// Text of others for a line of the job's log: GitHub and Azure take "##[" and "##vso[" anywhere in
// a line and "::" at its beginning as commands to them, so a stack's name or another job's could
// set variables in this job. A space is put between the two characters.
[[nodiscard]] std::string defused(std::string_view text);

}  // namespace bddlock::ci
