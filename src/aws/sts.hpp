// A call of Amazon's Security Token Service that is answered with credentials. Private to aws.
#pragma once

#include <string>

#include "aws/credential_sources.hpp"
#include "aws/signature.hpp"

namespace bddlock::aws {

struct StsCall {
  std::string action;  // "AssumeRole", …
  Fields parameters;   // not percent-encoded; those that are empty are left out
  std::string from;    // who asks for the role, for sentences: "the AWS profile ci"
};

// `signer`: whose keys sign it; null for calls that carry their proof in a parameter.
[[nodiscard]] Found ask_sts(const Surroundings& surroundings, const StsCall& call,
                            const Credentials* signer);

// The error of ask_sts, for what is wrong before it.
[[nodiscard]] std::unexpected<std::string> no_role(const std::string& from, const std::string& why);

}  // namespace bddlock::aws
