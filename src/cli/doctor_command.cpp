#include "cli/doctor_command.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <memory>
#include <ostream>

#include "cli/examination.hpp"
#include "cli/stack_output.hpp"

namespace bddlock::cli {

namespace {

struct DoctorOptions {
  ClientSettings client;
  Output output = Output::automatic;
};

std::string_view word(Finding::Level level) {
  switch (level) {
    case Finding::Level::ok:
      return "ok";
    case Finding::Level::warn:
      return "warn";
    case Finding::Level::bad:
      return "bad";
  }
  return "";
}

void print(std::ostream& out, const Finding& finding) {
  const std::string level(word(finding.level));
  out << level << std::string(6 - level.size(), ' ') << finding.check
      << std::string(12 - std::min<std::size_t>(finding.check.size(), 11), ' ') << finding.found
      << "\n";
  if (!finding.mend.empty()) out << "      to mend it: " << finding.mend << "\n";
}

std::string json_of(const std::vector<Finding>& findings) {
  boost::json::array array;
  for (const Finding& finding : findings) {
    boost::json::object object{
        {"level", word(finding.level)}, {"check", finding.check}, {"found", finding.found}};
    if (!finding.mend.empty()) object["mend"] = finding.mend;
    array.push_back(std::move(object));
  }
  return boost::json::serialize(array) + "\n";
}

ExitCode report(const Environment& env, const DoctorOptions& options) {
  const auto findings = examine(env, options.client);
  if (options.output == Output::json) {
    *env.out << json_of(findings);
  } else {
    for (const Finding& finding : findings) print(*env.out, finding);
  }
  const auto worst = std::ranges::find(findings, Finding::Level::bad, &Finding::level);
  return worst == findings.end() ? ExitCode::ok : worst->exit;
}

Value<Output> parse_doctor_output(std::string_view text) {
  auto output = parse_output(text);
  if (output && *output == Output::plain) return Output::table;
  return output;
}

}  // namespace

Command doctor_command(const Environment& env) {
  auto options = std::make_shared<DoctorOptions>();
  Command command{.name = "doctor",
                  .summary = "says what is wrong with endpoint, token, clock and store",
                  .about =
                      "Each line begins with ok, warn or bad, and says how to mend what is not ok. "
                      "The exit code is that\n"
                      "of the first bad one; warnings are 0. It changes nothing.\n",
                  .examples =
                      "  bdd-lock doctor\n"
                      "  bdd-lock doctor --endpoint http://10.0.0.5:8080 --output json\n",
                  .options = {{.name = "output",
                               .value = "FORM",
                               .fallback = "table",
                               .help = "table or plain (lines for people), or json (an array)",
                               .choices = {"table", "plain", "json"},
                               .assign = into(options->output, parse_doctor_output)}}};
  for (Option& option : client_options(options->client)) {
    // A bad endpoint is a finding of doctor's, not a fault in how it was called.
    if (option.name == "endpoint") option.assign = into(options->client.endpoint);
    command.options.push_back(std::move(option));
  }
  command.options.push_back(config_option());
  command.run = [&env, options] { return static_cast<int>(report(env, *options)); };
  return command;
}

}  // namespace bddlock::cli
