// The table on DynamoDB: the seed's own table, used beside the original, and a second one for
// requests, history and what is due (table.hpp; DESIGN section 9). Many servers may work on it at
// the same time: each save is one transaction, and asks that the records are still those that were
// read.
//
// There are no batches: a save is durable and seen by all when it returns. begin() starts a job: a
// save asks that the records which were read since are unchanged, by the original too, and once a
// save of the job has succeeded, whatever fails after it is outcome_unknown, since something was
// changed. A save that lost a race waits a moment before it says so, longer with each one of its
// job, so that whoever decides again comes behind the winner and not together with the other
// losers. Threads: a store belongs to one at a time, the reader to any. Calls wait for a network.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/dynamodb.hpp"
#include "service/store.hpp"
#include "stores/dynamodb/event_ids.hpp"

namespace bddlock::stores {

struct DynamoDbTable {
  std::unique_ptr<service::Store> store;
  std::unique_ptr<service::StoreReader> reader;
  std::vector<std::unique_ptr<service::Store>> more = {};  // for other threads
};

struct DynamoDbOptions {
  std::string table;
  bool has_repo_index = true;             // without it stacks of a repo are found by a scan
  std::function<std::uint64_t()> random;  // each store calls a copy, from its own thread
  NextId next_id = id_by_time;
  // Whose leases end at their time: this server's own. Those of any other end `clock_skew` late,
  // since its clock may be behind (DESIGN section 3, "Time").
  std::string server = {};
  core::seconds clock_skew{0};
  std::size_t stores = 1;  // one for each thread that changes something
  std::function<void(std::chrono::milliseconds)> sleep = {};  // after a lost race; may be empty
};

// See Store::records_a_save_max: a stack is up to four of the hundred actions of a transaction.
inline constexpr std::size_t dynamodb_stacks_a_save_max = 24;

// Asks nothing yet: dynamodb_admin.hpp says whether the tables are as they must be.
[[nodiscard]] DynamoDbTable make_dynamodb_table(std::shared_ptr<aws::DynamoDb> client,
                                                const DynamoDbOptions& options);

}  // namespace bddlock::stores
