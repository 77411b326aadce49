// The command line as a whole: `bdd-lock COMMAND ...`. main calls run() and nothing else.
// The client's commands talk HTTP to a server and are all in this folder; serve, backup and restore
// touch the store and are handed in by app.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "cli/command.hpp"
#include "cli/environment.hpp"
#include "cli/serve_options.hpp"

namespace bddlock::cli {

// Each returns the process's exit code.
struct ServerCommands {
  std::function<int(const ServeOptions&)> serve;
  std::function<int(const BackupOptions&)> backup;
  std::function<int(const RestoreOptions&)> restore;
  std::function<int(const DynamoDbOptions&)> dynamodb;
  std::function<int(const LambdaOptions&)> lambda;
};

// Every command, in the order in which --help lists them. `env` must outlive them.
[[nodiscard]] std::vector<Command> all_commands(const Environment& env,
                                                const ServerCommands& server);

// The name under which AWS Lambda starts a program of its own accord: it means `bdd-lock lambda`.
inline constexpr std::string_view bootstrap_name = "bootstrap";

// Reads the arguments, the environment and the file of --config, runs the command and returns its
// exit code (exit_code.hpp, or what a server command returned).
[[nodiscard]] int run(int argc, const char* const* argv, const Environment& env,
                      const ServerCommands& server);

}  // namespace bddlock::cli
