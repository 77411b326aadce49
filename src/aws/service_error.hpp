// Answers of Amazon's JSON services that are none of 200, as far as all of them look the same.
// Private to aws. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string>
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

struct ServiceAnswer {
  boost::json::object body = {};  // empty where it is no object
  std::string type = {};          // "ThrottlingException"; empty where it names none
  std::string sentence = {};      // "DynamoDB answers 400 ThrottlingException: Rate exceeded"
};

[[nodiscard]] ServiceAnswer read_service_answer(std::string_view service, unsigned status,
                                                std::string_view body);

// Empty where it is not there or no text.
[[nodiscard]] std::string text_member(const boost::json::object& object, std::string_view key);

// Of a type that nobody knows: what the caller did wrong is not made again. `otherwise` is what it
// is where the service is at fault.
[[nodiscard]] FailedTry failure_by_status(unsigned status, Error error, Trouble otherwise);

}  // namespace bddlock::aws
