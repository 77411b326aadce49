// A command as data: what it is called, which options it takes, what it does. The parser, --help
// and the test of docs/cli.md all read the same description.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bddlock::cli {

// What is wrong with a value, as a sentence without its subject ("is empty"); nothing: it was
// taken.
using Fault = std::optional<std::string>;

// Where a value came from. Flags win over variables, variables over the file, the file over the
// default.
enum class Source { none = 0, file, variable, flag };

struct Option {
  // "repo": the flag is --repo, the line in the config file `repo = ...`. Empty: only a variable.
  std::string name = {};
  std::string variable =
      {};  // environment; empty: belongs to one invocation, neither variable nor line
  std::string value =
      {};  // what to write for the value in --help; empty: a switch, "true" when given
  std::string fallback = {};  // the default, in words
  std::string help = {};
  std::vector<std::string> choices = {};  // all that it may be, where that is a short list
  bool is_argument = false;               // stands without a flag, as NAME does
  bool required = false;
  bool repeats = false;  // may be given more than once; `text` has a line for each then
  // Called with the one value that won, or not at all.
  std::function<Fault(std::string_view text, Source source)> assign = {};
};

struct Command {
  std::string name = {};
  std::string summary = {};   // a line in the overview
  std::string about = {};     // paragraphs for its own --help
  std::string examples = {};  // lines that work when typed
  std::vector<Option> options = {};
  // What stands behind "--", in words for --help ("COMMAND [ARGUMENT...]"), and who takes it;
  // empty: arguments that begin with a hyphen do.
  std::string rest = {};
  std::function<Fault(std::vector<std::string> words)> take_rest = {};
  std::function<Fault()> check =
      {};  // after all were assigned: what does not go together; may be empty
  std::function<int()> run = {};
  // Takes what is wrong with its words or settings, where not a person but a machine is to be told,
  // and returns the exit code; nothing, or empty: it is said as ever.
  std::function<std::optional<int>(const std::string& fault)> take_fault = {};
};

// An `assign` that parses by `parse` (text to expected<T, sentence>) into `target`.
template <class T, class Parse>
[[nodiscard]] auto into(T& target, Parse parse) {
  return [&target, parse](std::string_view text, Source) -> Fault {
    auto value = parse(text);
    if (!value) return std::move(value.error());
    target = std::move(*value);
    return std::nullopt;
  };
}

[[nodiscard]] inline auto into(std::string& target) {
  return [&target](std::string_view text, Source) -> Fault {
    target = text;
    return std::nullopt;
  };
}

}  // namespace bddlock::cli
