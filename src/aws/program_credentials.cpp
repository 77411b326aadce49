#include "aws/program_credentials.hpp"

#include "aws/credential_document.hpp"

namespace bddlock::aws {
namespace {

// A backslash keeps its meaning for sh inside of double quotes before these only.
bool escapes(char quote, char next) {
  return quote == 0 ||
         (quote == '"' && (next == '"' || next == '\\' || next == '$' || next == '`'));
}

}  // namespace

std::optional<std::vector<std::string>> command_words(std::string_view line) {
  std::vector<std::string> words;
  char quote = 0;
  bool in_word = false;
  const auto put = [&](char c) {
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c != 0) words.back() += c;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\' && i + 1 < line.size() && escapes(quote, line[i + 1])) {
      put(line[++i]);
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      put(0);  // '' is a word
    } else if (c == quote && quote != 0) {
      quote = 0;
    } else if (quote == 0 && (c == ' ' || c == '\t')) {
      in_word = false;
    } else {
      put(c);
    }
  }
  if (quote != 0) return std::nullopt;
  return words;
}

Found from_program(const Surroundings& surroundings, const std::string& line,
                   const std::string& from) {
  const auto wrong = [&](const std::string& what) {
    return std::unexpected("the program of " + from + " (credential_process) " + what);
  };
  const auto words = command_words(line);
  if (!words) return wrong("has an open quote in its command");
  if (words->empty()) return wrong("is missing");
  if (!surroundings.run_program) return wrong("cannot be run here");
  const auto printed = surroundings.run_program(*words);
  if (!printed) return wrong(printed.error());
  auto credentials = parse_credential_program(*printed);
  if (!credentials) return wrong("prints what " + credentials.error());
  credentials->source = "the program of " + from;
  return std::move(*credentials);
}

}  // namespace bddlock::aws
