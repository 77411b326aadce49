// The steps of doctor, one after the other; it stops where the next step could say nothing. It
// calls the server without repeats, so that it shows what is, and changes nothing.
#pragma once

#include <string>
#include <vector>

#include "cli/client_settings.hpp"
#include "cli/environment.hpp"
#include "cli/exit_code.hpp"

namespace bddlock::cli {

struct Finding {
  enum class Level { ok = 1, warn, bad };
  Level level = Level::ok;
  std::string check;  // "endpoint", "connection", ...
  std::string found;
  std::string mend = {};         // what to do; empty where nothing is
  ExitCode exit = ExitCode::ok;  // of the whole, if this is the first bad one
};

[[nodiscard]] std::vector<Finding> examine(const Environment& env, const ClientSettings& settings);

// The time of an HTTP Date header ("Sun, 06 Nov 1994 08:49:37 GMT"), or nothing.
[[nodiscard]] std::optional<core::Instant> parse_http_date(const std::string& text);

}  // namespace bddlock::cli
