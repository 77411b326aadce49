#include "arguments.hpp"

#include <cstdio>
#include <cstdlib>

namespace bddlock::bench {

void exit_usage(std::string_view problem) {
  std::fprintf(stderr, "bddlock-bench: %.*s\n", static_cast<int>(problem.size()), problem.data());
  std::exit(64);
}

Arguments::Arguments(int count, char** words) {
  const std::vector<std::string> all(words + 1, words + count);
  if (all.empty()) exit_usage("no command");
  command_ = all[0];
  std::size_t at = 1;
  for (; at < all.size() && all[at] != "--"; at += 2) {
    if (!all[at].starts_with("--") || at + 1 == all.size()) exit_usage("not a pair: " + all[at]);
    named_[all[at].substr(2)] = all[at + 1];
  }
  if (at < all.size()) rest_.assign(all.begin() + static_cast<std::ptrdiff_t>(at) + 1, all.end());
}

std::string Arguments::text(const std::string& name) const {
  const auto found = named_.find(name);
  if (found == named_.end()) exit_usage("missing: --" + name);
  return found->second;
}

double Arguments::number(const std::string& name) const {
  const std::string value = text(name);
  char* end = nullptr;
  const double parsed = std::strtod(value.c_str(), &end);
  if (value.empty() || *end != '\0' || !(parsed >= 0)) exit_usage("no number: --" + name);
  return parsed;
}

std::size_t Arguments::count(const std::string& name) const {
  return static_cast<std::size_t>(number(name));
}

}  // namespace bddlock::bench
