#include "cli/help.hpp"

#include <sstream>

namespace bddlock::cli {

namespace {

constexpr std::size_t columns = 96;

constexpr std::string_view exit_codes = R"(Exit codes
  0   done
  1   the server refused: no such stack, the name exists, nothing to release, ...
  64  the command line, a setting or an input file is wrong; nothing was sent
  69  server or store did not answer, or it is not known whether the change was made
  70  a bug in bdd-lock
  75  no stack was free in the time allowed
  76  the claim is lost: it ran out, or an admin ended it
  77  the server does not accept the token
)";

// Words in lines of at most `columns`, each behind `indent` spaces.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::istringstream words(text);
  std::string result;
  std::string line;
  for (std::string word; words >> word;) {
    if (!line.empty() && indent + line.size() + 1 + word.size() > columns) {
      result += std::string(indent, ' ') + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return result + std::string(indent, ' ') + line + "\n";
}

std::string option_lines(const Option& option) {
  std::string about = option.help;
  std::string where = option.variable;
  if (!option.fallback.empty())
    where += (where.empty() ? "" : "; ") + ("default " + option.fallback);
  if (!where.empty()) about += " (" + where + ")";
  const std::string head = option.name.empty() ? option.variable : written_form(option);
  if (option.name.empty()) about = option.help;
  return "  " + head + "\n" + wrapped(about, 6);
}

std::string usage_line(const Command& command) {
  std::string line = "bdd-lock " + command.name;
  for (const Option& option : command.options) {
    if (option.is_argument) line += option.required ? " " + option.name : " [" + option.name + "]";
  }
  return line + " [options]" + (command.rest.empty() ? "" : " -- " + command.rest) + "\n";
}

}  // namespace

std::string written_form(const Option& option) {
  if (option.is_argument) return option.name;
  return "--" + option.name + (option.value.empty() ? "" : " " + option.value);
}

std::string overview(std::span<const Command> commands) {
  std::string text =
      "bdd-lock lends test stacks to CI jobs, each to one job at a time.\n\n"
      "Usage: bdd-lock COMMAND [options]\n\nCommands\n";
  for (const Command& command : commands) {
    text +=
        "  " + command.name + std::string(12 - command.name.size(), ' ') + command.summary + "\n";
  }
  text += "\n\"bdd-lock COMMAND --help\" says more about each, with examples.\n\n";
  return text + std::string(exit_codes);
}

std::string help_of(const Command& command) {
  std::string text = command.summary + "\n\nUsage: " + usage_line(command);
  if (!command.about.empty()) text += "\n" + command.about;
  text += "\nExamples\n" + command.examples + "\nOptions\n";
  for (const Option& option : command.options) text += option_lines(option);
  text += "  --help\n      shows this text\n";
  text +=
      "\nA setting with a variable in brackets can also stand as a line NAME = VALUE in the file "
      "of\n"
      "--config. The flag wins over the variable, the variable over the file.\n\n";
  return text + std::string(exit_codes);
}

}  // namespace bddlock::cli
