#include "ci/export_plan.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "ci/escape.hpp"

namespace bddlock::ci {

namespace {

using Values = std::vector<ExportValue>;
using Planned = std::expected<ExportPlan, std::string>;

Planned env(const Values& values) {
  ExportPlan plan;
  for (const auto& value : fitting(values, Secrets::left_out, fault_in_variable, plan.left_out))
    plan.out += "export " + value.name + "=" + single_quoted(value.value) + "\n";
  return plan;
}

std::string json_object(const Values& values) {
  boost::json::object object;
  for (const ExportValue& value : values) object.insert_or_assign(value.name, value.value);
  return boost::json::serialize(object);
}

Planned json(const Values& values) {
  ExportPlan plan;
  plan.out = json_object(fitting(values, Secrets::left_out, no_fault, plan.left_out)) + "\n";
  return plan;
}

std::string lines_of(const Values& values) {
  std::string text;
  for (const ExportValue& value : values) text += value.name + "=" + value.value + "\n";
  return text;
}

Planned dotenv(const Values& values) {
  ExportPlan plan;
  plan.out = lines_of(fitting(values, Secrets::left_out, fault_in_line, plan.left_out));
  return plan;
}

std::string delimiter_outside(std::string_view value,
                              const std::function<std::uint64_t()>& random) {
  std::string delimiter;
  do {
    delimiter = "bdd-lock-" + std::to_string(random()) + "-" + std::to_string(random());
  } while (value.find(delimiter) != std::string_view::npos);
  return delimiter;
}

std::string heredoc(const ExportValue& value, const std::function<std::uint64_t()>& random) {
  const std::string delimiter = delimiter_outside(value.value, random);
  return value.name + "<<" + delimiter + "\n" + value.value + "\n" + delimiter + "\n";
}

// Outputs are made for handing on to other jobs, where GitHub drops what is masked: the claimId is
// in GITHUB_ENV alone. The mask goes out before the file is read, at the step's end; it is on
// stderr so that a step can take the name from stdout.
Planned github(const Values& values, const ExportMeans& means) {
  const Variables variables(means.lookup);
  const std::string env_file = variables["GITHUB_ENV"];
  if (env_file.empty())
    return std::unexpected("GITHUB_ENV is not set: this is no step of a GitHub job");
  ExportPlan plan;
  std::string env_text;
  std::string output_text;
  for (const auto& value : fitting(values, Secrets::taken, fault_in_variable, plan.left_out)) {
    env_text += heredoc(value, means.random);
    if (value.is_secret) plan.err += "::add-mask::" + github_data(value.value) + "\n";
    if (!value.is_secret) output_text += heredoc(value, means.random);
  }
  plan.files.push_back({env_file, env_text});
  if (const auto output = variables["GITHUB_OUTPUT"]; !output.empty())
    plan.files.push_back({output, output_text});
  return plan;
}

Planned gitlab(const Values& values, const ExportMeans& means) {
  ExportPlan plan;
  const std::string text =
      lines_of(fitting(values, Secrets::left_out, fault_for_gitlab, plan.left_out));
  plan.files.push_back({own_export_file(ExportForm::gitlab, means), text, true});
  return plan;
}

Planned circleci(const Values& values, const ExportMeans& means) {
  const std::string file = Variables(means.lookup)["BASH_ENV"];
  if (file.empty())
    return std::unexpected("BASH_ENV is not set: this is no step of a CircleCI job");
  ExportPlan plan;
  std::string text;
  for (const auto& value : fitting(values, Secrets::taken, fault_in_variable, plan.left_out))
    text += "export " + value.name + "=" + single_quoted(value.value) + "\n";
  plan.files.push_back({file, text});
  return plan;
}

std::string azure_command(const ExportValue& value, std::string_view property) {
  return "##vso[task.setvariable variable=" + value.name + ";" + std::string(property) + "]" +
         azure_data(value.value) + "\n";
}

// Each twice: $(STACK_NAME) is for this job, the output of the step's name for later ones.
Planned azure(const Values& values) {
  ExportPlan plan;
  for (const auto& value : fitting(values, Secrets::taken, fault_in_variable, plan.left_out)) {
    plan.out += azure_command(value, value.is_secret ? "issecret=true" : "issecret=false");
    if (!value.is_secret) plan.out += azure_command(value, "issecret=false;isOutput=true");
  }
  return plan;
}

// The job's own environment, for its later hooks. Meta-data would be the build's: of two jobs at
// the same time the second would overwrite the first one's stack.
Planned buildkite(const Values& values, const ExportMeans& means) {
  if (Variables(means.lookup)["BUILDKITE_AGENT_JOB_API_SOCKET"].empty()) {
    return std::unexpected(
        "BUILDKITE_AGENT_JOB_API_SOCKET is not set: this is no step of a Buildkite job, or its "
        "agent "
        "is older than 3.64; in one command, eval \"$(bdd-lock claim --export env)\" does it too");
  }
  ExportPlan plan;
  const auto taken = fitting(values, Secrets::left_out, fault_in_variable, plan.left_out);
  plan.calls.push_back(
      {{"buildkite-agent", "env", "set", "--input-format=json", "--output-format=quiet", "-"},
       json_object(taken)});
  return plan;
}

Planned bitbucket(const Values& values, const ExportMeans& means) {
  const std::string file = Variables(means.lookup)["BITBUCKET_PIPELINES_VARIABLES_PATH"];
  if (file.empty()) {
    return std::unexpected(
        "BITBUCKET_PIPELINES_VARIABLES_PATH is not set: this is no step of a Bitbucket pipeline");
  }
  ExportPlan plan;
  plan.files.push_back(
      {file, lines_of(fitting(values, Secrets::left_out, fault_in_line, plan.left_out))});
  return plan;
}

Planned jenkins(const Values& values, const ExportMeans& means) {
  ExportPlan plan;
  std::string text;
  for (const auto& value : fitting(values, Secrets::left_out, fault_in_variable, plan.left_out))
    text += value.name + "=" + java_property(value.value) + "\n";
  plan.files.push_back({own_export_file(ExportForm::jenkins, means), text, true});
  return plan;
}

std::string in_folder(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

}  // namespace

Planned plan_export(ExportForm form, const Values& values, const ExportMeans& means) {
  switch (form) {
    case ExportForm::automatic:
    case ExportForm::env:
      return env(values);
    case ExportForm::json:
      return json(values);
    case ExportForm::dotenv:
      return dotenv(values);
    case ExportForm::github:
      return github(values, means);
    case ExportForm::gitlab:
      return gitlab(values, means);
    case ExportForm::circleci:
      return circleci(values, means);
    case ExportForm::azure:
      return azure(values);
    case ExportForm::buildkite:
      return buildkite(values, means);
    case ExportForm::bitbucket:
      return bitbucket(values, means);
    case ExportForm::jenkins:
      return jenkins(values, means);
    case ExportForm::none:
      return ExportPlan{};
  }
  return ExportPlan{};
}

std::string own_export_file(ExportForm form, const ExportMeans& means) {
  const Variables variables(means.lookup);
  if (form != ExportForm::gitlab && form != ExportForm::jenkins) return {};
  if (!means.own_file.empty()) return means.own_file;
  return form == ExportForm::gitlab ? in_folder(variables["CI_PROJECT_DIR"], "bdd-lock.env")
                                    : in_folder(variables["WORKSPACE"], "bdd-lock.properties");
}

}  // namespace bddlock::ci
