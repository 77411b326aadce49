// What a request to Amazon's services is signed with.
#pragma once

#include <optional>
#include <string>

#include "aws/times.hpp"

namespace bddlock::aws {

struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;           // never logged or shown
  std::string session_token = {};          // of temporary ones; empty: none
  std::optional<Instant> expires_at = {};  // nothing: not known to end
  std::string source = {};                 // for sentences: "the profile ci of the file ..."

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

}  // namespace bddlock::aws
