// Called by main. Wires store -> lanes -> service -> api -> http, in that order; everything is
// closed in the opposite order, so that what is in flight finds all that it needs.
#include "app/serve.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "api/api.hpp"
#include "app/dynamodb.hpp"
#include "app/host_clock.hpp"
#include "app/log.hpp"
#include "app/random.hpp"
#include "app/server_tokens.hpp"
#include "app/service_rules.hpp"
#include "cli/exit_code.hpp"
#include "http/server.hpp"
#include "service/scheduler.hpp"
#include "stores/memory/memory_store.hpp"
#include "stores/sqlite/sqlite_store.hpp"

namespace bddlock::app {

namespace {

using cli::ExitCode;

constexpr std::int64_t drift_ms_max = 2000;
constexpr std::chrono::milliseconds tick_interval{100};  // see Service::tick
// Each look at DynamoDB is paid for.
constexpr std::chrono::milliseconds dynamodb_tick_interval{1'000};
constexpr std::size_t dynamodb_read_threads = 8;
constexpr std::size_t dynamodb_write_threads = 16;

int complain(ExitCode code, const std::string& sentence) {
  std::fprintf(stderr, "bdd-lock serve: %s.\n", sentence.c_str());
  return static_cast<int>(code);
}

struct Table {
  std::unique_ptr<service::Store> store;
  std::unique_ptr<service::StoreReader> reader;
  std::vector<std::string> warnings = {};
  std::vector<std::unique_ptr<service::Store>> more_stores = {};
};

bool is_dynamodb(const cli::ServeOptions& options) {
  return options.store.kind == cli::StoreChoice::Kind::dynamodb;
}

std::expected<Table, std::string> open_table(const cli::ServeOptions& options) {
  const cli::StoreChoice& choice = options.store;
  if (is_dynamodb(options)) {
    auto opened =
        open_dynamodb(choice.path, options.dynamodb_endpoint,
                      {.stores = dynamodb_write_threads, .clock_skew = options.clock_skew});
    if (!opened) return std::unexpected(opened.error());
    return Table{std::move(opened->table.store), std::move(opened->table.reader),
                 std::move(opened->warnings), std::move(opened->table.more)};
  }
  if (choice.kind == cli::StoreChoice::Kind::memory) {
    auto table = stores::make_memory_table();
    return Table{std::move(table.store), std::move(table.reader)};
  }
  auto table = stores::open_sqlite_table(choice.path);
  if (!table) return std::unexpected(table.error());
  return Table{std::move(table->store), std::move(table->reader)};
}

std::string store_text(const cli::StoreChoice& choice) {
  switch (choice.kind) {
    case cli::StoreChoice::Kind::memory:
      return "memory:";
    case cli::StoreChoice::Kind::dynamodb:
      return "dynamodb:" + choice.path;
    case cli::StoreChoice::Kind::sqlite:
      break;
  }
  return "sqlite:" + choice.path;
}

std::string endpoint_of(const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

LogFormat log_format(cli::LogFormat wanted) {
  if (wanted == cli::LogFormat::json) return LogFormat::json;
  if (wanted == cli::LogFormat::text) return LogFormat::text;
  return isatty(STDOUT_FILENO) == 1 ? LogFormat::text : LogFormat::json;
}

// A store whose saves are durable one by one has no batches: each job is one, and many wait for it
// at the same time.
std::unique_ptr<service::WriteLane> make_writes(const cli::ServeOptions& options,
                                                const Table& table, service::Clock& clock,
                                                http::Server& server) {
  if (!is_dynamodb(options))
    return service::make_batching_lane(
        *table.store, clock, {},
        {[&server] { server.hold_answers(); }, [&server] { server.let_answers_go(); }});
  std::vector<service::Store*> stores{table.store.get()};
  for (const auto& store : table.more_stores) stores.push_back(store.get());
  return service::make_concurrent_lane(stores, clock, {});
}

// Waits for it: who queued up before a restart must be given time before anything is granted.
core::Result<void> start(service::Service& service) {
  std::promise<core::Result<void>> started;
  service.start([&started](core::Result<void> result) { started.set_value(std::move(result)); });
  return started.get_future().get();
}

http::Limits limits_of(const cli::ServeOptions& options) {
  http::Limits limits;
  limits.header_bytes = options.max_header_bytes;
  limits.body_bytes = options.max_body_bytes;
  limits.request_time = options.request_timeout;
  limits.idle_time = options.idle_timeout;
  limits.connections = options.max_connections;
  limits.pipelined = options.max_pipelined;
  limits.drain_time = options.drain_timeout;
  return limits;
}

// Each connection is a file descriptor; 64 more for the store, the log and the rest.
std::optional<std::string> allow_descriptors(std::size_t connections) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t wanted = connections + 64;
  if (limit.rlim_cur >= wanted) return std::nullopt;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return std::nullopt;
  return "only " + std::to_string(limit.rlim_cur) +
         " files may be open, too few for the allowed connections; raise the limit (ulimit -n, "
         "LimitNOFILE) or lower --max-connections";
}

http::OnAccess access_log(Log& log, service::Clock& clock) {
  return [&log, &clock](const http::Access& access) {
    log.write(clock.now(), Level::info, "access",
              {{"peer", access.peer},
               {"method", access.method},
               {"target", access.target},
               {"status", std::int64_t{access.status}},
               {"bytes", static_cast<std::int64_t>(access.bytes)},
               {"us", std::int64_t{access.took.count()}},
               {"code", access.code}});
  };
}

void report_sweep(Log& log, service::Clock& clock, core::Instant due,
                  const core::Result<service::SweepCounts>& counts) {
  const std::string due_text = core::to_rfc3339(due);
  if (!counts) {
    log.write(clock.now(), Level::error, "sweep_failed",
              {{"due", due_text}, {"detail", counts.error().detail}});
    return;
  }
  log.write(clock.now(), Level::info, "sweep",
            {{"due", due_text},
             {"released", counts->released},
             {"expired", counts->expired},
             {"holds_ended", counts->holds_ended},
             {"removed", counts->removed}});
}

void report_removed(Log& log, service::Clock& clock, const std::vector<core::StackName>& names) {
  for (const core::StackName& name : names) {
    log.write(clock.now(), Level::warning, "stack_removed_unused",
              {{"stack", name.text()},
               {"detail", "only the record was removed; the real stack is still there"}});
  }
}

// DESIGN section 3: the server's time follows the host's by at most 1 %, so that a step ends
// nothing early; a large difference is worth knowing about. Said once for each time that it becomes
// large.
void look_at_drift(const HostClock& clock, bool& told, Log& log, core::Instant now) {
  const std::int64_t drift_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock.drift()).count();
  const bool large = drift_ms > drift_ms_max || drift_ms < -drift_ms_max;
  if (large && !told) {
    log.write(now, Level::warning, "clock_drift",
              {{"ms", drift_ms},
               {"detail",
                "the host's clock was set; the server follows it by 1 % of the time that passes"}});
  }
  told = large;
}

void report_start(const cli::ServeOptions& options, const ServerTokens& tokens,
                  const std::optional<std::string>& too_few_descriptors, std::uint16_t port,
                  Log& log, service::Clock& clock) {
  const auto warn = [&](const std::string& detail) {
    log.write(clock.now(), Level::warning, "warning", {{"detail", detail}});
  };
  if (too_few_descriptors) warn(*too_few_descriptors);
  for (const std::string& warning : tokens.warnings()) warn(warning);
  if (options.no_auth) warn("anybody who reaches this address may claim and release: --no-auth");
  const std::string url = endpoint_of(options.listen.address, port);
  const std::string store = store_text(options.store);
  log.write(clock.now(), Level::info, "started",
            {{"version", BDDLOCK_VERSION}, {"endpoint", url}, {"store", store}});
}

}  // namespace

int serve(const cli::ServeOptions& options) {
  const auto schedule = core::Schedule::parse(options.release_unused_at);
  if (!schedule) return complain(ExitCode::usage, "--release-unused-at: " + schedule.error());
  // A limit on the size of files (ulimit -f) is an error of the store, not the end of the server.
  std::signal(SIGXFSZ, SIG_IGN);

  HostClock clock;
  Log log(STDOUT_FILENO, log_format(options.log_format));
  const auto read_tokens = ServerTokens::read(options, clock, log);
  if (!read_tokens) return complain(read_tokens.error().code, read_tokens.error().sentence);
  ServerTokens& tokens = **read_tokens;

  // Requests arrive only once the server runs, when all that it calls is there.
  std::optional<api::Api> api;
  const auto descriptors = allow_descriptors(options.max_connections);
  auto server = http::Server::listen(
      options.listen.address, options.listen.port, limits_of(options),
      [&api](api::Request&& request, api::Respond&& respond) {
        api->handle(std::move(request), std::move(respond));
      },
      options.access_log ? access_log(log, clock) : http::OnAccess{});
  if (!server) return complain(ExitCode::unavailable, server.error());

  auto table = open_table(options);
  if (!table) return complain(ExitCode::unavailable, table.error());
  auto writes = make_writes(options, *table, clock, **server);
  auto reads =
      service::make_read_lane(*table->reader, is_dynamodb(options) ? dynamodb_read_threads : 1, {});
  service::LaneStop lanes(*writes, *reads);
  // What the clock began in the last moment finds the lanes closed: that is no trouble.
  std::atomic<bool> stopping = false;
  service::Service service(
      *writes, *reads, clock, random_number, rules_of(options),
      [&](std::string_view what, const core::Error& error) {
        if (stopping) return;
        log.write(clock.now(), Level::error, "trouble",
                  {{"code", "background"}, {"what", what}, {"detail", error.detail}});
      },
      [&](const std::vector<core::StackName>& names) { report_removed(log, clock, names); });
  if (const auto started = start(service); !started)
    return complain(ExitCode::unavailable, "the store: " + started.error().detail);
  api.emplace(service, tokens.set(),
              api::ApiOptions{.auth_required = !options.no_auth,
                              .random = random_number,
                              .now = [&clock] { return clock.now(); },
                              .on_trouble =
                                  [&](std::string_view code, std::string_view detail) {
                                    log.write(clock.now(), Level::error, "trouble",
                                              {{"code", code}, {"detail", detail}});
                                  }});
  service::Scheduler scheduler(
      service, clock, *schedule,
      [&](core::Instant due, const core::Result<service::SweepCounts>& counts) {
        if (counts || !stopping) report_sweep(log, clock, due, counts);
      });
  bool drift_told = false;
  (*server)->every(is_dynamodb(options) ? dynamodb_tick_interval : tick_interval,
                   [&service] { service.tick(); });
  (*server)->when_stopping([&] {
    stopping = true;
    service.stop_waiting();
  });
  (*server)->every(std::chrono::seconds(1), [&] {
    scheduler.tick();
    look_at_drift(clock, drift_told, log, clock.now());
    tokens.look();
  });

  for (const std::string& warning : table->warnings)
    log.write(clock.now(), Level::warning, "warning", {{"detail", warning}});
  report_start(options, tokens, descriptors, (*server)->local_port(), log, clock);

  tokens.watch();
  (*server)->run(true);

  log.write(clock.now(), Level::info, "stopping", {});
  // The lanes finish what was submitted; then the store is checkpointed and closed.
  lanes.stop();
  table->reader.reset();
  table->more_stores.clear();
  table->store.reset();
  log.write(clock.now(), Level::info, "stopped", {});
  return static_cast<int>(ExitCode::ok);
}

}  // namespace bddlock::app
