// A program that runs a command as `bdd-lock run` does, without a server: what the tests kill, stop
// and put on a terminal.
//   process_probe [--grace MS] [--deadline MS] [--report FILE] -- WORDS...
// Writes how it ended to FILE: {exit code} {killed|} {names left behind} {names not ended}, each a
// line.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "process/child.hpp"

namespace {

using namespace bddlock::process;

struct Options {
  milliseconds grace{4000};
  std::string report;
  Command command;
};

Options read_options(const std::vector<std::string>& words) {
  Options options;
  std::size_t at = 0;
  for (; at + 1 < words.size() && words[at] != "--"; at += 2) {
    const std::string& value = words[at + 1];
    if (words[at] == "--grace") options.grace = milliseconds(std::stol(value));
    if (words[at] == "--deadline")
      options.command.deadline = boot_time() + milliseconds(std::stol(value));
    if (words[at] == "--report") options.report = value;
  }
  options.command.words.assign(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
  options.command.variables = {{"PROBE", "1"}};
  return options;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

Ending run(Child& child, const Options& options) {
  const Wakeup wakeup;
  const Happening happening = child.next(wakeup, std::nullopt);
  if (happening.kind == Happening::Kind::signal) return child.stop(happening.signal, options.grace);
  return child.finish(options.grace);
}

}  // namespace

int main(int argc, char** argv) {
  hold_standard_numbers();
  const Options options = read_options({argv + 1, argv + argc});
  auto signals = Signals::open();
  if (!signals) return 70;
  auto child = Child::start(options.command, **signals);
  if (!child) {
    std::fprintf(stderr, "%s\n", child.error().sentence.c_str());
    return child.error().exit_code;
  }
  const Ending ending = run(**child, options);
  if (!options.report.empty()) {
    std::ofstream(options.report) << ending.exit_code << "\n"
                                  << (ending.was_killed ? "killed" : "") << "\n"
                                  << joined(ending.left_behind) << "\n"
                                  << joined(ending.unended) << "\n";
  }
  return ending.exit_code;
}
