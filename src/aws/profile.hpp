// The shared files of Amazon's tools, ~/.aws/config and ~/.aws/credentials ("Configuration and
// credential file settings" of the AWS CLI User Guide).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "aws/surroundings.hpp"

namespace bddlock::aws {

using ProfileSettings = std::map<std::string, std::string, std::less<>>;
using Sections = std::map<std::string, ProfileSettings, std::less<>>;

// The sections of a file and their settings: "name = value" by the line; "#" and ";" begin a line
// of comment. Names of settings in small letters. Lines that begin with white space belong to a
// nested setting and are left out, and so is what is before the first section.
[[nodiscard]] Sections parse_sections(std::string_view text);

struct Profile {
  std::string name;
  bool is_named = false;  // by AWS_PROFILE or AWS_DEFAULT_PROFILE
  bool is_there = false;  // in one of the files
  ProfileSettings settings = {};
  [[nodiscard]] std::string setting(std::string_view key) const;  // empty if it is not there
};

// The profile that AWS_PROFILE names, else "default", from AWS_CONFIG_FILE or ~/.aws/config
// ("[profile ci]", "[default]") and AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials ("[ci]"),
// which counts where both have a setting.
[[nodiscard]] Profile load_profile(const Surroundings& surroundings);

// The profile of that name from the same files.
[[nodiscard]] Profile load_profile(const Surroundings& surroundings, const std::string& name);

// A section of the config file that is no profile ("sso-session ours"); empty if it is not there.
[[nodiscard]] ProfileSettings load_config_section(const Surroundings& surroundings,
                                                  const std::string& section);

}  // namespace bddlock::aws
