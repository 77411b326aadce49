// bddlock-bench load|waiters|start|disk: one measurement, its result as one JSON line on stdout.
// Exit code 1: an answer was wrong, and the line or stderr says which.
#include <sched.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "arguments.hpp"
#include "disk.hpp"
#include "load.hpp"
#include "start_time.hpp"
#include "waiters.hpp"

namespace bddlock::bench {
namespace {

int fail(const std::string& problem) {
  std::fprintf(stderr, "bddlock-bench: %s\n", problem.c_str());
  return 1;
}

int fail(const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) fail(problem);
  return 1;
}

std::string token() {
  const char* value = std::getenv("BDD_LOCK_AUTH_TOKEN");  // no token on a command line
  if (value == nullptr) exit_usage("BDD_LOCK_AUTH_TOKEN is not set");
  return value;
}

// `run` tells the ids of one run from those of another on the same server.
MakeId ids_of(const std::string& run) {
  return [prefix = "bench-" + run + "-", number = std::make_shared<std::size_t>(100'000'000)] {
    return prefix + std::to_string((*number)++);
  };
}

MakeSession sessions_of(const Arguments& arguments) {
  const std::string protocol = arguments.text("protocol");
  if (protocol == "redis") return make_redis_session;
  if (protocol == "postgres") return make_postgres_session;
  if (protocol == "health") return make_health_session;
  if (protocol == "seed") return [token = token()] { return make_seed_session(token); };
  const MakeId ids = ids_of(arguments.text("run"));
  if (protocol == "v1") return [token = token(), ids] { return make_v1_session(token, ids); };
  if (protocol == "redis-any") return [ids] { return make_redis_any_session(ids); };
  if (protocol == "postgres-any") return [ids] { return make_postgres_any_session(ids); };
  exit_usage("no such protocol: " + protocol);
}

Wish wish_of(const std::string& word) {
  if (word == "own") return Wish::own;
  if (word == "shared") return Wish::shared;
  if (word == "any") return Wish::any;
  exit_usage("no such wish: " + word);
}

LoadOptions load_options(const Arguments& arguments) {
  LoadOptions options;
  options.port = static_cast<std::uint16_t>(arguments.count("port"));
  options.connections = arguments.count("connections");
  options.warm_up_seconds = arguments.number("warm-up");
  options.seconds = arguments.number("seconds");
  options.stacks = arguments.count("stacks");
  options.repos = arguments.count("repos");
  options.wish = wish_of(arguments.text("wish"));
  options.seed = arguments.count("seed");
  options.claims = arguments.count("claims");
  if (options.connections == 0 || options.seconds <= 0) exit_usage("no connections or no time");
  if (options.claims > 0 && options.claims < options.connections) exit_usage("too few claims");
  const std::size_t fewest = options.wish == Wish::own ? options.connections : 1;
  if (options.stacks < fewest) exit_usage("too few stacks");
  if (options.repos == 0 || options.stacks % options.repos != 0)
    exit_usage("the stacks do not divide among the repos");
  return options;
}

void print_calls(const char* name, Latencies& calls) {
  std::printf(R"("%s": %zu, "%s_p50_us": %.1f, "%s_p99_us": %.1f, )", name, calls.count(), name,
              calls.quantile_us(0.5), name, calls.quantile_us(0.99));
}

// Clients are on other machines: an answer that one of them gets does not take the processor from a
// server in the middle of its work. Here it would, as often as the kernel finds that the server has
// had its share. As a batch process this one waits until a processor is free or its own turn comes.
void leave_the_server_at_work() {
  const sched_param no_priority{};
  static_cast<void>(sched_setscheduler(0, SCHED_BATCH, &no_priority));
}

int load(const Arguments& arguments) {
  leave_the_server_at_work();
  LoadResult result = run_load(load_options(arguments), sessions_of(arguments));
  if (!result.problems.empty()) return fail(result.problems);
  const auto changes = static_cast<double>(result.claims.count() + result.releases.count());
  std::printf("{");
  print_calls("claims", result.claims);
  print_calls("releases", result.releases);
  std::printf("\"refusals\": %zu, \"per_second\": %.1f, \"changes_in_all\": %zu}\n",
              result.refusals, changes / result.seconds, result.changes_in_all);
  return 0;
}

int waiters(const Arguments& arguments) {
  WaitersOptions options;
  options.port = static_cast<std::uint16_t>(arguments.count("port"));
  options.token = token();
  options.server = static_cast<pid_t>(arguments.count("server"));
  options.waiters = arguments.count("waiters");
  options.samples = arguments.count("samples");
  options.wait_seconds = static_cast<unsigned>(arguments.count("wait-seconds"));
  options.patience_seconds = arguments.number("patience");
  if (options.waiters == 0 || options.wait_seconds == 0) exit_usage("nobody waits");
  WaitersResult result = measure_waiters(options);
  if (!result.problems.empty()) return fail(result.problems);
  std::printf("{");
  print_calls("grants", result.grants);
  std::printf(R"("in_order": %zu, "served_in_order": %zu, "served_per_second": %.1f, )",
              result.in_order, result.served_in_order,
              static_cast<double>(result.served_in_order) / result.served_seconds);
  std::printf("\"repeats\": %zu, \"parked_bytes\": %.1f}\n", result.repeats, result.parked_bytes);
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
  if (arguments.command() == "waiters") return waiters(arguments);
  if (arguments.command() == "start") return start(arguments);
  if (arguments.command() == "disk") return disk(arguments);
  exit_usage("no such command: " + arguments.command());
}

}  // namespace
}  // namespace bddlock::bench

int main(int count, char** words) {
  return bddlock::bench::run(bddlock::bench::Arguments(count, words));
}
