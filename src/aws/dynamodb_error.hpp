// What an answer of DynamoDB that is none of 200 means ("Error handling with DynamoDB"). Pure.
#pragma once

#include <string_view>

#include "aws/error.hpp"

namespace bddlock::aws {

// What to do about one failed try of a call.
enum class Next {
  give_up = 1,
  try_again,        // after a while
  new_credentials,  // those that it was signed with have expired
};

struct FailedTry {
  Error error;
  Next next = Next::give_up;
};

[[nodiscard]] FailedTry read_failure(unsigned status, std::string_view body);

}  // namespace bddlock::aws
