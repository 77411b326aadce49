// How a claim's values get to the later steps of a job: the forms of --export. Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace bddlock::ci {

// The enumerators are the words of the command line, but for `automatic`, which is `auto` there.
enum class ExportForm {
  automatic = 1,  // that of the CI; without one: env
  env,            // lines for eval in sh, on the standard output
  json,           // an object, on the standard output
  dotenv,         // NAME=value as it is, on the standard output
  github,         // GITHUB_ENV and GITHUB_OUTPUT
  gitlab,         // a file of its own, for artifacts:reports:dotenv
  circleci,       // BASH_ENV
  azure,          // logging commands, on the standard output
  buildkite,      // buildkite-agent env set
  bitbucket,      // BITBUCKET_PIPELINES_VARIABLES_PATH
  jenkins,        // a file of its own, for readProperties
  none,
};

// The error is the end of a sentence that begins with the setting's name.
[[nodiscard]] std::expected<ExportForm, std::string> parse_export_form(std::string_view text);

// The form that `automatic` stands for in this CI (CiJob::ci); others as they are.
[[nodiscard]] ExportForm export_form_in(ExportForm form, std::string_view ci);

}  // namespace bddlock::ci
