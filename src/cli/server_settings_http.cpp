#include <chrono>

#include "cli/server_settings.hpp"

namespace bddlock::cli {

namespace {

using std::chrono::hours;
using std::chrono::minutes;

auto bytes_between(std::size_t least, std::size_t most) {
  return [least, most](std::string_view text) { return parse_bytes(text, least, most); };
}

}  // namespace

std::vector<Option> server_log_options(ServeOptions& options) {
  return {
      {.name = "log-format",
       .variable = "BDD_LOCK_LOG_FORMAT",
       .value = "FORM",
       .fallback = "auto",
       .help = "json (an object a line), text, or auto: text on a terminal, else json",
       .choices = {"json", "text", "auto"},
       .assign = into(options.log_format, parse_log_format)},
      {.name = "access-log",
       .variable = "BDD_LOCK_ACCESS_LOG",
       .value = "on|off",
       .fallback = "on",
       .help = "a line for each request",
       .choices = {"on", "off"},
       .assign = into(options.access_log, parse_switch)},
  };
}

std::vector<Option> server_size_options(ServeOptions& options) {
  constexpr std::size_t kib = 1024;
  return {
      {.name = "max-header-bytes",
       .variable = "BDD_LOCK_MAX_HEADER_BYTES",
       .value = "SIZE",
       .fallback = "8KiB",
       .help = "of a request's line and header; more is answered 431; 1KiB to 1MiB",
       .assign = into(options.max_header_bytes, bytes_between(kib, kib * kib))},
      {.name = "max-body-bytes",
       .variable = "BDD_LOCK_MAX_BODY_BYTES",
       .value = "SIZE",
       .fallback = "64KiB",
       .help = "of a request's body; more is answered 413; 1KiB to 64MiB",
       .assign = into(options.max_body_bytes, bytes_between(kib, 64 * kib * kib))},
      {.name = "max-connections",
       .variable = "BDD_LOCK_MAX_CONNECTIONS",
       .value = "N",
       .fallback = "10000",
       .help = "open at once; one more is answered 503; 1 to 1000000",
       .assign = into(options.max_connections, count_between(1, 1'000'000))},
      {.name = "max-pipelined",
       .variable = "BDD_LOCK_MAX_PIPELINED",
       .value = "N",
       .fallback = "64",
       .help = "requests of one connection that are not answered yet; 1 to 10000",
       .assign = into(options.max_pipelined, count_between(1, 10'000))},
  };
}

std::vector<Option> server_time_options(ServeOptions& options) {
  return {
      {.name = "request-timeout",
       .variable = "BDD_LOCK_REQUEST_TIMEOUT",
       .value = "TIME",
       .fallback = "10s",
       .help = "for a request to arrive whole, and for a client to take each piece of its answer; "
               "1s to 1h",
       .assign = into(options.request_timeout, duration_between(seconds(1), hours(1)))},
      {.name = "idle-timeout",
       .variable = "BDD_LOCK_IDLE_TIMEOUT",
       .value = "TIME",
       .fallback = "75s",
       .help = "between two requests on a connection; 1s to 24h",
       .assign = into(options.idle_timeout, duration_between(seconds(1), hours(24)))},
      {.name = "drain-timeout",
       .variable = "BDD_LOCK_DRAIN_TIMEOUT",
       .value = "TIME",
       .fallback = "8s",
       .help = "for requests in flight when the server is told to stop; 0 to 10m",
       .assign = into(options.drain_timeout, duration_between(seconds(0), minutes(10)))},
  };
}

}  // namespace bddlock::cli
