// How a command ends, for scripts (DESIGN section 7). docs/cli.md and --help explain each.
#pragma once

namespace bddlock::cli {

enum class ExitCode {
  ok = 0,
  refused = 1,  // the server said no: no such stack, the name exists, ...
  usage = 64,   // the command line, a setting or an input file is wrong; nothing was sent
  unavailable =
      69,    // server or store did not answer, or it is not known whether the change was made
  bug = 70,  // this program is wrong
  not_in_time = 75,  // no stack was free in the time allowed
  claim_lost = 76,   // the claim is over, and not by its owner's release
  not_allowed = 77,  // the server does not accept the token
};

}  // namespace bddlock::cli
