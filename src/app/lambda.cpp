// Called by main.
#include "app/lambda.hpp"

#include <unistd.h>

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "api/api.hpp"
#include "app/aws_process.hpp"
#include "app/dynamodb.hpp"
#include "app/random.hpp"
#include "app/service_rules.hpp"
#include "app/token_parameter.hpp"
#include "cli/exit_code.hpp"
#include "lambda/loop.hpp"
#include "service/caller_lanes.hpp"

namespace bddlock::app {

namespace {

using cli::ExitCode;
using std::chrono::milliseconds;

constexpr core::seconds waiting_max{1};  // DESIGN section 9: a parked call costs a concurrency

// For a look at the tokens' parameter. A call waits for it; those that were valid before stay
// valid.
constexpr milliseconds token_look_max{2'000};
// Lambda gives a start 10 s, and why it failed must still be told.
constexpr milliseconds token_start_max{8'000};

// The wall clock, which AWS keeps right; that of a server would be behind by the time for which a
// sandbox was frozen. It never falls.
class SandboxClock final : public service::Clock {
 public:
  core::Instant now() override {
    const auto wall =
        std::chrono::floor<core::microseconds>(std::chrono::system_clock::now().time_since_epoch());
    last_ = std::max(last_, core::Instant{wall});
    return last_;
  }

 private:
  core::Instant last_ = core::Instant::min();
};

// How long the look at the tokens that runs, or comes next, may still take.
class TokenTime {
 public:
  void begin(milliseconds limit) { until_ = SteadyClock::now() + limit; }
  [[nodiscard]] milliseconds left() const {
    return std::chrono::ceil<milliseconds>(until_ - SteadyClock::now());
  }

 private:
  using SteadyClock = std::chrono::steady_clock;
  SteadyClock::time_point until_ = SteadyClock::now();
};

std::string variable(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

void write_out(std::string_view line) {
  while (!line.empty()) {
    const ssize_t wrote = ::write(STDOUT_FILENO, line.data(), line.size());
    if (wrote < 0 && errno != EINTR) return;  // a log that is gone must not stop the function
    if (wrote > 0) line.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

boost::json::object counts_of(const service::SweepCounts& counts) {
  return {{"released", counts.released},
          {"expired", counts.expired},
          {"holdsEnded", counts.holds_ended},
          {"removed", counts.removed}};
}

service::ServiceRules function_rules(const cli::ServeOptions& options) {
  service::ServiceRules rules = rules_of(options);
  // A new sandbox is no reason to tidy: the schedule does it.
  rules.first_tidy_after = rules.tidy_interval;
  return rules;
}

// What is open while the function lives. The members are made, and go, in the order of their needs.
class Function {
 public:
  Function(const cli::ServeOptions& options, stores::DynamoDbTable table,
           std::optional<TokenParameter> parameter, const std::vector<std::string>& tokens,
           TokenTime& token_time, lambda::Log& log, SandboxClock& clock)
      : token_time_(token_time),
        log_(log),
        clock_(clock),
        parameter_(std::move(parameter)),
        tokens_(tokens),
        table_(std::move(table)),
        lanes_(service::make_caller_lanes(*table_.store, *table_.reader, clock_)),
        service_(
            *lanes_.writes, *lanes_.reads, clock_, random_number, function_rules(options),
            [this](std::string_view what, const core::Error& error) {
              log_.write(lambda::LogLevel::error, "trouble",
                         {{"code", "background"}, {"what", what}, {"detail", error.detail}});
            },
            [this](const std::vector<core::StackName>& names) { note_removed(names); }),
        api_(service_, tokens_,
             {.random = random_number,
              .now = [this] { return clock_.now(); },
              .wait_max = waiting_max,
              .on_trouble =
                  [this](std::string_view code, std::string_view detail) {
                    log_.write(lambda::LogLevel::error, "trouble",
                               {{"code", code}, {"detail", detail}});
                  }}),
        body_bytes_max_(options.max_body_bytes),
        access_log_(options.access_log) {}
  Function(const Function&) = delete;
  Function& operator=(const Function&) = delete;

  [[nodiscard]] lambda::Work work() {
    return {.handle =
                [this](api::Request request, api::Respond respond) {
                  look_at_tokens();
                  api_.handle(std::move(request), std::move(respond));
                },
            .turn_away =
                [this](const api::Request& request) {
                  look_at_tokens();
                  return api_.turn_away(request);
                },
            .tick = [this] { service_.tick(); },
            .sweep = [this] { return sweep(); },
            .sleep = sleep_for,
            .uptime =
                [] {
                  return std::chrono::floor<std::chrono::microseconds>(
                      std::chrono::steady_clock::now().time_since_epoch());
                },
            .body_bytes_max = body_bytes_max_,
            .access_log = access_log_};
  }

 private:
  core::Result<boost::json::object> sweep() {
    core::Result<boost::json::object> swept =
        std::unexpected(core::Error{core::Errc::outcome_unknown, "the sweep has not ended"});
    service_.sweep([&swept](core::Result<service::SweepCounts> counts) {
      if (counts)
        swept = counts_of(*counts);
      else
        swept = std::unexpected(std::move(counts.error()));
    });
    service_.tidy();
    return swept;
  }

  void look_at_tokens() {
    if (!parameter_) return;
    token_time_.begin(token_look_max);
    const auto changed = parameter_->changed(clock_.now());
    if (!changed) return;
    if (!*changed)
      return log_.write(
          lambda::LogLevel::error, "tokens_not_read",
          {{"detail", changed->error()}, {"kept", "the tokens that were valid before"}});
    tokens_.replace(**changed);
    log_.write(lambda::LogLevel::info, "tokens_replaced", {{"tokens", (*changed)->size()}});
  }

  void note_removed(const std::vector<core::StackName>& names) {
    for (const core::StackName& name : names)
      log_.write(lambda::LogLevel::warn, "stack_removed_unused",
                 {{"stack", name.text()},
                  {"detail", "only the record was removed; the real stack is still there"}});
  }

  TokenTime& token_time_;
  lambda::Log& log_;
  SandboxClock& clock_;
  std::optional<TokenParameter> parameter_;
  api::TokenSet tokens_;
  stores::DynamoDbTable table_;
  service::CallerLanes lanes_;
  service::Service service_;
  api::Api api_;
  const std::size_t body_bytes_max_;
  const bool access_log_;
};

// The parameter that is to be looked at again, and the tokens as they are now.
struct FirstTokens {
  std::optional<TokenParameter> parameter;
  std::vector<std::string> tokens;
};

std::expected<FirstTokens, std::string> first_tokens(const cli::ServeOptions& options,
                                                     const lambda::Deadline& deadline,
                                                     TokenTime& time, core::Instant now) {
  FirstTokens first;
  TokensRead read;
  if (options.auth_token_ssm_parameter.empty()) {
    read = api::parse_tokens(options.auth_tokens);
    if (!read) return std::unexpected("BDD_LOCK_TABLE_AUTH_TOKEN: " + read.error());
  } else {
    auto opened =
        open_token_parameter(options.auth_token_ssm_parameter, options.auth_token_ssm_interval,
                             [&deadline, &time] { return std::min(time.left(), deadline.left()); });
    if (!opened) return std::unexpected(std::move(opened.error()));
    first.parameter.emplace(std::move(*opened));
    time.begin(token_start_max);
    read = first.parameter->read(now);
    if (!read) return std::unexpected(std::move(read.error()));
  }
  first.tokens = std::move(*read);
  return first;
}

std::expected<std::unique_ptr<Function>, std::string> make_function(
    const cli::LambdaOptions& options, lambda::Deadline& deadline, TokenTime& token_time,
    lambda::Log& log, SandboxClock& clock) {
  if (options.fault) return std::unexpected(*options.fault);
  auto table =
      dynamodb_unchecked(options.serve.store.path, options.serve.dynamodb_endpoint,
                         options.serve.clock_skew, [&deadline] { return deadline.left(); });
  if (!table) return std::unexpected(std::move(table.error()));
  auto first = first_tokens(options.serve, deadline, token_time, clock.now());
  if (!first) return std::unexpected(std::move(first.error()));
  return std::make_unique<Function>(options.serve, std::move(*table), std::move(first->parameter),
                                    first->tokens, token_time, log, clock);
}

int complain(ExitCode code, const std::string& sentence) {
  std::fprintf(stderr, "bdd-lock lambda: %s.\n", sentence.c_str());
  return static_cast<int>(code);
}

}  // namespace

int lambda(const cli::LambdaOptions& options) {
  const std::string at = variable("AWS_LAMBDA_RUNTIME_API");
  if (at.empty())
    return complain(ExitCode::usage,
                    "AWS_LAMBDA_RUNTIME_API is not set: this is what AWS Lambda starts; "
                    "\"bdd-lock serve\" starts a server");
  auto endpoint = net::parse_endpoint("http://" + at);
  if (!endpoint) return complain(ExitCode::usage, "AWS_LAMBDA_RUNTIME_API: " + endpoint.error());
  SandboxClock clock;
  lambda::Log log(
      lambda::log_settings_of(variable("AWS_LAMBDA_LOG_FORMAT"), variable("AWS_LAMBDA_LOG_LEVEL")),
      [&clock] { return clock.now(); }, write_out);
  lambda::Deadline deadline([] {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  });
  lambda::RuntimeApi runtime(std::move(*endpoint), sleep_for);
  TokenTime token_time;
  auto function = make_function(options, deadline, token_time, log, clock);
  if (!function) {
    log.write(lambda::LogLevel::error, "cannot_start", {{"detail", function.error()}});
    const auto told = runtime.fail_start({"CannotStart", function.error()});
    if (!told)
      log.write(lambda::LogLevel::error, "runtime_api_failed", {{"detail", told.error().detail}});
    return static_cast<int>(ExitCode::usage);
  }
  lambda::Handler handler((*function)->work(), deadline, log);
  lambda::serve_invocations(runtime, handler, log);
  return static_cast<int>(ExitCode::unavailable);
}

}  // namespace bddlock::app
