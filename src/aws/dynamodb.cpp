#include "aws/dynamodb.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "aws/dynamodb_error.hpp"
#include "aws/signed_post.hpp"

namespace bddlock::aws {
namespace {

namespace json = boost::json;

FailedTry not_reached(const net::NetError& error) {
  const bool unseen = error.failure == net::Failure::not_sent;
  return {{.trouble = unseen ? Trouble::unavailable : Trouble::outcome_unknown,
           .detail = "DynamoDB cannot be reached: " + error.detail},
          error.permanent ? Next::give_up : Next::try_again};
}

}  // namespace

struct DynamoDb::Try {
  Json output = {};
  std::optional<FailedTry> failed = {};
  std::optional<Credentials> credentials = {};
};

DynamoDb::DynamoDb(ServicePlace place, std::shared_ptr<CredentialChain> credentials, Tools tools,
                   RetryBudget budget)
    : place_(std::move(place)),
      credentials_(std::move(credentials)),
      tools_(std::move(tools)),
      budget_(budget) {}

std::unique_ptr<net::Client> DynamoDb::take_connection() {
  const std::scoped_lock lock{mutex_};
  ++tries_;
  if (idle_.empty()) return std::make_unique<net::Client>(place_.endpoint, place_.net);
  // The one used last: the others may grow old and be ended.
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void DynamoDb::give_back(std::unique_ptr<net::Client> connection) {
  const std::scoped_lock lock{mutex_};
  idle_.push_back(std::move(connection));
}

std::int64_t DynamoDb::tries() const {
  const std::scoped_lock lock{mutex_};
  return tries_;
}

// Of one try, which may be all the time that is left.
std::chrono::milliseconds DynamoDb::time_for_a_try() const {
  if (!tools_.time_left) return budget_.try_time_limit;
  return std::min(budget_.try_time_limit, tools_.time_left());
}

DynamoDb::Try DynamoDb::once(std::string_view operation, const std::string& body) {
  const auto time_limit = time_for_a_try();
  if (time_limit.count() <= 0)
    return {.failed = FailedTry{{.trouble = Trouble::unavailable,
                                 .detail = "no time was left for a call of DynamoDB"}}};
  const Instant now = tools_.now();
  auto credentials = credentials_->get(now);
  if (!credentials)
    return {.failed =
                FailedTry{{.trouble = Trouble::denied, .detail = std::move(credentials.error())}}};
  auto request =
      signed_post({.headers = {{"Content-Type", "application/x-amz-json-1.0"},
                               {"X-Amz-Target", "DynamoDB_20120810." + std::string(operation)}},
                   .body = body},
                  place_.endpoint, {place_.region, "dynamodb"}, *credentials, now);
  request.time_limit = time_limit;
  auto connection = take_connection();
  const auto answer = connection->call(request);
  give_back(std::move(connection));
  if (!answer) return {.failed = not_reached(answer.error())};
  if (answer->status != 200)
    return {.failed = read_failure(answer->status, answer->body),
            .credentials = std::move(*credentials)};
  boost::system::error_code no_json;
  json::value output = json::parse(answer->body, no_json);
  if (no_json || !output.is_object())
    return {.failed =
                FailedTry{{.trouble = Trouble::outcome_unknown,
                           .detail = "what answers at the DynamoDB endpoint is not DynamoDB"}}};
  return {.output = std::move(output.get_object())};
}

void DynamoDb::wait_for_rest(int tries_before) const {
  tools_.sleep(wait_before(budget_, tries_before, tools_.random()));
}

Result<DynamoDb::Json> DynamoDb::call(std::string_view operation, const Json& input,
                                      Repeatable repeatable) {
  const std::string body = json::serialize(input);
  const Instant begun = tools_.now();
  std::optional<Error> unknown;
  bool renewed = false;
  int conflicts = 0;
  for (int tried = 1;; ++tried) {
    Try done = once(operation, body);
    if (!done.failed) return std::move(done.output);
    FailedTry& failed = *done.failed;
    const bool is_unknown = failed.error.trouble == Trouble::outcome_unknown;
    if (is_unknown) unknown = failed.error;
    if (failed.next == Next::new_credentials && !std::exchange(renewed, true)) {
      credentials_->expired(*done.credentials);
      continue;
    }
    // Only the answer "the condition failed" says what became of the tries before.
    if (failed.next == Next::give_up && failed.error.trouble == Trouble::condition_failed)
      return std::unexpected(std::move(failed.error));
    if (failed.error.trouble == Trouble::conflict) ++conflicts;
    const bool is_spent = tried >= budget_.tries || conflicts >= budget_.conflicts ||
                          tools_.now() - begun >= budget_.time_limit;
    const bool stop =
        failed.next != Next::try_again || is_spent || (is_unknown && repeatable == Repeatable::no);
    if (stop) return std::unexpected(unknown ? std::move(*unknown) : std::move(failed.error));
    const auto wait = wait_before(budget_, tried, tools_.random());
    if (tools_.time_left && wait >= tools_.time_left())
      return std::unexpected(unknown ? std::move(*unknown) : std::move(failed.error));
    tools_.sleep(wait);
  }
}

}  // namespace bddlock::aws
