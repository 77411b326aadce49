// The two tables, their names and keys, and reads of DynamoDB that go on until they have what was
// asked for. Threads: any.
//
// The seed's table: an item for each stack (stack_item.hpp), with the seed's index and `repoIndex`.
// TABLE-requests, by `pk` and `sk`:
//
//   pk               sk             what
//   request#REPO     requestId      a request; `line` where it waits: its place in the order of
//                                   granting (line_of)
//   ready            REPO\nid       of each that waits; `line`: until when it is ready
//   due              stackName      of each claim, offer and hold; `line`: when it is over;
//                                   `version` of the stack. May outlive them.
//   event#STACK      the event's id in 20 digits; also by `allEvents` and `eventRepo`
//   retired          stackName      `token`, the last of a name that was deleted
//   repos            REPO           `lastArrival`, of repos that ever had a request
//   mark             key            `value`
//
// Its local index `byLine` (pk, line) is as consistent as the table; `eventsInOrder` (allEvents,
// sk) and `eventsByRepo` (eventRepo, sk) lag behind, as all global indexes do.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/dynamodb.hpp"
#include "core/error.hpp"
#include "service/store.hpp"
#include "stores/dynamodb/attribute.hpp"

namespace bddlock::stores::dynamodb {

// By whose clock the times of claims are (DynamoDbOptions).
struct LeaseClock {
  std::string server = {};
  core::seconds skew_of_others{0};
};

struct TableNames {
  std::string stacks;
  bool has_repo_index = true;  // without it stacks of a repo are found by a scan
  [[nodiscard]] std::string requests() const { return stacks + "-requests"; }
};

// As the port's errors: all but a lost answer of a write changed nothing.
[[nodiscard]] core::Error to_core(const aws::Error& error);

class Table {
 public:
  Table(std::shared_ptr<aws::DynamoDb> client, TableNames names, LeaseClock clock = {})
      : client_(std::move(client)), names_(std::move(names)), clock_(std::move(clock)) {}

  [[nodiscard]] const TableNames& names() const { return names_; }
  [[nodiscard]] const LeaseClock& clock() const { return clock_; }
  [[nodiscard]] aws::DynamoDb& client() const { return *client_; }

  // Whether stacks of a repo are found by `repoIndex`: as said at the start, until a call finds
  // that it is not there. All copies know it then.
  [[nodiscard]] bool has_repo_index() const { return names_.has_repo_index && !*lacks_index_; }
  void note_missing_index() const { *lacks_index_ = true; }

  [[nodiscard]] core::Result<std::optional<Item>> get(const std::string& table,
                                                      json::object key) const;
  // Consistent; those that are there, in the order of the keys.
  [[nodiscard]] core::Result<std::vector<Item>> get_all(const std::string& table,
                                                        const std::vector<json::object>& keys,
                                                        std::string_view key_name) const;
  // Runs a Query or Scan page by page, until there are no more or `take` returns false.
  [[nodiscard]] core::Result<void> each_page(
      std::string_view operation, json::object input,
      const std::function<bool(const json::array& items)>& take) const;
  [[nodiscard]] core::Result<std::int64_t> count(json::object input) const;

 private:
  std::shared_ptr<aws::DynamoDb> client_;
  TableNames names_;
  LeaseClock clock_;
  std::shared_ptr<std::atomic<bool>> lacks_index_ = std::make_shared<std::atomic<bool>>(false);
};

[[nodiscard]] json::object stack_key(const core::StackName& name);
[[nodiscard]] json::object row_key(std::string_view pk, std::string_view sk);
[[nodiscard]] json::object request_key(const core::RepoName& repo, const core::RequestId& id);
[[nodiscard]] std::string requests_of(const core::RepoName& repo);
[[nodiscard]] std::string ready_of(const core::RepoName& repo, const core::RequestId& id);
[[nodiscard]] std::string events_of(const core::StackName& name);
[[nodiscard]] std::string event_id_text(std::int64_t id);

// A number whose order is that of granting: priority (the larger first), then arrival.
[[nodiscard]] std::string line_of(const service::QueuePlace& place);

// The input of a Query: `condition` over :pk and `values`.
[[nodiscard]] json::object query_of(const std::string& table, std::string_view condition,
                                    json::object values);

}  // namespace bddlock::stores::dynamodb
