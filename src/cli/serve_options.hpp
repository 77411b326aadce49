// What serve, lambda, backup, restore and dynamodb are told, parsed and checked. The commands
// themselves are in app, which wires the store; here are only their options, so that all of the
// command line is in one place.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace bddlock::cli {

struct ListenAddress {
  std::string address = "127.0.0.1";  // an IP address, v6 without brackets
  std::uint16_t port = 8080;          // 0: a free one

  [[nodiscard]] bool is_loopback() const;
};

struct StoreChoice {
  enum class Kind { memory = 1, sqlite, dynamodb };
  Kind kind = Kind::sqlite;
  std::string path = "bdd-lock.db";  // of the data file; DynamoDB's table; empty for memory
};

enum class LogFormat { automatic = 1, json, text };  // automatic: text on a terminal

struct ServeOptions {
  ListenAddress listen;
  StoreChoice store;
  std::string dynamodb_table;          // of "dynamodb:" alone
  std::string dynamodb_endpoint;       // empty: Amazon's own
  std::chrono::seconds clock_skew{5};  // how late another server's leases end, on DynamoDB

  // Where the tokens come from: at most one of the three is set; none only with no_auth, which is
  // allowed only on a loopback address. `auth_tokens` is BDD_LOCK_TABLE_AUTH_TOKEN as it stands,
  // not yet split or checked (api::parse_tokens does).
  std::string auth_tokens;
  std::string auth_token_file;
  std::string auth_token_ssm_parameter;
  std::chrono::seconds auth_token_ssm_interval{60};  // between two looks at it
  bool no_auth = false;

  std::chrono::seconds expiry{7200};
  std::string release_unused_at = "0 1 * * MON-FRI";        // core::Schedule::parse takes it
  std::optional<std::chrono::seconds> remove_unused_after;  // unset: never

  // Of the API v1.
  std::chrono::seconds max_claim{86'400};         // maxClaimSeconds: no claim outlives it
  std::size_t max_stacks_per_repo = 1000;         // createIfNone creates no more
  std::optional<std::size_t> max_holds_per_repo;  // unset: half of the repo's stacks, at least one
  bool seed_release_ends_claims = false;          // DESIGN section 5
  std::chrono::seconds history_age{90 * 86'400};
  std::size_t history_events = 1'000'000;

  LogFormat log_format = LogFormat::automatic;
  bool access_log = true;

  std::size_t max_header_bytes = 8 * 1024;
  std::size_t max_body_bytes = 64 * 1024;
  std::chrono::seconds request_timeout{10};
  std::chrono::seconds idle_timeout{75};
  std::size_t max_connections = 10'000;
  std::size_t max_pipelined = 64;
  std::chrono::seconds drain_timeout{8};
};

// Of `bdd-lock lambda`: what a server is told too, as far as it means anything there. The store is
// DynamoDB.
struct LambdaOptions {
  ServeOptions serve;
  // What is wrong, does not go together or is missing, as a sentence: the function tells it to
  // Lambda, and nothing else of these options counts.
  std::optional<std::string> fault;
};

struct BackupOptions {
  StoreChoice store;  // always SQLite
  std::string target;
};

struct RestoreOptions {
  StoreChoice store;  // always SQLite
  std::string source;
};

// `bdd-lock dynamodb ACTION TABLE`.
struct DynamoDbOptions {
  enum class Action { create = 1, check, upgrade, restored };
  Action action = Action::check;
  std::string table;
  std::string endpoint;     // empty: Amazon's own
  bool if_missing = false;  // of create: a table that is there is upgraded
};

}  // namespace bddlock::cli
