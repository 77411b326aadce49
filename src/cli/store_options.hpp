// Which table, and where: what serve, lambda, backup, restore and dynamodb are told of it.
#pragma once

#include <string>

#include "cli/command.hpp"
#include "cli/serve_options.hpp"

namespace bddlock::cli {

// --store.
[[nodiscard]] Option store_option(StoreChoice& store);
// BDD_LOCK_TABLE_NAME.
[[nodiscard]] Option table_option(std::string& table);
// --dynamodb-endpoint.
[[nodiscard]] Option dynamodb_endpoint_option(std::string& endpoint);

// Gives "dynamodb:" alone the table of BDD_LOCK_TABLE_NAME, or says that there is none.
[[nodiscard]] Fault settle_store(ServeOptions& options);

}  // namespace bddlock::cli
