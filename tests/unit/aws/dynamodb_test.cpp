// The client against a stand-in that answers as DynamoDB does, and as networks do.
#include "aws/dynamodb.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <deque>
#include <thread>

#include "aws/dynamodb_error.hpp"
#include "aws/signature.hpp"
#include "unit/aws/fake_surroundings.hpp"
#include "unit/net/fake_server.hpp"

namespace bddlock::aws {
namespace {

using std::chrono::milliseconds;

std::string reply(unsigned status, std::string_view body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}
std::string failure(unsigned status, std::string_view type) {
  return reply(status, R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + std::string(type) +
                           R"(","message":"why"})");
}
std::string cancelled(std::string_view reasons) {
  return reply(400, R"({"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",)"
                    R"("Message":"why","CancellationReasons":[)" +
                        std::string(reasons) + "]}");
}

const std::string good = reply(200, R"({"answer":1})");
const std::string hang_up = "";  // the connection ends without an answer
const Instant at_sending{std::chrono::seconds{1'900'000'000}};

class DynamoDbTest : public testing::Test {
 protected:
  // One answer for each request, in turn.
  Result<DynamoDb::Json> call(std::deque<std::string> answers,
                              Repeatable repeatable = Repeatable::yes,
                              Texts variables = {{"AWS_ACCESS_KEY_ID", "AK"},
                                                 {"AWS_SECRET_ACCESS_KEY", "SK"},
                                                 {"AWS_SESSION_TOKEN", "TK"}}) {
    seen_.clear();
    waits_.clear();
    net::FakeServer server([&](net::Peer& peer, int) {
      for (std::string request = peer.read_request(); !request.empty();
           request = peer.read_request()) {
        seen_.push_back(request);
        if (answers.empty()) return;
        const std::string answer = answers.front();
        answers.pop_front();
        if (answer == hang_up) return;
        peer.send(answer);
      }
    });
    host_ = "127.0.0.1:" + std::to_string(server.port);
    Result<DynamoDb::Json> result;
    {
      DynamoDb client({{"127.0.0.1", std::to_string(server.port), "", false}, "eu-west-2"},
                      std::make_shared<CredentialChain>(surroundings_with(std::move(variables))),
                      {.now =
                           [this] {
                             const Instant at =
                                 at_sending + try_takes_ * static_cast<int>(seen_.size());
                             return at;
                           },
                       .random = [this] { return random_; },
                       .sleep = [this](milliseconds wait) { waits_.push_back(wait); },
                       .time_left = time_left_},
                      {.tries = 4});
      result = client.call("GetItem", {{"TableName", "t"}}, repeatable);
    }
    return result;
  }
  void expect_trouble(const Result<DynamoDb::Json>& result, Trouble trouble, std::size_t calls) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().trouble, trouble) << result.error().detail;
    EXPECT_EQ(seen_.size(), calls) << result.error().detail;
  }

  std::vector<std::string> seen_;
  std::vector<milliseconds> waits_;
  std::uint64_t random_ = 0;
  std::chrono::seconds try_takes_{0};
  std::function<milliseconds()> time_left_;  // none: no end but the budget's
  std::string host_;
};

TEST_F(DynamoDbTest, SendsASignedCallAndGivesTheAnswer) {
  const auto answer = call({good});
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(boost::json::serialize(*answer), R"({"answer":1})");
  ASSERT_EQ(seen_.size(), 1u);
  const Signable sent{.method = "POST",
                      .headers = {{"Host", host_},
                                  {"Content-Type", "application/x-amz-json-1.0"},
                                  {"X-Amz-Target", "DynamoDB_20120810.GetItem"}},
                      .body = R"({"TableName":"t"})"};
  const Credentials keys{"AK", "SK", "TK"};
  for (const auto& [name, value] : sent.headers)
    EXPECT_NE(seen_[0].find("\r\n" + name + ": " + value + "\r\n"), std::string::npos) << seen_[0];
  for (const auto& [name, value] : sign(sent, {"eu-west-2", "dynamodb"}, keys, at_sending))
    EXPECT_NE(seen_[0].find("\r\n" + name + ": " + value + "\r\n"), std::string::npos) << name;
  EXPECT_TRUE(seen_[0].ends_with("\r\n\r\n" + sent.body));
}

TEST_F(DynamoDbTest, TriesAgainWhatPasses) {
  for (const std::string& first :
       {failure(400, "ProvisionedThroughputExceededException"), failure(400, "ThrottlingException"),
        failure(400, "TransactionConflictException"),
        failure(400, "TransactionInProgressException"), failure(500, "InternalServerError"),
        reply(503, "<html>"), hang_up,
        cancelled(R"({"Code":"None"},{"Code":"TransactionConflict"})"),
        cancelled(R"({"Code":"ThrottlingError"})")}) {
    const auto answer = call({first, good});
    EXPECT_TRUE(answer) << first << answer.error().detail;
    EXPECT_EQ(seen_.size(), 2u);
    ASSERT_FALSE(seen_.empty());
    EXPECT_EQ(seen_.front(), seen_.back()) << "the same call, with the same client token";
  }
}

TEST_F(DynamoDbTest, GivesUpAtOnceWhatDoesNotPass) {
  expect_trouble(call({failure(400, "ConditionalCheckFailedException")}), Trouble::condition_failed,
                 1);
  expect_trouble(call({failure(400, "ResourceNotFoundException")}), Trouble::missing, 1);
  expect_trouble(call({failure(400, "ResourceInUseException")}), Trouble::in_use, 1);
  expect_trouble(call({failure(400, "AccessDeniedException")}), Trouble::denied, 1);
  expect_trouble(call({failure(400, "UnrecognizedClientException")}), Trouble::denied, 1);
  expect_trouble(call({failure(400, "ValidationException")}), Trouble::invalid, 1);
  expect_trouble(call({reply(404, "not DynamoDB")}), Trouble::invalid, 1);
  expect_trouble(call({reply(200, "hello")}), Trouble::outcome_unknown, 1);
}

TEST_F(DynamoDbTest, SaysWhichItemCancelledATransaction) {
  const auto result = call({cancelled(R"({"Code":"None"},{"Code":"TransactionConflict"},)"
                                      R"({"Code":"ConditionalCheckFailed","Message":"m"})")});
  expect_trouble(result, Trouble::condition_failed, 1);
  EXPECT_EQ(result.error().reasons,
            (std::vector<std::string>{"None", "TransactionConflict", "ConditionalCheckFailed"}));
  expect_trouble(call({cancelled(R"({"Code":"ValidationError"})")}), Trouble::invalid, 1);
}

TEST_F(DynamoDbTest, EndsWithItsBudgetOfTries) {
  const std::string slow = failure(400, "ThrottlingException");
  const std::string clash = cancelled(R"({"Code":"TransactionConflict"})");
  expect_trouble(call({slow, slow, slow, slow, good}), Trouble::throttled, 4);
  expect_trouble(call({slow, clash, slow, clash, good}), Trouble::conflict, 4);
  expect_trouble(call({hang_up, hang_up, hang_up, hang_up, good}), Trouble::outcome_unknown, 4);
}

// After a lost answer "throttled" says nothing about what the lost try did; a condition that failed
// does, as a write that had been made would be answered with success by its client token.
TEST_F(DynamoDbTest, DoesNotForgetThatAnOutcomeIsUnknown) {
  const std::string slow = failure(400, "ThrottlingException");
  expect_trouble(call({hang_up, slow, slow, slow}), Trouble::outcome_unknown, 4);
  expect_trouble(call({hang_up, failure(400, "AccessDeniedException")}), Trouble::outcome_unknown,
                 2);
  expect_trouble(call({hang_up, cancelled(R"({"Code":"ConditionalCheckFailed"})")}),
                 Trouble::condition_failed, 2);
}

TEST_F(DynamoDbTest, GivesConflictsUpSoonerSinceTheItemsAreOthersByThen) {
  const std::string clash = cancelled(R"({"Code":"TransactionConflict"})");
  expect_trouble(call({clash, clash, clash, good}), Trouble::conflict, 3);
  EXPECT_TRUE(call({clash, clash, good}));
}

TEST_F(DynamoDbTest, BeginsNoTryWhenItsTimeIsOver) {
  const std::string slow = failure(400, "ThrottlingException");
  try_takes_ = std::chrono::seconds{4};
  expect_trouble(call({slow, slow, slow, good}), Trouble::throttled, 3);
}

TEST_F(DynamoDbTest, SaysWhatCanBeDone) {
  EXPECT_NE(call({failure(400, "AccessDeniedException")}).error().detail.find("credentials"),
            std::string::npos);
  EXPECT_NE(call({failure(400, "ResourceNotFoundException")}).error().detail.find("dynamodb check"),
            std::string::npos);
  const std::string old = failure(400, "ExpiredTokenException");
  EXPECT_NE(call({old, old}).error().detail.find("no newer credentials"), std::string::npos);
}

TEST_F(DynamoDbTest, DoesNotRepeatWhatMustNotBeDoneTwice) {
  expect_trouble(call({hang_up, good}, Repeatable::no), Trouble::outcome_unknown, 1);
  expect_trouble(call({failure(500, "InternalServerError"), good}, Repeatable::no),
                 Trouble::outcome_unknown, 1);
  EXPECT_TRUE(call({failure(400, "ThrottlingException"), good}, Repeatable::no));
}

TEST_F(DynamoDbTest, WaitsLongerEachTimeAndByChance) {
  const std::string slow = failure(400, "ThrottlingException");
  random_ = 25;
  EXPECT_TRUE(call({slow, slow, slow, good}));
  EXPECT_EQ(waits_,
            (std::vector<milliseconds>{milliseconds{25}, milliseconds{25}, milliseconds{25}}));
  random_ = 100;
  EXPECT_TRUE(call({slow, slow, slow, good}));
  EXPECT_EQ(waits_, (std::vector<milliseconds>{milliseconds{100 % 26}, milliseconds{100 % 51},
                                               milliseconds{100}}));
}

TEST_F(DynamoDbTest, AsksForNewCredentialsOnceWhenTheyHaveExpired) {
  const std::string old = failure(400, "ExpiredTokenException");
  EXPECT_TRUE(call({old, good}));
  EXPECT_TRUE(waits_.empty());
  expect_trouble(call({old, old, good}), Trouble::denied, 2);
}

TEST_F(DynamoDbTest, SendsNothingWhenNoTimeIsLeft) {
  time_left_ = [] { return milliseconds{0}; };
  expect_trouble(call({good}), Trouble::unavailable, 0);
}

TEST_F(DynamoDbTest, EndsATryWithTheTimeThatIsLeft) {
  time_left_ = [asked = 0]() mutable { return milliseconds{asked++ == 0 ? 40 : 0}; };
  // An answer that never gets whole: only the time ends it.
  expect_trouble(call({"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\n"}), Trouble::outcome_unknown,
                 1);
  EXPECT_TRUE(waits_.empty()) << "the next try would have begun behind the end";
}

TEST_F(DynamoDbTest, TriesAgainWhileThereIsTime) {
  time_left_ = [] { return milliseconds{1'000}; };
  EXPECT_TRUE(call({failure(400, "ThrottlingException"), good}));
}

TEST_F(DynamoDbTest, SendsNothingWithoutCredentials) {
  expect_trouble(call({good}, Repeatable::yes, {{"AWS_EC2_METADATA_DISABLED", "true"}}),
                 Trouble::denied, 0);
}

TEST(DynamoDb, KeepsAConnectionForEachCallThatRunsAtTheSameTime) {
  net::FakeServer server([&](net::Peer& peer, int) {
    while (!peer.read_request().empty()) peer.send(good);
  });
  DynamoDb client(
      {{"127.0.0.1", std::to_string(server.port), "", false}, "eu-west-2"},
      std::make_shared<CredentialChain>(
          surroundings_with({{"AWS_ACCESS_KEY_ID", "AK"}, {"AWS_SECRET_ACCESS_KEY", "SK"}})),
      {.now = [] { return at_sending; }, .random = [] { return 0; }, .sleep = [](auto) {}});
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(client.call("Query", {}));
  EXPECT_EQ(server.connections, 1);
  EXPECT_EQ(client.tries(), 5);
}

TEST(DynamoDb, ThatIsNotReachedIsUnavailable) {
  DynamoDb client(
      {{"127.0.0.1", "1", "", false}, "eu-west-2"},
      std::make_shared<CredentialChain>(
          surroundings_with({{"AWS_ACCESS_KEY_ID", "AK"}, {"AWS_SECRET_ACCESS_KEY", "SK"}})),
      {.now = [] { return at_sending; }, .random = [] { return 0; }, .sleep = [](auto) {}});
  const auto result = client.call("Query", {}, Repeatable::no);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().trouble, Trouble::unavailable);
  EXPECT_EQ(client.tries(), 8);
}

}  // namespace
}  // namespace bddlock::aws
