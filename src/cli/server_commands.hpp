// The options of serve, backup, restore and dynamodb; app does the work.
#pragma once

#include <functional>

#include "cli/command.hpp"
#include "cli/environment.hpp"
#include "cli/serve_options.hpp"

namespace bddlock::cli {

[[nodiscard]] Command serve_command(std::function<int(const ServeOptions&)> serve);
[[nodiscard]] Command backup_command(std::function<int(const BackupOptions&)> backup);
[[nodiscard]] Command restore_command(std::function<int(const RestoreOptions&)> restore);
// What is wrong with its settings goes to `lambda` too where `env` is that of AWS Lambda, which is
// to be told.
[[nodiscard]] Command lambda_command(const Environment& env,
                                     std::function<int(const LambdaOptions&)> lambda);
[[nodiscard]] Command dynamodb_command(std::function<int(const DynamoDbOptions&)> dynamodb);

}  // namespace bddlock::cli
