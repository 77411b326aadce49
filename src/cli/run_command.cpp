#include "cli/run_command.hpp"

#include <memory>

#include "cli/run_options.hpp"
#include "cli/run_session.hpp"

namespace bddlock::cli {

namespace {

constexpr const char* run_about =
    "Waits for its turn, gets a stack of the repo or creates one, runs the command with the "
    "stack's name in\n"
    "STACK_NAME, and gives the stack back when nothing of the command is left. It ends with the "
    "command's\n"
    "own exit code; 126: it could not be started, 127: there is no such command, 128+n: signal n "
    "ended it.\n"
    "The command's input and output are untouched; progress goes to stderr.\n\n"
    "The command also gets BDD_STACK_NAME, BDD_CLAIM_ID, BDD_FENCING_TOKEN, BDD_STACK_CREATED "
    "(true: the\n"
    "real stack is for the command to create) and BDD_STACK_ATTR_* for the stack's attributes.\n\n"
    "The claim is extended while the command runs. A signal goes to all processes of the command; "
    "after\n"
    "--grace they are killed. If the claim is lost, or the server is away until the lease is "
    "over, the\n"
    "command is stopped and run ends with 76.\n";

constexpr const char* run_examples =
    "  bdd-lock run --repo paymentService -- ./ci/deploy-and-test.sh\n"
    "  bdd-lock run --wait 10m --keep-on-failure 2h -- ./ci/deploy-and-test.sh\n"
    "  bdd-lock run --no-create --label size=large -- sh -c './deploy.sh \"$STACK_NAME\" && "
    "./test.sh'\n";

}  // namespace

Command run_command(const Environment& env) {
  auto options = std::make_shared<RunOptions>();
  Command command{.name = "run",
                  .summary = "lends a stack to one command, and gives it back when that ends",
                  .about = run_about,
                  .examples = run_examples,
                  .options = run_options(*options),
                  .rest = "COMMAND [ARGUMENT...]",
                  .take_rest = [options](std::vector<std::string> words) -> Fault {
                    options->words = std::move(words);
                    if (options->words.empty())
                      return "what is to be run? Put it behind two hyphens: bdd-lock run [options] "
                             "-- COMMAND [ARGUMENT...]";
                    if (options->words.front().empty())
                      return "the command behind -- is empty; is a variable empty that should not "
                             "be?";
                    return std::nullopt;
                  },
                  .check = [options] { return fault_in(*options); }};
  for (Option& option : client_options(options->client))
    command.options.push_back(std::move(option));
  command.options.push_back(config_option());
  command.run = [&env, options] { return run_session(env, *options); };
  return command;
}

}  // namespace bddlock::cli
