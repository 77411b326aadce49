// What every client command is told of its server, and the way from there to a Remote.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "cli/remote.hpp"

namespace bddlock::cli {

struct ClientSettings {
  std::string endpoint = "http://127.0.0.1:8080";
  seconds timeout{30};
  std::string token_variable;  // BDD_LOCK_AUTH_TOKEN as it stands
  std::string token_file;
  Source token_file_source = Source::none;
};

// --endpoint, --token-file, BDD_LOCK_AUTH_TOKEN, --timeout.
[[nodiscard]] std::vector<Option> client_options(ClientSettings& settings);
// --config, which the parser itself reads.
[[nodiscard]] Option config_option();
// --repo and REPO_NAME.
[[nodiscard]] Option repo_option(std::string& repo, std::string help);
// NAME. An empty one is refused.
[[nodiscard]] Option name_argument(std::string& name, std::string help);

struct Token {
  std::string text;  // empty: none is set
  std::string from;  // where it was found, for messages
};

// A token file wins over the variable, unless only the config file names it. The error is a
// sentence that does not show the token: which of the two is malformed, and how.
[[nodiscard]] std::expected<Token, std::string> client_token(const ClientSettings& settings);

// The error is a Trouble with ExitCode::usage.
[[nodiscard]] std::expected<Remote, Trouble> open_remote(const Environment& env,
                                                         const ClientSettings& settings);

// A command that calls a server: `work` is run with a Remote made from options->client.
template <class Options>
[[nodiscard]] Command client_command(const Environment& env, std::shared_ptr<Options> options,
                                     ExitCode (*work)(const Environment&, Remote&, const Options&),
                                     Command command) {
  for (Option& option : client_options(options->client))
    command.options.push_back(std::move(option));
  command.options.push_back(config_option());
  command.run = [&env, options, work] {
    auto remote = open_remote(env, options->client);
    if (!remote) return static_cast<int>(fail(env, remote.error()));
    return static_cast<int>(work(env, *remote, *options));
  };
  return command;
}

}  // namespace bddlock::cli
