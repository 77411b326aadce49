// The command line of the load generator: a command, then --name value pairs, then, after --, a
// command line of its own. It is called by bench.py only, so that a wrong use just ends it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bddlock::bench {

class Arguments {
 public:
  Arguments(int count, char** words);

  [[nodiscard]] const std::string& command() const { return command_; }
  [[nodiscard]] const std::vector<std::string>& rest() const { return rest_; }

  // Exits with 64 if it is missing or no number.
  [[nodiscard]] std::string text(const std::string& name) const;
  [[nodiscard]] double number(const std::string& name) const;
  [[nodiscard]] std::size_t count(const std::string& name) const;

 private:
  std::string command_;
  std::map<std::string, std::string> named_;
  std::vector<std::string> rest_;
};

[[noreturn]] void exit_usage(std::string_view problem);

}  // namespace bddlock::bench
