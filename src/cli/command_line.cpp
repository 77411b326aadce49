// Called by main: parses (parse.cpp), runs the command, and sees to it that its output arrived.
#include "cli/command_line.hpp"

#include <ostream>

#include "cli/admin_commands.hpp"
#include "cli/backup_commands.hpp"
#include "cli/claim_command.hpp"
#include "cli/completion_command.hpp"
#include "cli/doctor_command.hpp"
#include "cli/dynamodb_command.hpp"
#include "cli/lambda_command.hpp"
#include "cli/look_commands.hpp"
#include "cli/owner_commands.hpp"
#include "cli/parse.hpp"
#include "cli/remote.hpp"
#include "cli/run_command.hpp"
#include "cli/serve_command.hpp"
#include "cli/stack_commands.hpp"
#include "cli/transfer_commands.hpp"
#include "cli/version_command.hpp"
#include "cli/watch_command.hpp"

namespace bddlock::cli {

std::vector<Command> all_commands(const Environment& env, const ServerCommands& server) {
  return {serve_command(server.serve),
          run_command(env),
          claim_command(env),
          extend_command(env),
          release_command(env),
          hold_command(env),
          create_command(env),
          list_command(env),
          show_command(env),
          remove_command(env),
          disable_command(env),
          enable_command(env),
          watch_command(env),
          history_command(env),
          explain_command(env),
          sweep_command(env),
          export_command(env),
          import_command(env),
          backup_command(server.backup),
          restore_command(server.restore),
          dynamodb_command(server.dynamodb),
          lambda_command(env, server.lambda),
          doctor_command(env),
          completion_command(env, [&env, server] { return all_commands(env, server); }),
          version_command(env)};
}

namespace {

std::vector<std::string> words_of(int argc, const char* const* argv) {
  std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  const std::string_view program = argc > 0 ? argv[0] : "";
  if (words.empty() && program.substr(program.rfind('/') + 1) == bootstrap_name)
    words.emplace_back("lambda");
  return words;
}

std::optional<int> taken_by_command(const Stop& stop) {
  if (stop.command == nullptr || !stop.command->take_fault) return std::nullopt;
  return stop.command->take_fault(stop.fault);
}

}  // namespace

int run(int argc, const char* const* argv, const Environment& env, const ServerCommands& server) {
  const auto commands = all_commands(env, server);
  const auto command = parse(words_of(argc, argv), commands, env);
  int exit = 0;
  if (command) {
    exit = (*command)->run();
  } else if (command.error().exit == ExitCode::ok) {
    *env.out << command.error().text;
  } else if (const auto taken = taken_by_command(command.error())) {
    return *taken;
  } else {
    complain(env, command.error().text);
    return static_cast<int>(command.error().exit);
  }
  // A full disk behind a redirect, say: whoever reads the output must not take it for complete.
  if (!env.out->flush() && exit == 0) {
    complain(env,
             "the output could not be written; what the command changed on the server is changed");
    return static_cast<int>(ExitCode::refused);
  }
  return exit;
}

}  // namespace bddlock::cli
