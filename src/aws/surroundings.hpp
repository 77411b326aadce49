// What this folder takes from the process around it, as a plain struct, so that tests set it
// themselves. Nothing else in this folder reads a variable or a file.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "net/surroundings.hpp"

namespace bddlock::aws {

struct Surroundings {
  // An environment variable; nothing where it is not set. An empty one counts as not set.
  std::function<std::optional<std::string>(const std::string&)> variable;
  // A file's whole text; nothing where it cannot be read.
  std::function<std::optional<std::string>(const std::string&)> read_file;
  net::Surroundings net = {};

  // Where credentials are to be had on Amazon's own machines, by plain HTTP inside the machine.
  std::string container_host = "http://169.254.170.2";
  std::string metadata_host = "http://169.254.169.254";

  [[nodiscard]] std::string text(const std::string& name) const {
    return variable(name).value_or("");
  }
};

}  // namespace bddlock::aws
