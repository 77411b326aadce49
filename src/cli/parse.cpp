// Called by command_line.cpp; words.cpp does the syntax, this file the meaning.
#include "cli/parse.hpp"

#include <algorithm>

#include "cli/help.hpp"
#include "cli/words.hpp"
#include "wire/nearest.hpp"

namespace bddlock::cli {

namespace {

Stop usage(std::string text) { return {ExitCode::usage, std::move(text)}; }

const Command* find(std::span<const Command> commands, std::string_view name) {
  const auto found = std::ranges::find(commands, name, &Command::name);
  return found == commands.end() ? nullptr : &*found;
}

Stop unknown_command(std::span<const Command> commands, const std::string& word) {
  if (word.starts_with("-")) {
    return usage(wire::quoted(word.substr(0, word.find('='))) +
                 " stands before the command; write bdd-lock COMMAND, then its options");
  }
  std::vector<std::string_view> names;
  for (const Command& command : commands) names.push_back(command.name);
  std::string text = "there is no command " + wire::quoted(word);
  if (const auto near = wire::nearest(word, names)) {
    return usage(text + "; did you mean " + std::string(*near) + "?");
  }
  text += "; there are:";
  for (const std::string_view name : names) text += " " + std::string(name);
  return usage(text);
}

// A token on the command line is in the process list and, in CI, in the job's log. Its value is not
// repeated.
std::optional<Stop> refuse_token(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") break;
    const std::string flag = word.substr(0, word.find('='));
    if (flag != "--token" && flag != "--auth-token") continue;
    return usage(
        "there is no " + flag +
        ", because every user of a machine can read its command lines, and CI logs show them. "
        "Put the token into BDD_LOCK_AUTH_TOKEN or into a file for --token-file (serve: "
        "BDD_LOCK_TABLE_AUTH_TOKEN, --auth-token-file). If that was a real token, replace it: "
        "it may have been seen");
  }
  return std::nullopt;
}

// Which settings any command knows: one config file may serve all of them.
std::vector<std::string_view> settings_of(std::span<const Command> commands) {
  std::vector<std::string_view> names;
  for (const Command& command : commands) {
    for (const Option& option : command.options) {
      if (!option.name.empty() && !option.variable.empty()) names.push_back(option.name);
    }
  }
  return names;
}

using Texts = std::map<std::string, std::string>;

std::expected<Texts, Stop> config_texts(const std::string& path,
                                        std::span<const Command> commands) {
  Texts texts;
  if (path.empty()) return texts;
  auto lines = read_config(path);
  if (!lines) return std::unexpected(usage(std::move(lines.error())));
  const auto known = settings_of(commands);
  for (Line& line : *lines) {
    if (std::ranges::find(known, line.name) == known.end()) {
      std::string text = path + ": there is no setting " + wire::quoted(line.name);
      if (const auto near = wire::nearest(line.name, known)) {
        text += "; did you mean " + std::string(*near) + "?";
      }
      return std::unexpected(usage(std::move(text)));
    }
    texts[line.name] = std::move(line.value);
  }
  return texts;
}

struct Won {
  Source source = Source::none;
  std::string text = {};
  std::string subject = {};  // how to call it in a message
};

Won strongest(const Option& option, const Texts& given, const Texts& file, const std::string& path,
              const Environment& env) {
  if (const auto flag = given.find(option.name); flag != given.end()) {
    return {Source::flag, flag->second, option.is_argument ? option.name : "--" + option.name};
  }
  if (!option.variable.empty()) {
    // CI systems set variables that have no value to the empty string: they count as not set.
    if (auto text = env.variable(option.variable); text && !text->empty()) {
      return {Source::variable, std::move(*text), "the variable " + option.variable};
    }
  }
  if (const auto line = file.find(option.name); line != file.end() && !option.variable.empty()) {
    return {Source::file, line->second, path + ": " + option.name};
  }
  return {};
}

std::optional<Stop> assign_all(const Command& command, const Texts& given, const Texts& file,
                               const std::string& path, const Environment& env) {
  for (const Option& option : command.options) {
    if (!option.assign) continue;
    const Won won = strongest(option, given, file, path, env);
    if (won.source == Source::none) {
      if (!option.required) continue;
      const std::string name = option.is_argument ? option.name : "--" + option.name;
      return usage(command.name + " needs " + name + ": " + option.help);
    }
    if (auto fault = option.assign(won.text, won.source)) return usage(won.subject + ": " + *fault);
  }
  return std::nullopt;
}

std::string config_path(const Texts& given, const Environment& env) {
  if (const auto flag = given.find("config"); flag != given.end()) return flag->second;
  return env.variable("BDD_LOCK_CONFIG").value_or("");
}

std::expected<const Command*, Stop> parse_for(const Command& command,
                                              const std::vector<std::string>& words,
                                              std::span<const Command> commands,
                                              const Environment& env) {
  const auto with_help = [&](Stop stop) {
    stop.command = &command;
    stop.fault = stop.text;
    stop.text = command.name + ": " + stop.text + "\nTry: bdd-lock " + command.name + " --help";
    return std::unexpected(std::move(stop));
  };
  const auto mark = command.take_rest ? std::ranges::find(words, "--") : words.end();
  auto taken = take_apart(command, {words.begin(), mark});
  if (!taken) return with_help(usage(std::move(taken.error())));
  if (taken->help) return std::unexpected(Stop{ExitCode::ok, help_of(command)});
  if (const auto flag = taken->given.find("config");
      flag != taken->given.end() && flag->second.empty()) {
    return with_help(usage("--config names no file; is a variable empty that should not be?"));
  }
  const std::string path = config_path(taken->given, env);
  const auto file = config_texts(path, commands);
  if (!file) return with_help(file.error());
  if (auto stop = assign_all(command, taken->given, *file, path, env)) return with_help(*stop);
  if (command.take_rest) {
    const auto behind = mark == words.end() ? mark : mark + 1;
    if (auto fault = command.take_rest({behind, words.end()}))
      return with_help(usage(std::move(*fault)));
  }
  if (command.check) {
    if (auto fault = command.check()) return with_help(usage(std::move(*fault)));
  }
  return &command;
}

}  // namespace

std::expected<const Command*, Stop> parse(const std::vector<std::string>& words,
                                          std::span<const Command> commands,
                                          const Environment& env) {
  if (words.empty()) return std::unexpected(usage("a command is missing\n\n" + overview(commands)));
  if (auto stop = refuse_token(words)) return std::unexpected(std::move(*stop));
  std::string first = words.front();
  std::vector<std::string> rest(words.begin() + 1, words.end());
  if (first == "help" && !rest.empty()) {
    first = rest.front();
    rest = {"--help"};
  }
  if (first == "help" || first == "--help" || first == "-h") {
    return std::unexpected(Stop{ExitCode::ok, overview(commands)});
  }
  if (first == "--version") first = "version";
  const Command* command = find(commands, first);
  if (command == nullptr) return std::unexpected(unknown_command(commands, first));
  return parse_for(*command, rest, commands, env);
}

}  // namespace bddlock::cli
