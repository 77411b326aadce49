// Wires the DynamoDB store: the process's variables and files, Amazon's credentials, the client,
// the tables. The errors are sentences for whoever starts the server, without a full stop.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "cli/serve_options.hpp"
#include "stores/dynamodb/dynamodb_store.hpp"

namespace bddlock::app {

struct ServerShape {
  std::size_t stores = 1;  // how many threads will change something
  std::chrono::seconds clock_skew{0};
};

struct OpenedDynamoDb {
  stores::DynamoDbTable table;
  std::vector<std::string> warnings;  // what works, but worse
};

// Looks at the tables first: an error says what they lack. `endpoint` empty: Amazon's own.
[[nodiscard]] std::expected<OpenedDynamoDb, std::string> open_dynamodb(
    const std::string& table, const std::string& endpoint, const ServerShape& shape = {});

// The same without a look and without a call: a function must start at once, and its template made
// the tables. `time_left`: see aws::Tools.
[[nodiscard]] std::expected<stores::DynamoDbTable, std::string> dynamodb_unchecked(
    const std::string& table, const std::string& endpoint, std::chrono::seconds clock_skew,
    std::function<std::chrono::milliseconds()> time_left);

// `bdd-lock dynamodb create|check|upgrade|restored`. check ends with 1 where a server could not
// work.
[[nodiscard]] int dynamodb(const cli::DynamoDbOptions& options);

}  // namespace bddlock::app
