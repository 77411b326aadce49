// bdd-lock: the server and its client in one binary. See cli/command_line.hpp for the commands.
#include <cstdio>
#include <exception>

#include "app/dynamodb.hpp"
#include "app/lambda.hpp"
#include "app/maintenance.hpp"
#include "app/serve.hpp"
#include "cli/command_line.hpp"
#include "cli/exit_code.hpp"

int main(int argc, char** argv) {
  using namespace bddlock;
  try {
    const cli::Environment environment = cli::process_environment(BDDLOCK_VERSION);
    return cli::run(argc, argv, environment,
                    {app::serve, app::backup, app::restore, app::dynamodb, app::lambda});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bdd-lock: a bug: %s. Please report it with the command that you gave.\n",
                 error.what());
    return static_cast<int>(cli::ExitCode::bug);
  }
}
