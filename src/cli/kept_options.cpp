#include "cli/job_claim.hpp"
#include "cli/kept_claim.hpp"
#include "cli/run_options.hpp"
#include "cli/values.hpp"

namespace bddlock::cli {

namespace {

constexpr const char* forms =
    "auto (that of the CI), github, gitlab, circleci, azure, buildkite, bitbucket, jenkins, env, "
    "json, dotenv or none";

Option optional_time(std::string name, std::optional<seconds>& target, seconds least, seconds most,
                     std::string fallback, std::string help) {
  return {.name = std::move(name),
          .value = "TIME",
          .fallback = std::move(fallback),
          .help = std::move(help),
          .assign = [&target, least, most](std::string_view text, Source) -> Fault {
            const auto time = parse_duration(text, least, most);
            if (!time) return time.error();
            target = *time;
            return std::nullopt;
          }};
}

Option export_option(std::optional<ci::ExportForm>& form) {
  return {.name = "export",
          .value = "FORM",
          .help = std::string("hands the claim's values to the job's later steps: ") + forms,
          .choices = {"auto", "github", "gitlab", "circleci", "azure", "buildkite", "bitbucket",
                      "jenkins", "env", "json", "dotenv", "none"},
          .assign = [&form](std::string_view text, Source) -> Fault {
            const auto parsed = ci::parse_export_form(text);
            if (!parsed) return parsed.error();
            form = *parsed;
            return std::nullopt;
          }};
}

}  // namespace

std::vector<Option> kept_options(KeptOptions& options) {
  return {export_option(options.form),
          {.name = "export-file",
           .value = "FILE",
           .fallback = "bdd-lock.env or bdd-lock.properties in the job's folder",
           .help = "where the forms gitlab and jenkins write",
           .assign = into(options.export_file)},
          {.name = "background",
           .help = "a process in the background extends the claim until it is given back",
           .assign = [&options](std::string_view text, Source) -> Fault {
             const auto given = parse_switch(text);
             if (!given) return given.error();
             options.background = *given;
             return std::nullopt;
           }},
          optional_time("max", options.max, seconds(1), core::claim_max, "6h",
                        "the background process extends the claim no longer than this; up to 1d"),
          optional_time("lease", options.lease, seconds(1), core::lease_max,
                        "2h, with --background 15m",
                        "how long the claim lives if nothing extends it; 1s to 1d"),
          label_option(options.labels),
          {.name = "prefer-branch",
           .value = "BRANCH",
           .fallback = "the branch of the CI's job",
           .help = "rather a stack that has this branch deployed",
           .assign = into(options.prefer_branch)},
          claim_file_option(options.claim_file)};
}

Fault fault_in(const KeptOptions& options) {
  if (options.max && !options.background) return "--max goes with --background";
  return std::nullopt;
}

}  // namespace bddlock::cli
