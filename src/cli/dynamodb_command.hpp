// The options of dynamodb; app does the work.
#pragma once

#include <functional>

#include "cli/command.hpp"
#include "cli/serve_options.hpp"

namespace bddlock::cli {

[[nodiscard]] Command dynamodb_command(std::function<int(const DynamoDbOptions&)> dynamodb);

}  // namespace bddlock::cli
