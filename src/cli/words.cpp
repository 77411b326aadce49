#include "cli/words.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>
#include <sstream>

#include "cli/files.hpp"
#include "core/name.hpp"
#include "wire/nearest.hpp"

namespace bddlock::cli {

namespace {

// CLI11 takes the next word for the value of "--repo=", and any word for the value of "--repo".
// Both happen where a script's variable is empty, and would then mean something else than was
// written.
std::optional<std::string> fault_in_empty_values(const Command& command,
                                                 const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") break;
    for (const Option& option : command.options) {
      if (option.is_argument || option.name.empty() || option.value.empty()) continue;
      if (word == "--" + option.name + "=") {
        return "--" + option.name +
               "= has no value behind it; is a variable empty that should not be?";
      }
    }
  }
  return std::nullopt;
}

std::string unknown_option(const Command& command, const std::string& word) {
  const std::string flag = word.substr(0, word.find('='));  // what is behind it may be a secret
  if (!flag.starts_with("--")) {
    return "there is no option " + wire::quoted(flag) +
           "; a name that begins with - goes behind a --";
  }
  std::vector<std::string> flags = {"--help"};
  for (const Option& option : command.options) {
    if (!option.is_argument && !option.name.empty()) flags.push_back("--" + option.name);
  }
  const std::vector<std::string_view> known(flags.begin(), flags.end());
  std::string text = "there is no option " + wire::quoted(flag);
  if (const auto near = wire::nearest(flag, known))
    text += "; did you mean " + std::string(*near) + "?";
  return text;
}

std::string left_over(const Command& command, const std::vector<std::string>& extras) {
  const auto flag = std::ranges::find_if(
      extras, [](const std::string& word) { return word.size() > 1 && word.starts_with("-"); });
  if (flag != extras.end()) return unknown_option(command, *flag);
  if (command.take_rest) {
    return wire::quoted(extras.front()) + " stands among the options; what is to be run goes " +
           "behind two hyphens: bdd-lock " + command.name + " [options] -- " + command.rest;
  }
  std::string takes;
  for (const Option& option : command.options) {
    if (option.is_argument) takes += (takes.empty() ? "" : " ") + option.name;
  }
  return wire::quoted(extras.front()) + " is one argument too many: " + command.name + " takes " +
         (takes.empty() ? "none" : takes);
}

using Declared = std::pair<const Option*, CLI::Option*>;

std::vector<Declared> declare(CLI::App& app, const Command& command,
                              std::map<std::string, std::string>& texts) {
  std::vector<Declared> declared;
  for (const Option& option : command.options) {
    if (option.name.empty()) continue;
    std::string& text = texts[option.name];
    const std::string name = option.is_argument ? option.name : "--" + option.name;
    CLI::Option* made = option.value.empty() && !option.is_argument ? app.add_flag(name, text)
                                                                    : app.add_option(name, text);
    made->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    declared.emplace_back(&option, made);
  }
  return declared;
}

std::optional<std::string> fault_in(const Option& option, std::size_t count,
                                    const std::string& text) {
  if (option.is_argument) return std::nullopt;
  if (count > 1 && !option.repeats)
    return "--" + option.name + " is given " + std::to_string(count) + " times";
  if (!option.value.empty() && text.starts_with("--")) {
    return "--" + option.name +
           " needs a value, but an option follows; is a variable empty that should " + "not be?";
  }
  return std::nullopt;
}

std::string lines_of(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : "\n") + value;
  return text;
}

std::expected<Words, std::string> parse_by(CLI::App& app, const Command& command,
                                           const std::vector<std::string>& words) {
  Words result;
  std::map<std::string, std::string> texts;
  const auto declared = declare(app, command, texts);
  app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  for (const auto& [option, made] : declared) {
    if (made->count() == 0) continue;
    if (auto fault = fault_in(*option, made->count(), texts[option->name])) {
      return std::unexpected(std::move(*fault));
    }
    result.given[option->name] = option->repeats ? lines_of(made->results()) : texts[option->name];
  }
  auto extras = app.remaining();
  // CLI11 leaves the mark behind which all are arguments among what it did not use.
  if (const auto mark = std::ranges::find(extras, "--"); mark != extras.end()) extras.erase(mark);
  if (!extras.empty()) return std::unexpected(left_over(command, extras));
  return result;
}

std::string unquotable(const std::string& path, const CLI::ConfigItem& item) {
  return path + ": the value of " + wire::quoted(item.name) +
         " must be in double quotes, as it has spaces or commas; a comment goes on a line of its "
         "own";
}

// CLI11 makes one setting with two values of two lines in a row.
bool stands_twice(const std::string& bytes, const std::string& name) {
  std::istringstream text(bytes);
  int count = 0;
  for (std::string line; std::getline(text, line);) {
    const auto first = line.find_first_not_of(" \t");
    if (first == std::string::npos || line.compare(first, name.size(), name) != 0) continue;
    const auto behind = line.find_first_not_of(" \t", first + name.size());
    if (behind != std::string::npos && line[behind] == '=') ++count;
  }
  return count > 1;
}

// Editors of Windows put one before UTF-8.
std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  return text.starts_with(mark) ? text.substr(mark.size()) : text;
}

}  // namespace

std::expected<Words, std::string> take_apart(const Command& command,
                                             const std::vector<std::string>& words) {
  if (auto fault = fault_in_empty_values(command, words)) return std::unexpected(std::move(*fault));
  CLI::App app;
  app.allow_extras();
  try {
    return parse_by(app, command, words);
  } catch (const CLI::CallForHelp&) {
    return Words{.help = true, .given = {}};
  } catch (const CLI::ArgumentMismatch&) {
    return std::unexpected(words.back() + " needs a value behind it");
  } catch (const CLI::ParseError& error) {
    return std::unexpected(std::string(error.what()));
  }
}

std::expected<std::vector<Line>, std::string> read_config(const std::string& path) {
  const auto bytes = read_file(path);
  if (!bytes) {
    return std::unexpected("cannot read the config file " + path +
                           bytes.error().substr(bytes.error().rfind(": ")));
  }
  if (bytes->find('\0') != std::string::npos || !core::is_utf8(*bytes)) {
    return std::unexpected("the config file " + path + " is no text file in UTF-8");
  }
  std::istringstream text{std::string(without_byte_order_mark(*bytes))};
  CLI::ConfigBase reader;
  reader.comment(
      '\0');  // else a # inside a value would cut it; comment lines are known without this
  std::vector<Line> lines;
  std::set<std::string> seen;
  for (const CLI::ConfigItem& item : reader.from_config(text)) {
    if (!item.parents.empty() || item.name == "++" || item.name == "--") {
      return std::unexpected(path +
                             ": there are no [sections] in this file, only lines NAME = VALUE");
    }
    const bool twice = item.inputs.size() > 1 && stands_twice(text.str(), item.name);
    if (item.inputs.size() != 1 && !twice) return std::unexpected(unquotable(path, item));
    if (twice || !seen.insert(item.name).second) {
      return std::unexpected(path + ": " + wire::quoted(item.name) + " stands there twice");
    }
    lines.push_back({item.name, item.inputs.front()});
  }
  return lines;
}

}  // namespace bddlock::cli
