// Takes the words behind a command apart, by CLI11, which is slow to compile: only words.cpp sees
// it.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace bddlock::cli {

struct Words {
  bool help = false;
  std::map<std::string, std::string> given;  // by the option's name; a switch is "true" or "false"
};

// The error is a sentence: an option that is unknown (with the nearest known one), without its
// value or given twice, or an argument too many.
[[nodiscard]] std::expected<Words, std::string> take_apart(const Command& command,
                                                           const std::vector<std::string>& words);

struct Line {
  std::string name;
  std::string value;
};

// The lines of a config file: `name = value`, quotes around the value where it has spaces or
// commas, and comment lines that begin with #.
[[nodiscard]] std::expected<std::vector<Line>, std::string> read_config(const std::string& path);

}  // namespace bddlock::cli
