// bddlock-bench load|start|disk: one measurement, its result as one JSON line on stdout. Exit code
// 1: an answer was wrong, and the line or stderr says which.
#include <cstdio>
#include <cstdlib>

#include "arguments.hpp"
#include "disk.hpp"
#include "load.hpp"
#include "start_time.hpp"

namespace bddlock::bench {
namespace {

int fail(const std::string& problem) {
  std::fprintf(stderr, "bddlock-bench: %s\n", problem.c_str());
  return 1;
}

MakeSession sessions_of(const std::string& protocol) {
  if (protocol == "redis") return make_redis_session;
  if (protocol == "postgres") return make_postgres_session;
  if (protocol == "health") return make_health_session;
  if (protocol != "seed") exit_usage("no such protocol: " + protocol);
  const char* token = std::getenv("BDD_LOCK_AUTH_TOKEN");  // no token on a command line
  if (token == nullptr) exit_usage("BDD_LOCK_AUTH_TOKEN is not set");
  return [token = std::string(token)] { return make_seed_session(token); };
}

LoadOptions load_options(const Arguments& arguments) {
  LoadOptions options;
  options.port = static_cast<std::uint16_t>(arguments.count("port"));
  options.connections = arguments.count("connections");
  options.warm_up_seconds = arguments.number("warm-up");
  options.seconds = arguments.number("seconds");
  options.stacks = arguments.count("stacks");
  options.shared = arguments.text("names") == "shared";
  options.seed = arguments.count("seed");
  if (options.connections == 0 || options.seconds <= 0) exit_usage("no connections or no time");
  if (options.stacks < (options.shared ? 1 : options.connections)) exit_usage("too few stacks");
  return options;
}

void print_calls(const char* name, Latencies& calls) {
  std::printf(R"("%s": %zu, "%s_p50_us": %.1f, "%s_p99_us": %.1f, )", name, calls.count(), name,
              calls.quantile_us(0.5), name, calls.quantile_us(0.99));
}

int load(const Arguments& arguments) {
  LoadResult result = run_load(load_options(arguments), sessions_of(arguments.text("protocol")));
  for (const std::string& problem : result.problems) fail(problem);
  if (!result.problems.empty()) return 1;
  const auto changes = static_cast<double>(result.claims.count() + result.releases.count());
  std::printf("{");
  print_calls("claims", result.claims);
  print_calls("releases", result.releases);
  std::printf("\"refusals\": %zu, \"per_second\": %.1f}\n", result.refusals,
              changes / result.seconds);
  return 0;
}

int start(const Arguments& arguments) {
  const auto median_us =
      measure_start({static_cast<std::uint16_t>(arguments.count("port")), arguments.count("runs"),
                     arguments.text("log"), arguments.rest()});
  if (!median_us) return fail(median_us.error());
  std::printf("{\"start_us\": %.1f}\n", *median_us);
  return 0;
}

int disk(const Arguments& arguments) {
  const auto times = measure_disk(arguments.text("file"), arguments.count("writes"));
  if (!times) return fail(times.error());
  std::printf("{\"append_us\": %.1f, \"overwrite_us\": %.1f}\n", times->append_us,
              times->overwrite_us);
  return 0;
}

int run(const Arguments& arguments) {
  if (arguments.command() == "load") return load(arguments);
  if (arguments.command() == "start") return start(arguments);
  if (arguments.command() == "disk") return disk(arguments);
  exit_usage("no such command: " + arguments.command());
}

}  // namespace
}  // namespace bddlock::bench

int main(int count, char** words) {
  return bddlock::bench::run(bddlock::bench::Arguments(count, words));
}
