// Calls of DynamoDB by its JSON protocol (AmazonDynamoDB 2012-08-10), signed, over connections that
// are kept. A call that failed in a way that passes (throttling, a conflict of transactions, a
// failure inside the service, a broken connection) is made again within a budget of tries, with
// waits that double and are drawn at random, so that many callers do not come back together.
//
// Threads: any; each call that runs has a connection of its own. Calls block. Time and chance come
// in by Tools.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "aws/credential_chain.hpp"
#include "aws/error.hpp"
#include "aws/service.hpp"
#include "net/client.hpp"

namespace bddlock::aws {

// Whether a call may be made again after its answer was lost.
enum class Repeatable {
  yes = 1,  // a read; a write that does the same twice, or has a client token
  no,
};

class DynamoDb {
 public:
  using Json = boost::json::object;

  DynamoDb(ServicePlace place, std::shared_ptr<CredentialChain> credentials, Tools tools,
           RetryBudget budget = {});

  // `operation` is "GetItem", "Query", …; input and output as in Amazon's API reference. If it
  // failed when the budget was used up, the error is outcome_unknown if the outcome of any try is
  // (for reads it means no more than unavailable), else that of the last try.
  [[nodiscard]] Result<Json> call(std::string_view operation, const Json& input,
                                  Repeatable repeatable = Repeatable::yes);

  // Waits before the rest is asked for of what DynamoDB did in part only, as it does with batches
  // where it is too busy for all of it.
  void wait_for_rest(int tries_before) const;

  // How many calls went out, tries included; for measurements.
  [[nodiscard]] std::int64_t tries() const;

 private:
  struct Try;

  [[nodiscard]] Try once(std::string_view operation, const std::string& body);
  [[nodiscard]] std::chrono::milliseconds time_for_a_try() const;
  [[nodiscard]] std::unique_ptr<net::Client> take_connection();
  void give_back(std::unique_ptr<net::Client> connection);

  const ServicePlace place_;
  const std::shared_ptr<CredentialChain> credentials_;
  const Tools tools_;
  const RetryBudget budget_;
  mutable std::mutex mutex_;  // of what stands below
  std::vector<std::unique_ptr<net::Client>> idle_;
  std::int64_t tries_ = 0;
};

}  // namespace bddlock::aws
