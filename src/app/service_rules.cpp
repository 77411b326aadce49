#include "app/service_rules.hpp"

#include "stores/dynamodb/dynamodb_store.hpp"

namespace bddlock::app {
namespace {

// Each look at DynamoDB is paid for.
constexpr core::seconds dynamodb_tidy_interval{600};
constexpr std::size_t dynamodb_choices = 8;  // DESIGN section 9

}  // namespace

service::ServiceRules rules_of(const cli::ServeOptions& options) {
  service::ServiceRules rules;
  rules.sweep = {options.expiry, options.remove_unused_after};
  rules.claims.claim_longest = options.max_claim;
  rules.claims.stacks_per_repo_max = static_cast<std::int64_t>(options.max_stacks_per_repo);
  if (options.max_holds_per_repo)
    rules.claims.holds_per_repo_max = static_cast<std::int64_t>(*options.max_holds_per_repo);
  rules.claims.seed_release_ends_claims = options.seed_release_ends_claims;
  rules.history.age = options.history_age;
  rules.history.events_kept = static_cast<std::int64_t>(options.history_events);
  if (options.store.kind == cli::StoreChoice::Kind::dynamodb) {
    rules.claims.is_shared = true;
    rules.claims.choices = dynamodb_choices;
    rules.claims.clock_skew = options.clock_skew;
    rules.tidy_interval = dynamodb_tidy_interval;
    rules.import_slice_max = stores::dynamodb_stacks_a_save_max;
  }
  return rules;
}

}  // namespace bddlock::app
