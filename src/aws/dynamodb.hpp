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
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "aws/credential_chain.hpp"
#include "aws/error.hpp"
#include "net/client.hpp"

namespace bddlock::aws {

struct DynamoDbPlace {
  net::Endpoint endpoint;
  std::string region;
  net::Surroundings net = {};
};

struct Tools {
  std::function<Instant()> now;  // the wall clock: signatures are good for some minutes
  std::function<std::uint64_t()> random;
  std::function<void(std::chrono::milliseconds)> sleep;
  // How long calls may still take: a try ends with it, and none is begun behind it. May be empty:
  // then only the budget ends them.
  std::function<std::chrono::milliseconds()> time_left = {};
};

struct RetryBudget {
  int tries = 8;  // 0.025 + … + 1 s: some 3 s of waiting at most
  // Of those, how many may end in a conflict with another call at the same items: whoever won it
  // has changed them, so that most callers do better to read again.
  int conflicts = 3;
  std::chrono::milliseconds first_wait{25};
  std::chrono::milliseconds longest_wait{1'000};
  std::chrono::milliseconds try_time_limit{5'000};
  std::chrono::milliseconds time_limit{10'000};  // after it no try begins
};

// Whether a call may be made again after its answer was lost.
enum class Repeatable {
  yes = 1,  // a read; a write that does the same twice, or has a client token
  no,
};

class DynamoDb {
 public:
  using Json = boost::json::object;

  DynamoDb(DynamoDbPlace place, std::shared_ptr<CredentialChain> credentials, Tools tools,
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
  [[nodiscard]] std::chrono::milliseconds wait_before(int failed_tries) const;
  [[nodiscard]] std::unique_ptr<net::Client> take_connection();
  void give_back(std::unique_ptr<net::Client> connection);

  const DynamoDbPlace place_;
  const std::shared_ptr<CredentialChain> credentials_;
  const Tools tools_;
  const RetryBudget budget_;
  mutable std::mutex mutex_;  // of what stands below
  std::vector<std::unique_ptr<net::Client>> idle_;
  std::int64_t tries_ = 0;
};

}  // namespace bddlock::aws
