// Amazon's Signature Version 4 in the Authorization header ("Signing AWS API requests" of the IAM
// User Guide). Pure; checked against Amazon's published test vectors (tests/data/signatures.json).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/credentials.hpp"

namespace bddlock::aws {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Signable {
  std::string method;
  std::string path = "/";  // not percent-encoded; signed as it is, dots and double slashes included
  Fields query = {};       // not percent-encoded, in any order
  Fields headers = {};     // all of them are signed; Host must be among them
  std::string body = {};
};

// For whom a signature counts.
struct Scope {
  std::string region;   // "eu-west-2"
  std::string service;  // "dynamodb"
};

// The headers to add to the request: X-Amz-Date, X-Amz-Security-Token (where the credentials have
// one) and Authorization.
[[nodiscard]] Fields sign(const Signable& request, const Scope& scope,
                          const Credentials& credentials, Instant now);

// What is hashed and signed, for tests that want to know at which step a signature went wrong.
[[nodiscard]] std::string canonical_request(const Signable& request);

// Percent-encoded, all but letters, digits and "-._~", and "/" where `keep_slashes`.
[[nodiscard]] std::string percent_encoded(std::string_view text, bool keep_slashes = false);

}  // namespace bddlock::aws
