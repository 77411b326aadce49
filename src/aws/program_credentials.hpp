// Credentials that a program prints (credential_process of a profile; "Sourcing credentials with an
// external process" of the AWS CLI User Guide). Private to aws.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/credential_sources.hpp"

namespace bddlock::aws {

// The words of a command line as sh splits them, without anything else of sh: by white space,
// quoted by ' and ", a backslash before a character that is none. Nothing if a quote is left open.
[[nodiscard]] std::optional<std::vector<std::string>> command_words(std::string_view line);

// `from`: whose program it is, for sentences. They never hold what it printed.
[[nodiscard]] Found from_program(const Surroundings& surroundings, const std::string& line,
                                 const std::string& from);

}  // namespace bddlock::aws
