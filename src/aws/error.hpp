// What can go wrong with a call of an Amazon service, sorted by what a caller can do about it.
#pragma once

#include <expected>
#include <string>
#include <vector>

namespace bddlock::aws {

enum class Trouble {
  unavailable = 1,   // not reached, or it failed before it did anything; later it may work
  throttled,         // told to come again more slowly
  conflict,          // another call was at the same items
  condition_failed,  // of a conditional write; nothing was changed
  missing,           // no such table, index or parameter
  in_use,            // it is there already, or is being changed
  denied,            // no permission, wrong or missing credentials
  invalid,           // the request is wrong, or too large
  outcome_unknown,   // a write whose answer was lost, or that failed inside the service
};

struct Error {
  Trouble trouble = Trouble::unavailable;
  // A sentence without a full stop, for the log and for whoever runs the server; no secret in it.
  std::string detail = {};
  // Of a cancelled transaction: Amazon's code for each of its items in their order ("None",
  // "ConditionalCheckFailed", …).
  std::vector<std::string> reasons = {};
};

template <class T>
using Result = std::expected<T, Error>;

}  // namespace bddlock::aws
