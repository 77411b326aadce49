// What a program prints, for the programs that AWS profiles name for credentials.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <vector>

namespace bddlock::app {

// Runs it with this process's environment, nothing to read, and its complaints on this process's
// standard error. `words` has at least one; the first is looked for in PATH. The error is the end
// of a sentence that begins with the program and never holds what it printed: it was not started,
// did not end with 0, printed more than 64 KiB, or took longer than `time_limit` and was killed.
[[nodiscard]] std::expected<std::string, std::string> program_output(
    const std::vector<std::string>& words,
    std::chrono::milliseconds time_limit = std::chrono::minutes{1});

}  // namespace bddlock::app
