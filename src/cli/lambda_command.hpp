// The options of lambda; app does the work.
#pragma once

#include <functional>

#include "cli/command.hpp"
#include "cli/environment.hpp"
#include "cli/serve_options.hpp"

namespace bddlock::cli {

// What is wrong with its settings goes to `lambda` too where `env` is that of AWS Lambda, which is
// to be told.
[[nodiscard]] Command lambda_command(const Environment& env,
                                     std::function<int(const LambdaOptions&)> lambda);

}  // namespace bddlock::cli
