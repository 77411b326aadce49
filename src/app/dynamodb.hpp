// Wires the DynamoDB store: the process's variables and files, Amazon's credentials, the client,
// the tables. The errors are sentences for whoever starts the server, without a full stop.
#pragma once

#include <chrono>
#include <expected>
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

// `bdd-lock dynamodb create|check|upgrade|restored`. check ends with 1 where no server could
// work.
[[nodiscard]] int dynamodb(const cli::DynamoDbOptions& options);

}  // namespace bddlock::app
