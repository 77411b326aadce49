// `bdd-lock lambda`: wires store -> lanes of the caller -> service -> api -> lambda for a sandbox
// of AWS Lambda, which answers one invocation at a time and has no thread of its own.
#pragma once

#include "cli/serve_options.hpp"

namespace bddlock::app {

// Returns the process's exit code, which is never 0: a sandbox is ended from outside, or the
// Runtime API is gone. What keeps it from starting is told to Lambda and to the log.
//
// Reads AWS_LAMBDA_RUNTIME_API, AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL and AWS's own
// variables. DynamoDB is first asked by the first call that needs it, SSM at the start where a
// parameter holds the token.
[[nodiscard]] int lambda(const cli::LambdaOptions& options);

}  // namespace bddlock::app
