// What `run` is told: the wish for a stack, how long and how patiently, and the command.
#pragma once

#include <string>
#include <vector>

#include "cli/client_settings.hpp"
#include "core/request.hpp"

namespace bddlock::cli {

enum class OnLost { stop = 1, warn };

struct RunOptions {
  ClientSettings client;
  std::string repo;
  std::string request_id;     // empty: a new one; "auto": of the CI's job
  std::string prefer_branch;  // empty: that of the CI's job
  bool may_create = true;
  std::string name_prefix;
  core::StringMap labels;
  seconds wait{1800};
  seconds lease{900};
  seconds grace{4};
  seconds keep_on_failure{0};
  OnLost on_lost = OnLost::stop;
  std::vector<std::string> words;
};

[[nodiscard]] std::vector<Option> run_options(RunOptions& options);
// What does not go together, or is missing.
[[nodiscard]] Fault fault_in(const RunOptions& options);

// Of --label, which `claim` has too. One KEY=VALUE a line.
[[nodiscard]] Option label_option(core::StringMap& labels);
// --no-create and --name-prefix.
[[nodiscard]] Option no_create_option(bool& may_create);
[[nodiscard]] Option name_prefix_option(std::string& prefix);
// Nothing, or why no stack can be created with that prefix.
[[nodiscard]] Fault fault_in_prefix(const std::string& prefix, const std::string& repo);

}  // namespace bddlock::cli
