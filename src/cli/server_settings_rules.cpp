#include <chrono>
#include <optional>

#include "cli/server_settings.hpp"

namespace bddlock::cli {

namespace {

using std::chrono::hours;
using std::chrono::minutes;

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

}  // namespace

std::vector<Option> server_sweep_options(ServeOptions& options) {
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

std::vector<Option> server_claim_options(ServeOptions& options) {
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

std::vector<Option> server_history_options(ServeOptions& options) {
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

}  // namespace bddlock::cli
