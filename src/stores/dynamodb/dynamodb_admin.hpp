// Makes and checks the two tables that the store works on: `bdd-lock dynamodb
// create|check|upgrade|restored`. Calls wait for a network, create and upgrade for minutes where
// DynamoDB builds an index. Errors are sentences for whoever typed the command, without a full
// stop.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/dynamodb.hpp"

namespace bddlock::stores {

struct DynamoDbCheck {
  // What is missing or wrong and keeps a server from working on the tables; each names the command
  // that helps, where one does.
  std::vector<std::string> faults = {};
  // What works, but worse: a scan instead of an index, no back-ups.
  std::vector<std::string> warnings = {};
  bool has_repo_index = false;
  bool has_table = false;  // the seed's own
};

class DynamoDbAdmin {
 public:
  using Steps = std::expected<std::vector<std::string>, std::string>;

  // `sleep` waits between two looks at a table that is being made.
  DynamoDbAdmin(std::shared_ptr<aws::DynamoDb> client, std::string table,
                std::function<void(std::chrono::milliseconds)> sleep)
      : client_(std::move(client)), table_(std::move(table)), sleep_(std::move(sleep)) {}

  // Makes both tables: on-demand billing, point-in-time recovery, and TTL on the second. An error
  // if the first is there. What it did, a sentence each.
  [[nodiscard]] Steps create();
  // Adds what a table of the seed lacks, one index at a time, and changes nothing else of it.
  [[nodiscard]] Steps upgrade();
  [[nodiscard]] std::expected<DynamoDbCheck, std::string> check();
  // After the table was restored from a back-up, and before a server runs on it: raises each
  // fencing token by 1,000,000, those of deleted names too, so that none is given twice (invariant
  // 3). Doing it again raises them again, which harms nothing.
  [[nodiscard]] Steps restored();

 private:
  using Json = boost::json::object;
  using Described = std::expected<Json, std::string>;
  using Counted = std::expected<std::int64_t, std::string>;
  using Raise = Json (*)(const std::string& table, const Json& item);

  [[nodiscard]] std::string requests_table() const { return table_ + "-requests"; }
  [[nodiscard]] Described describe(const std::string& table);  // empty: there is none
  [[nodiscard]] std::expected<void, std::string> wait_until_active(const std::string& table);
  [[nodiscard]] std::expected<void, std::string> make(const Json& definition, Steps& steps);
  [[nodiscard]] std::expected<void, std::string> make_requests(Steps& steps);
  void protect(const std::string& table, Steps& steps);
  [[nodiscard]] std::expected<void, std::string> set_ttl(Steps& steps);
  // Of all that the Scan or Query finds, how many tokens.
  [[nodiscard]] Counted raise_all(std::string_view operation, Json input, Raise raise);
  void look_at_backups(const std::string& table, DynamoDbCheck& check);

  std::shared_ptr<aws::DynamoDb> client_;
  std::string table_;
  std::function<void(std::chrono::milliseconds)> sleep_;
};

}  // namespace bddlock::stores
