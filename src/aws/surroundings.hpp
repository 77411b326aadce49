// What this folder takes from the process around it, as a plain struct, so that tests set it
// themselves. Nothing else in this folder reads a variable or a file.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "aws/times.hpp"
#include "net/surroundings.hpp"

namespace bddlock::aws {

struct Surroundings {
  // An environment variable; nothing where it is not set. An empty one counts as not set.
  std::function<std::optional<std::string>(const std::string&)> variable;
  // A file's whole text; nothing where it cannot be read.
  std::function<std::optional<std::string>(const std::string&)> read_file;
  net::Surroundings net = {};
  // The wall clock: signatures are good for some minutes.
  std::function<Instant()> now = {};
  // Spreads out what many would do at the same time; nothing is spread out where it is not set.
  std::function<std::uint64_t()> random = {};
  // What a program prints; or why there is nothing, as the end of a sentence that begins with it.
  // Where it is not set no program is run.
  std::function<std::expected<std::string, std::string>(const std::vector<std::string>& words)>
      run_program = {};

  // Where credentials are to be had on Amazon's own machines, by plain HTTP inside the machine.
  std::string container_host = "http://169.254.170.2";
  std::string metadata_host = "http://169.254.169.254";
  std::string metadata_host_ipv6 = "http://[fd00:ec2::254]";

  [[nodiscard]] std::string text(const std::string& name) const {
    return variable(name).value_or("");
  }
};

// Adds what the variables and the profile say of the network: net::surroundings_from, and the file
// of trusted certificates that AWS_CA_BUNDLE or the profile's ca_bundle names.
[[nodiscard]] Surroundings surroundings_from(Surroundings surroundings);

}  // namespace bddlock::aws
