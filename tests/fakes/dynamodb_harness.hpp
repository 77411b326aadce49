// The DynamoDB store on DynamoDB Local, as the contract suite and the model comparison want it
// (contract/store_contract.hpp).
#pragma once

#include <stdexcept>

#include "fakes/dynamodb_local.hpp"
#include "stores/dynamodb/dynamodb_admin.hpp"
#include "stores/dynamodb/dynamodb_store.hpp"

namespace bddlock::fakes {

struct DynamoDbHarness {
  service::Store& store() { return *table.store; }
  service::StoreReader& reader() { return *table.reader; }
  void reopen() { table = open(); }
  static constexpr bool keeps_over_reopen = true;
  static constexpr bool has_batches = false;
  static constexpr std::size_t records_a_save_max = stores::dynamodb_stacks_a_save_max;
  static constexpr int smaller = 20;

  DynamoDbHarness() {
    stores::DynamoDbAdmin admin(client, name, [](std::chrono::milliseconds) {});
    const auto made = admin.create();
    if (!made) throw std::runtime_error(made.error());
    table = open();
  }
  DynamoDbHarness(const DynamoDbHarness&) = delete;
  DynamoDbHarness& operator=(const DynamoDbHarness&) = delete;
  ~DynamoDbHarness() {
    for (const std::string& each : {name, name + "-requests"})
      static_cast<void>(client->call("DeleteTable", {{"TableName", each}}));
  }

  // Event ids as those of the other stores, 1, 2, 3: they go on where a store before left off.
  [[nodiscard]] stores::DynamoDbTable open() {
    return stores::make_dynamodb_table(
        client, {.table = name,
                 .random = std::mt19937_64{std::random_device{}()},
                 .next_id = [base = last_id, this](std::int64_t last, core::Instant) {
                   const std::int64_t id = std::max(last, base) + 1;
                   last_id = id;
                   return id;
                 }});
  }

  std::int64_t last_id = 0;
  std::shared_ptr<aws::DynamoDb> client = DynamoDbLocal::instance().client();
  std::string name = DynamoDbLocal::instance().new_table_name();
  stores::DynamoDbTable table{};
};

}  // namespace bddlock::fakes
