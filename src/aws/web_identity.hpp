// Credentials of a role for a token of another identity provider, by STS. Private to aws.
#pragma once

#include <string>

#include "aws/credential_sources.hpp"

namespace bddlock::aws {

struct WebIdentity {
  std::string token_file;
  std::string role_arn;
  std::string session_name = {};      // empty: "bdd-lock"
  std::string duration_seconds = {};  // empty: STS's default, an hour
  std::string from;                   // who asks for it, for sentences
};

[[nodiscard]] Found assume_role_with_web_identity(const Surroundings& surroundings,
                                                  const WebIdentity& identity);

}  // namespace bddlock::aws
