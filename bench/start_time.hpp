// How long a server takes from exec to its first answer. Threads: one.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace bddlock::bench {

struct StartOptions {
  std::uint16_t port = 0;
  std::size_t runs = 20;
  std::string log;                   // where its output goes
  std::vector<std::string> command;  // must serve /healthz at the port, and exit 0 on SIGTERM
};

// The median in microseconds, from just before the spawn to the whole 200 of GET /healthz. The
// error is a sentence.
[[nodiscard]] std::expected<double, std::string> measure_start(const StartOptions& options);

}  // namespace bddlock::bench
