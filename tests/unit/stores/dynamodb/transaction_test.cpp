#include "stores/dynamodb/transaction.hpp"

#include <gtest/gtest.h>

namespace bddlock::stores::dynamodb {
namespace {

core::Request request_that_is(core::RequestState state) {
  return {.repo_name = core::RepoName{"r"},
          .request_id = core::RequestId{"q"},
          .state = state,
          .ended_at = core::Instant{core::microseconds{1'574'291'428'014'213}}};
}

const json::object put_of(const core::Request& request) {
  Transaction transaction({.stacks = "stacks"});
  transaction.put(request, 1);
  return transaction.take("token").at("TransactItems").at(0).at("Put").at("Item").as_object();
}

TEST(Transaction, LetsDynamoDbRemoveARequestTwoDaysAfterItsEnd) {
  const auto item = put_of(request_that_is(core::RequestState::ended));
  EXPECT_EQ(number_in(item, "ttl"), 1'574'291'429 + 2 * 86'400);
}

TEST(Transaction, LetsDynamoDbRemoveNoRequestThatIsNotOver) {
  for (const auto state : {core::RequestState::waiting, core::RequestState::granted})
    EXPECT_FALSE(put_of(request_that_is(state)).contains("ttl"));
}

}  // namespace
}  // namespace bddlock::stores::dynamodb
