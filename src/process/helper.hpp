// A small program of somebody else's that is run and waited for: buildkite-agent. Not while a Child
// runs.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "process/boot_time.hpp"

namespace bddlock::process {

// Runs it with `input` on its standard input and its output on this program's standard error, and
// returns its exit code (128 + a signal that ended it). It is killed when `limit` is over. The
// error is a sentence.
[[nodiscard]] std::expected<int, std::string> run_helper(std::vector<std::string> words,
                                                         const std::string& input,
                                                         milliseconds limit);

}  // namespace bddlock::process
