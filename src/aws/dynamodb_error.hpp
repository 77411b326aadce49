// What an answer of DynamoDB that is none of 200 means ("Error handling with DynamoDB"). Pure.
#pragma once

#include <string_view>

#include "aws/service_error.hpp"

namespace bddlock::aws {

[[nodiscard]] FailedTry read_failure(unsigned status, std::string_view body);

}  // namespace bddlock::aws
