#include "cli/store_options.hpp"

#include "cli/values.hpp"
#include "net/client.hpp"

namespace bddlock::cli {

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

Fault settle_store(ServeOptions& options) {
  StoreChoice& store = options.store;
  if (store.kind != StoreChoice::Kind::dynamodb || !store.path.empty()) return std::nullopt;
  if (options.dynamodb_table.empty())
    return "--store dynamodb: has no table behind it: write dynamodb:TABLE, or set "
           "BDD_LOCK_TABLE_NAME";
  store.path = options.dynamodb_table;
  return std::nullopt;
}

}  // namespace bddlock::cli
