// Makes and checks the two tables that the store works on: `bdd-lock dynamodb
// create|check|upgrade`. Calls wait for a network, create and upgrade for minutes where DynamoDB
// builds an index. Errors are sentences for whoever typed the command, without a full stop.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aws/dynamodb.hpp"

namespace bddlock::stores {

namespace dynamodb {
struct TableShape;
}

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
  // Makes the second table, adds what a table of the seed lacks, one index at a time, switches
  // point-in-time recovery and TTL on, and changes nothing else. What a server works without and
  // that could not be done is a step that says so.
  [[nodiscard]] Steps upgrade();
  [[nodiscard]] std::expected<DynamoDbCheck, std::string> check();
  // A sentence for each thing that is odd about a stack's item (odd_items.hpp); reads the whole
  // table.
  [[nodiscard]] std::expected<std::vector<std::string>, std::string> odd_stacks();

 private:
  using Json = boost::json::object;
  using Described = std::expected<Json, std::string>;

  [[nodiscard]] std::string requests_table() const { return table_ + "-requests"; }
  [[nodiscard]] Described describe(const std::string& table);  // empty: there is none
  [[nodiscard]] std::expected<void, std::string> wait_until_active(const std::string& table);
  [[nodiscard]] bool is_there_all_the_same(const std::string& table, const aws::Error& error);
  [[nodiscard]] bool has_index(const std::string& table, const dynamodb::TableShape& shape,
                               const std::string& index);
  [[nodiscard]] std::expected<void, std::string> add_index(const std::string& table,
                                                           const Json& described,
                                                           const dynamodb::TableShape& shape,
                                                           const std::string& name);
  [[nodiscard]] std::expected<void, std::string> add_indexes(const std::string& table,
                                                             const Json& described,
                                                             const dynamodb::TableShape& shape,
                                                             Steps& steps);
  [[nodiscard]] std::expected<void, std::string> upgrade_requests(Steps& steps);
  [[nodiscard]] std::expected<void, std::string> make(const Json& definition, Steps& steps);
  [[nodiscard]] std::expected<void, std::string> make_requests(Steps& steps);
  void protect(const std::string& table, Steps& steps);
  [[nodiscard]] std::optional<bool> has_ttl();
  [[nodiscard]] std::expected<void, std::string> set_ttl(Steps& steps);
  [[nodiscard]] std::optional<bool> has_backups(const std::string& table);
  [[nodiscard]] Described describe_at_rest(const std::string& table);
  void look_at_running(const Json& described, DynamoDbCheck& check);

  std::shared_ptr<aws::DynamoDb> client_;
  std::string table_;
  std::function<void(std::chrono::milliseconds)> sleep_;
};

}  // namespace bddlock::stores
