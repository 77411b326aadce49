#include "cli/version_command.hpp"

#include <memory>
#include <ostream>

#include "cli/stack_output.hpp"

namespace bddlock::cli {

Command version_command(const Environment& env) {
  auto output = std::make_shared<Output>(Output::automatic);
  return {.name = "version",
          .summary = "says which version this is",
          .about = "Of this program; \"bdd-lock doctor\" shows the server's.\n",
          .examples = "  bdd-lock version\n  bdd-lock version --output json\n",
          .options = {{.name = "output",
                       .value = "FORM",
                       .fallback = "plain",
                       .help = "table or plain (one line), or json",
                       .choices = {"table", "plain", "json"},
                       .assign = into(*output, parse_output)}},
          .run = [&env, output] {
            const bool json = *output == Output::json;
            *env.out << (json ? "{\"version\":\"" : "bdd-lock ") << env.version
                     << (json ? "\"}\n" : "\n");
            return 0;
          }};
}

}  // namespace bddlock::cli
