// What can go wrong while working, as opposed to a refusal, which is a reply (see decide.hpp).
// An Error says that the work could not be done or that nobody knows whether it was done; it is
// never used to say "no". `detail` is for the log and may name files; it is not sent to clients.
#pragma once

#include <expected>
#include <string>

namespace bddlock::core {

// The enumerators are the codes that clients of the API v1 see.
enum class Errc {
  store_unavailable = 1,  // nothing was changed; the same call may succeed later
  outcome_unknown,        // the change may or may not be there; find out before acting on it
};

struct Error {
  Errc code;
  std::string detail;
};

template <class T>
using Result = std::expected<T, Error>;

}  // namespace bddlock::core
