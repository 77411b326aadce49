// All that a command sees of the process around it, as parameters, so that tests replace each of
// them. Threads: one.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

#include "cli/live.hpp"
#include "core/instant.hpp"
#include "net/client.hpp"

namespace bddlock::cli {

using std::chrono::milliseconds;
using std::chrono::seconds;

// One request to a server and its answer: net::Client::call, or a test's scripted server.
using Call =
    std::function<std::expected<net::ClientResponse, net::NetError>(const net::ClientRequest&)>;

struct Environment {
  std::string version;  // of this program, "0.1.0"
  std::function<std::optional<std::string>(const std::string&)> variable;
  std::istream* in = nullptr;
  std::ostream* out = nullptr;  // results, and nothing else
  std::ostream* err = nullptr;  // progress and complaints
  bool out_is_terminal = false;
  bool err_is_terminal = false;                   // one that understands \r and ESC [ K
  std::function<std::size_t()> err_columns = {};  // of that terminal; 0: it does not say
  std::function<milliseconds()> since_boot;       // never set back; for all deadlines
  std::function<core::Instant()> wall_time;       // never for deadlines: it may be set back
  std::function<void(milliseconds)> sleep;
  std::function<std::uint64_t()> random;
  std::function<Call(const net::Endpoint&)> connect;
  std::function<Live()> begin_live;  // only where out_is_terminal
};

// The real one: this process's variables and streams, the machine's clocks, net::Client with the
// proxies and certificates that the variables name.
[[nodiscard]] Environment process_environment(std::string version);

}  // namespace bddlock::cli
