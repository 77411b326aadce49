#include "cli/run_options.hpp"

#include <sstream>

#include "cli/values.hpp"
#include "wire/nearest.hpp"
#include "wire/rules.hpp"

namespace bddlock::cli {

namespace {

constexpr seconds wait_longest = std::chrono::hours(24);
constexpr seconds grace_longest{300};

Option time_option(std::string name, std::string variable, seconds& target, seconds least,
                   seconds most, std::string fallback, std::string help) {
  return {.name = std::move(name),
          .variable = std::move(variable),
          .value = "TIME",
          .fallback = std::move(fallback),
          .help = std::move(help),
          .assign = into(target, [least, most](std::string_view text) {
            return parse_duration(text, least, most);
          })};
}

Value<OnLost> parse_on_lost(std::string_view text) {
  if (text == "stop") return OnLost::stop;
  if (text == "warn") return OnLost::warn;
  return std::unexpected(wire::quoted(text) + " is not known: stop and warn are allowed");
}

Value<core::StringMap> parse_labels(std::string_view text) {
  core::StringMap labels;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find('=');
    if (equals == std::string::npos || equals == 0)
      return std::unexpected(wire::quoted(line) + " is no label: write KEY=VALUE");
    if (!labels.emplace(line.substr(0, equals), line.substr(equals + 1)).second)
      return std::unexpected("the label " + wire::quoted(line.substr(0, equals)) +
                             " is given twice");
  }
  if (auto fault = wire::fault_in_labels(labels)) return std::unexpected(std::move(*fault));
  return labels;
}

std::vector<Option> wish_options_of_run(RunOptions& options) {
  return {repo_option(options.repo, "whose stacks; one of them is lent to the command"),
          label_option(options.labels),
          no_create_option(options.may_create),
          name_prefix_option(options.name_prefix),
          {.name = "prefer-branch",
           .value = "BRANCH",
           .fallback = "the branch of the CI's job",
           .help = "rather a stack that has this branch deployed: it needs the smallest update",
           .assign = into(options.prefer_branch)}};
}

}  // namespace

Option label_option(core::StringMap& labels) {
  return {.name = "label",
          .value = "KEY=VALUE",
          .help =
              "only a stack with this label; may be given more than once. A created one gets "
              "them",
          .repeats = true,
          .assign = into(labels, parse_labels)};
}

Option no_create_option(bool& may_create) {
  return {.name = "no-create",
          .variable = "BDD_LOCK_NO_CREATE",
          .fallback = "false",
          .help = "wait for a free stack rather than create one",
          .assign = [&may_create](std::string_view text, Source) -> Fault {
            const auto no_create = parse_switch(text);
            if (!no_create) return no_create.error();
            may_create = !*no_create;
            return std::nullopt;
          }};
}

Option name_prefix_option(std::string& prefix) {
  return {.name = "name-prefix",
          .variable = "BDD_LOCK_NAME_PREFIX",
          .value = "PREFIX",
          .fallback = "the repo's name and a hyphen",
          .help = "how a created stack's name begins; 8 random characters follow",
          .assign = into(prefix)};
}

Fault fault_in_prefix(const std::string& prefix, const std::string& repo) {
  const std::string begin = prefix.empty() ? repo + "-" : prefix;
  if (const auto name = parse_new_name(begin + "00000000"); !name) {
    return "no stack can have a name that begins like this: " + name.error() +
           "; give another --name-prefix";
  }
  return std::nullopt;
}

std::vector<Option> run_options(RunOptions& options) {
  std::vector<Option> all = wish_options_of_run(options);
  all.push_back(time_option("wait", "BDD_LOCK_WAIT", options.wait, seconds(0), wait_longest, "30m",
                            "how long to wait for its turn; 0 to 1d"));
  all.push_back(time_option(
      "lease", "BDD_LOCK_LEASE", options.lease, seconds(2), core::lease_max, "15m",
      "how long the claim lives when nothing extends it any more, because this machine is gone; "
      "2s to 1d"));
  all.push_back(time_option("grace", "BDD_LOCK_GRACE", options.grace, seconds(0), grace_longest,
                            "4s",
                            "how long the command may take to end when it is told to, before it "
                            "is killed; 0 to 5m"));
  all.push_back(time_option("keep-on-failure", "BDD_LOCK_KEEP_ON_FAILURE", options.keep_on_failure,
                            seconds(0), core::hold_longest, "0",
                            "keep the stack aside for so long when the command fails, for "
                            "debugging; up to 7d"));
  all.push_back({.name = "on-lost",
                 .variable = "BDD_LOCK_ON_LOST",
                 .value = "WHAT",
                 .fallback = "stop",
                 .help = "what happens to the command when the claim is lost: stop or warn",
                 .choices = {"stop", "warn"},
                 .assign = into(options.on_lost, parse_on_lost)});
  all.push_back({.name = "request-id",
                 .value = "ID",
                 .fallback = "a new one",
                 .help = "the request's id, or auto: one made of the CI's job, so that a step "
                         "that is run again after a crash gets the same stack",
                 .assign = [&options](std::string_view text, Source) -> Fault {
                   options.request_id = text;
                   return wire::fault_in_request_id(text);
                 }});
  return all;
}

Fault fault_in(const RunOptions& options) {
  if (options.repo.empty()) return "of which repo? Give --repo, or set REPO_NAME";
  const seconds least = 2 * (options.grace + seconds(1));
  if (options.lease < least) {
    return "--lease is too short for a --grace of " + duration_text(options.grace) +
           ": a command that hangs must be ended within it. It must be " + duration_text(least) +
           " at least, or give a shorter --grace";
  }
  return options.may_create ? fault_in_prefix(options.name_prefix, options.repo) : std::nullopt;
}

}  // namespace bddlock::cli
