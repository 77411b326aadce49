#include "cli/server_commands.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "cli/client_settings.hpp"
#include "cli/values.hpp"

namespace bddlock::cli {

namespace {

using std::chrono::hours;
using std::chrono::minutes;

struct ServeDraft {
  ServeOptions options;
  Source token_file_source = Source::none;
  Source token_parameter_source = Source::none;
};

auto duration_between(seconds least, seconds most) {
  return [least, most](std::string_view text) { return parse_duration(text, least, most); };
}

auto count_between(std::size_t least, std::size_t most) {
  return [least, most](std::string_view text) { return parse_count(text, least, most); };
}

auto bytes_between(std::size_t least, std::size_t most) {
  return [least, most](std::string_view text) { return parse_bytes(text, least, most); };
}

Value<std::optional<seconds>> parse_removal(std::string_view text) {
  if (text == "never") return std::nullopt;
  const auto duration = parse_duration(text, minutes(1), hours(24 * 3650));
  if (!duration) return std::unexpected(duration.error() + "; \"never\" is allowed too");
  return *duration;
}

Value<std::optional<std::size_t>> parse_hold_limit(std::string_view text) {
  if (text == "half") return std::nullopt;
  const auto count = parse_count(text, 0, 1'000'000);
  if (!count) return std::unexpected(count.error() + "; \"half\" is allowed too");
  return *count;
}

Value<DynamoDbOptions::Action> parse_table_action(std::string_view text) {
  if (text == "create") return DynamoDbOptions::Action::create;
  if (text == "check") return DynamoDbOptions::Action::check;
  if (text == "upgrade") return DynamoDbOptions::Action::upgrade;
  if (text == "restored") return DynamoDbOptions::Action::restored;
  return std::unexpected("must be create, check, upgrade or restored");
}

Option store_option(StoreChoice& store) {
  return {.name = "store",
          .variable = "BDD_LOCK_STORE",
          .value = "STORE",
          .fallback = "sqlite:bdd-lock.db",
          .help =
              "where the table is: sqlite:FILE, dynamodb:TABLE, or memory: (gone when the "
              "server stops)",
          .assign = into(store, parse_store)};
}

// Of a sandbox nothing is left but what DynamoDB keeps.
Value<StoreChoice> parse_function_store(std::string_view text) {
  auto store = parse_store(text);
  if (text.starts_with("dynamodb:")) return store;
  return std::unexpected(
      "must be dynamodb:TABLE, as a Lambda function keeps no file and no memory");
}

Option function_store_option(StoreChoice& store) {
  return {.name = "store",
          .variable = "BDD_LOCK_STORE",
          .value = "dynamodb:TABLE",
          .fallback = "dynamodb: and the name in BDD_LOCK_TABLE_NAME",
          .help = "the table on DynamoDB; a function keeps no file and no memory",
          .assign = into(store, parse_function_store)};
}

Option table_option(std::string& table) {
  return {.variable = "BDD_LOCK_TABLE_NAME",
          .help = "the name of the DynamoDB table, where it is not given with the store",
          .assign = into(table, parse_table)};
}

Option dynamodb_endpoint_option(std::string& endpoint) {
  return {.name = "dynamodb-endpoint",
          .variable = "AWS_ENDPOINT_URL_DYNAMODB",
          .value = "URL",
          .help = "where DynamoDB is, unless at Amazon's own address of the region (AWS_REGION)",
          .assign = [&endpoint](std::string_view text, Source) -> Fault {
            const auto parsed = net::parse_endpoint(text);
            if (!parsed) return parsed.error();
            endpoint = text;
            return std::nullopt;
          }};
}

std::vector<Option> token_options(ServeDraft& draft) {
  return {
      {.name = "auth-token-file",
       .variable = "BDD_LOCK_AUTH_TOKEN_FILE",
       .value = "FILE",
       .help = "a file with one or more tokens, separated by white space; read again when it "
               "changes; wins "
               "over BDD_LOCK_TABLE_AUTH_TOKEN",
       .assign = [&draft](std::string_view text, Source source) -> Fault {
         if (text.empty()) return "names no file";
         draft.options.auth_token_file = text;
         draft.token_file_source = source;
         return std::nullopt;
       }},
      {.name = "auth-token-ssm-parameter",
       .variable = "BDD_LOCK_AUTH_TOKEN_SSM_PARAMETER",
       .value = "NAME",
       .help = "a parameter of Amazon's Systems Manager with them, a SecureString (the original's "
               "is bddLockTableAuthToken); read again when it changes",
       .assign = [&draft](std::string_view text, Source source) -> Fault {
         auto name = parse_ssm_parameter(text);
         if (!name) return std::move(name.error());
         draft.options.auth_token_ssm_parameter = std::move(*name);
         draft.token_parameter_source = source;
         return std::nullopt;
       }},
      {.name = "auth-token-ssm-interval",
       .variable = "BDD_LOCK_AUTH_TOKEN_SSM_INTERVAL",
       .value = "TIME",
       .fallback = "60s",
       .help = "between two looks at that parameter; 1s to 1d",
       .assign =
           into(draft.options.auth_token_ssm_interval, duration_between(seconds(1), hours(24)))},
      {.variable = "BDD_LOCK_TABLE_AUTH_TOKEN",
       .help = "the tokens themselves; only as a variable, never on the command line",
       .assign = into(draft.options.auth_tokens)},
      {.name = "no-auth",
       .variable = "BDD_LOCK_NO_AUTH",
       .fallback = "false",
       .help = "lets everybody in; only when it listens on loopback",
       .assign = into(draft.options.no_auth, parse_switch)},
  };
}

std::vector<Option> rule_options(ServeOptions& options) {
  return {
      {.name = "expiry-seconds",
       .variable = "EXPIRY_SECONDS",
       .value = "TIME",
       .fallback = "7200",
       .help = "the sweep releases stacks that were claimed for longer; 1s to 365d",
       .assign = into(options.expiry, duration_between(seconds(1), hours(24 * 365)))},
      {.name = "release-unused-at",
       .variable = "BDD_LOCK_RELEASE_UNUSED_AT",
       .value = "CRON",
       .fallback = "0 1 * * MON-FRI",
       .help = "when the sweep runs: a cron expression of five fields, in UTC",
       .assign = into(options.release_unused_at, parse_cron)},
      {.name = "remove-unused-after",
       .variable = "BDD_LOCK_REMOVE_UNUSED_AFTER",
       .value = "TIME",
       .fallback = "never",
       .help = "the sweep removes stacks from the table that were unused for longer, 1m to 3650d; "
               "the real "
               "stacks stay",
       .assign = into(options.remove_unused_after, parse_removal)},
  };
}

std::vector<Option> claim_options(ServeOptions& options) {
  return {
      {.name = "max-claim",
       .variable = "BDD_LOCK_MAX_CLAIM",
       .value = "TIME",
       .fallback = "24h",
       .help = "no claim of the API v1 outlives it, however often it is extended; 1s to 24h",
       .assign = into(options.max_claim, duration_between(seconds(1), hours(24)))},
      {.name = "clock-skew-seconds",
       .variable = "BDD_LOCK_CLOCK_SKEW_SECONDS",
       .value = "TIME",
       .fallback = "5",
       .help =
           "on DynamoDB: how late a lease that another server gave is ended, since their clocks "
           "differ; 0 to 60s",
       .assign = into(options.clock_skew, duration_between(seconds(0), seconds(60)))},
      {.name = "max-stacks-per-repo",
       .variable = "BDD_LOCK_MAX_STACKS_PER_REPO",
       .value = "N",
       .fallback = "1000",
       .help = "createIfNone creates no more in a repo; 0 to 1000000",
       .assign = into(options.max_stacks_per_repo, count_between(0, 1'000'000))},
      {.name = "max-holds-per-repo",
       .variable = "BDD_LOCK_MAX_HOLDS_PER_REPO",
       .value = "N",
       .fallback = "half",
       .help = "stacks of a repo that may be kept aside for debugging at a time; half: of its "
               "stacks, at least one",
       .assign = into(options.max_holds_per_repo, parse_hold_limit)},
      {.name = "seed-release-ends-claims",
       .variable = "BDD_LOCK_SEED_RELEASE_ENDS_CLAIMS",
       .fallback = "false",
       .help = "lets a release by name of the seed's API end a live claim of the API v1 too",
       .assign = into(options.seed_release_ends_claims, parse_switch)},
  };
}

std::vector<Option> history_options(ServeOptions& options) {
  return {
      {.name = "history-age",
       .variable = "BDD_LOCK_HISTORY_AGE",
       .value = "TIME",
       .fallback = "90d",
       .help = "events are forgotten when they are older; 7d to 3650d",
       .assign = into(options.history_age, duration_between(hours(24 * 7), hours(24 * 3650)))},
      {.name = "history-events",
       .variable = "BDD_LOCK_HISTORY_EVENTS",
       .value = "N",
       .fallback = "1000000",
       .help = "of more events the oldest are forgotten, but none of the last 7 days; 1000 to "
               "10000000",
       .assign = into(options.history_events, count_between(1000, 10'000'000))},
  };
}

std::vector<Option> log_options(ServeOptions& options) {
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

std::vector<Option> size_options(ServeOptions& options) {
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

std::vector<Option> time_options(ServeOptions& options) {
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

Fault settle_store(ServeOptions& options) {
  StoreChoice& store = options.store;
  if (store.kind != StoreChoice::Kind::dynamodb || !store.path.empty()) return std::nullopt;
  if (options.dynamodb_table.empty())
    return "--store dynamodb: has no table behind it: write dynamodb:TABLE, or set "
           "BDD_LOCK_TABLE_NAME";
  store.path = options.dynamodb_table;
  return std::nullopt;
}

std::vector<Option> serve_settings(ServeDraft& draft) {
  std::vector<Option> all;
  all.push_back(
      {.name = "listen",
       .variable = "BDD_LOCK_LISTEN",
       .value = "ADDRESS:PORT",
       .fallback = "127.0.0.1:8080",
       .help = "where to listen; 0.0.0.0 is every network of this machine, port 0 a free one",
       .assign = into(draft.options.listen, parse_listen)});
  all.push_back(store_option(draft.options.store));
  all.push_back(table_option(draft.options.dynamodb_table));
  all.push_back(dynamodb_endpoint_option(draft.options.dynamodb_endpoint));
  for (auto group :
       {token_options(draft), rule_options(draft.options), claim_options(draft.options),
        history_options(draft.options), log_options(draft.options), size_options(draft.options),
        time_options(draft.options)}) {
    for (Option& option : group) all.push_back(std::move(option));
  }
  all.push_back(config_option());
  return all;
}

// Those of a server that mean something where there is no listener and no clock of its own. The log
// is as AWS's own settings say.
std::vector<Option> lambda_settings(ServeDraft& draft) {
  ServeOptions& options = draft.options;
  std::vector<Option> all{function_store_option(options.store),
                          table_option(options.dynamodb_table),
                          dynamodb_endpoint_option(options.dynamodb_endpoint)};
  constexpr std::string_view left_out[] = {
      "auth-token-file",  "no-auth",         "release-unused-at", "log-format",
      "max-header-bytes", "max-connections", "max-pipelined"};
  for (auto group : {token_options(draft), rule_options(options), claim_options(options),
                     history_options(options), log_options(options), size_options(options)}) {
    for (Option& option : group)
      if (std::ranges::find(left_out, option.name) == std::end(left_out))
        all.push_back(std::move(option));
  }
  all.push_back(config_option());
  return all;
}

constexpr const char* no_token =
    "clients need a token, and none is set. Make one and start again:\n"
    "  (umask 077; head -c 24 /dev/urandom | base64 > bdd-lock.token)\n"
    "  bdd-lock serve --auth-token-file bdd-lock.token\n"
    "Or set BDD_LOCK_TABLE_AUTH_TOKEN, or, to try it out on this machine only, give --no-auth";

// The strongest source of tokens wins. Of equally strong ones a place wins over the tokens
// themselves; two places are a mistake.
Fault settle_token_source(ServeDraft& draft) {
  std::string& file = draft.options.auth_token_file;
  std::string& parameter = draft.options.auth_token_ssm_parameter;
  std::string& tokens = draft.options.auth_tokens;
  if (!file.empty() && !parameter.empty()) {
    if (draft.token_file_source == draft.token_parameter_source)
      return "--auth-token-file and --auth-token-ssm-parameter are both set; take one of them away";
    (draft.token_file_source < draft.token_parameter_source ? file : parameter).clear();
  }
  const bool is_file = !file.empty();
  std::string& place = is_file ? file : parameter;
  const Source source = is_file ? draft.token_file_source : draft.token_parameter_source;
  if (!place.empty() && !tokens.empty()) (source == Source::file ? place : tokens).clear();
  return std::nullopt;
}

// A server that is open to everybody only by wish and on loopback.
Fault settle_auth(ServeDraft& draft) {
  if (auto fault = settle_token_source(draft)) return fault;
  const ServeOptions& options = draft.options;
  const bool has_token = !options.auth_token_file.empty() || !options.auth_tokens.empty() ||
                         !options.auth_token_ssm_parameter.empty();
  if (options.no_auth && has_token) {
    return "--no-auth and a token are both set; take one of them away (the token: "
           "--auth-token-file, --auth-token-ssm-parameter or BDD_LOCK_TABLE_AUTH_TOKEN)";
  }
  if (options.no_auth && !options.listen.is_loopback()) {
    return "--no-auth is allowed only on a loopback address (127.0.0.1, ::1), and --listen says " +
           options.listen.address + ": everybody who reaches it could take every stack";
  }
  if (!options.no_auth && !has_token) return no_token;
  return std::nullopt;
}

// Everybody reaches it.
Fault settle_function(ServeDraft& draft) {
  draft.options.auth_token_file.clear();
  if (auto fault = settle_token_source(draft)) return fault;
  if (draft.options.auth_tokens.empty() && draft.options.auth_token_ssm_parameter.empty())
    return "clients need a token, and none is set: set BDD_LOCK_AUTH_TOKEN_SSM_PARAMETER to the "
           "name of a parameter with it, or BDD_LOCK_TABLE_AUTH_TOKEN to the token";
  return std::nullopt;
}

Fault only_sqlite(const StoreChoice& store, std::string_view what) {
  if (store.kind == StoreChoice::Kind::sqlite) return std::nullopt;
  return "only a table in a file can be " + std::string(what) + "; --store must be sqlite:FILE";
}

Option file_argument(std::string name, std::string help, std::string& target) {
  return {.name = std::move(name),
          .help = std::move(help),
          .is_argument = true,
          .required = true,
          .assign = [&target](std::string_view text, Source) -> Fault {
            if (text.empty()) return "is empty; is a variable empty that should not be?";
            if (text == "-") return "must be a file, not - (a file of that name is ./-)";
            target = text;
            return std::nullopt;
          }};
}

}  // namespace

Command serve_command(std::function<int(const ServeOptions&)> serve) {
  auto draft = std::make_shared<ServeDraft>();
  return {.name = "serve",
          .summary = "runs the server",
          .about = "It stops on SIGTERM or SIGINT, when what is in flight is answered.\n",
          .examples =
              "  bdd-lock serve --no-auth\n"
              "  bdd-lock serve --listen 0.0.0.0:8080 --auth-token-file bdd-lock.token\n",
          .options = serve_settings(*draft),
          .check = [draft]() -> Fault {
            if (auto fault = settle_store(draft->options)) return fault;
            return settle_auth(*draft);
          },
          .run = [draft, serve = std::move(serve)] { return serve(draft->options); }};
}

Command lambda_command(const Environment& env, std::function<int(const LambdaOptions&)> lambda) {
  auto draft = std::make_shared<ServeDraft>();
  draft->options.store = {StoreChoice::Kind::dynamodb, ""};
  return {
      .name = "lambda",
      .summary = "runs as a function of AWS Lambda",
      .about =
          "AWS Lambda starts it: as the file bootstrap of a function on provided.al2023 it needs "
          "no words.\n"
          "The table is dynamodb:TABLE, or that of BDD_LOCK_TABLE_NAME. Its schedule is "
          "EventBridge's.\n",
      .examples = "  cp bdd-lock bootstrap && zip bdd-lock-lambda.zip bootstrap\n",
      .options = lambda_settings(*draft),
      .run =
          [draft, lambda] {
            auto fault = settle_store(draft->options);
            if (!fault) fault = settle_function(*draft);
            return lambda({draft->options, std::move(fault)});
          },
      .take_fault = [&env, lambda](const std::string& fault) -> std::optional<int> {
        if (env.variable("AWS_LAMBDA_RUNTIME_API").value_or("").empty()) return std::nullopt;
        return lambda({{}, fault});
      }};
}

Command backup_command(std::function<int(const BackupOptions&)> backup) {
  auto options = std::make_shared<BackupOptions>();
  return {.name = "backup",
          .summary = "copies the data file, also while it is served",
          .about = "The copy is checked before the command ends. Run it where the data file is.\n",
          .examples =
              "  bdd-lock backup bdd-lock-backup.db\n"
              "  bdd-lock backup \"/backup/stacks-$(date +%F).db\" --store "
              "sqlite:/var/lib/bdd-lock.db\n",
          .options = {file_argument("TARGET", "the copy's file, which must not exist yet",
                                    options->target),
                      store_option(options->store), config_option()},
          .check = [options] { return only_sqlite(options->store, "backed up"); },
          .run = [options, backup = std::move(backup)] { return backup(*options); }};
}

Command restore_command(std::function<int(const RestoreOptions&)> restore) {
  auto options = std::make_shared<RestoreOptions>();
  return {.name = "restore",
          .summary = "puts a back-up in the place of the data file",
          .about =
              "Stop the server first. What stood there is kept beside it. Fencing tokens are "
              "raised by\n"
              "1,000,000, so that none is granted twice.\n",
          .examples = "  bdd-lock restore bdd-lock-backup.db\n",
          .options = {file_argument("SOURCE", "the back-up's file", options->source),
                      store_option(options->store), config_option()},
          .check = [options] { return only_sqlite(options->store, "restored"); },
          .run = [options, restore = std::move(restore)] { return restore(*options); }};
}

Command dynamodb_command(std::function<int(const DynamoDbOptions&)> dynamodb) {
  auto options = std::make_shared<DynamoDbOptions>();
  return {.name = "dynamodb",
          .summary = "makes, checks or upgrades the tables of --store dynamodb:TABLE",
          .about =
              "create makes TABLE and TABLE-requests, with on-demand billing, point-in-time "
              "recovery and TTL.\n"
              "check says what is missing or wrong. upgrade adds what a table of the original "
              "lacks. restored is for\n"
              "tables that were restored from a back-up: it raises all fencing tokens by "
              "1,000,000, so that none is\n"
              "granted twice.\n"
              "Credentials and region are found as by AWS's own tools.\n",
          .examples =
              "  bdd-lock dynamodb create bddLockTable\n"
              "  bdd-lock dynamodb check bddLockTable\n",
          .options = {{.name = "ACTION",
                       .help = "create, check, upgrade or restored",
                       .is_argument = true,
                       .required = true,
                       .assign = into(options->action, parse_table_action)},
                      table_option(options->table),
                      {.name = "TABLE",
                       .help = "the name of the table, if not that of BDD_LOCK_TABLE_NAME",
                       .is_argument = true,
                       .assign = into(options->table, parse_table)},
                      {.name = "if-missing",
                       .help = "of create: where the table is there, adds only what it lacks",
                       .assign = into(options->if_missing, parse_switch)},
                      dynamodb_endpoint_option(options->endpoint),
                      config_option()},
          .check = [options]() -> Fault {
            if (options->table.empty()) return "needs TABLE: the name of the table";
            if (options->if_missing && options->action != DynamoDbOptions::Action::create)
              return "--if-missing belongs to create";
            return std::nullopt;
          },
          .run = [options, dynamodb = std::move(dynamodb)] { return dynamodb(*options); }};
}

}  // namespace bddlock::cli
