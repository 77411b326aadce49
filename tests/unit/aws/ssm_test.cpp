// The client against a stand-in that answers as Amazon's Systems Manager does.
#include "aws/ssm.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>

#include "aws/ssm_error.hpp"
#include "unit/aws/fake_surroundings.hpp"
#include "unit/net/fake_server.hpp"

namespace bddlock::aws {
namespace {

std::string ssm_reply(unsigned status, std::string_view body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}
std::string ssm_failure(std::string_view type, std::string_view message = "why.") {
  return ssm_reply(400, R"({"__type":")" + std::string(type) + R"(","message":")" +
                            std::string(message) + "\"}");
}
const std::string secret = ssm_reply(
    200, R"({"Parameter":{"Name":"n","Type":"SecureString","Value":"top-secret","Version":3}})");

class SsmTest : public testing::Test {
 protected:
  // One answer for each request, in turn; the connection ends where there is none.
  Result<Parameter> ask(std::deque<std::string> answers,
                        const std::function<bool()>& should_stop = {}) {
    seen_.clear();
    waits_ = 0;
    net::FakeServer server([&](net::Peer& peer, int) {
      for (auto request = peer.read_request(); !request.empty(); request = peer.read_request()) {
        seen_.push_back(request);
        if (answers.empty()) return;
        peer.send(answers.front());
        answers.pop_front();
      }
    });
    Ssm client({{"127.0.0.1", std::to_string(server.port), "/below", false}, "eu-west-2"},
               std::make_shared<CredentialChain>(surroundings_with({{"AWS_ACCESS_KEY_ID", "AK"},
                                                                    {"AWS_SECRET_ACCESS_KEY", "SK"},
                                                                    {"AWS_SESSION_TOKEN", "TK"}})),
               {.now =
                    [this] {
                      return Instant{std::chrono::seconds{1'900'000'000}} +
                             a_try_takes_ * std::ssize(seen_);
                    },
                .random = [] { return 0; },
                .sleep = [this](auto) { ++waits_; }},
               {.tries = 4});
    return client.get_parameter("bddLockTableAuthToken", should_stop);
  }

  void expect_trouble(const Result<Parameter>& result, Trouble trouble, std::string_view says,
                      std::size_t requests) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().trouble, trouble) << result.error().detail;
    EXPECT_NE(result.error().detail.find(says), std::string::npos) << result.error().detail;
    EXPECT_EQ(seen_.size(), requests);
  }

  std::vector<std::string> seen_;
  std::atomic<int> waits_ = 0;
  std::chrono::seconds a_try_takes_{0};
};

TEST_F(SsmTest, GivesTheDecryptedValueAndItsType) {
  const auto parameter = ask({secret});
  ASSERT_TRUE(parameter) << parameter.error().detail;
  EXPECT_EQ(parameter->value, "top-secret");
  EXPECT_EQ(parameter->type, "SecureString");
  ASSERT_EQ(seen_.size(), 1u);
  EXPECT_TRUE(seen_[0].starts_with("POST /below/ HTTP/1.1\r\n")) << seen_[0];
  for (const char* part :
       {"X-Amz-Target: AmazonSSM.GetParameter\r\n", "Content-Type: application/x-amz-json-1.1\r\n",
        "X-Amz-Security-Token: TK\r\n", "/eu-west-2/ssm/aws4_request"})
    EXPECT_NE(seen_[0].find(part), std::string::npos) << part;
  EXPECT_TRUE(
      seen_[0].ends_with("\r\n\r\n{\"Name\":\"bddLockTableAuthToken\",\"WithDecryption\":true}"));
}

TEST_F(SsmTest, SaysWhatToDoAboutWhatDoesNotPass) {
  expect_trouble(ask({ssm_failure("ParameterNotFound", "")}), Trouble::missing,
                 "SSM answers 400 ParameterNotFound; make it", 1);
  expect_trouble(ask({ssm_failure("com.amazon.coral.service#AccessDeniedException")}),
                 Trouble::denied, "AccessDeniedException: why; allow ssm:GetParameter", 1);
  expect_trouble(ask({ssm_failure("InvalidKeyId")}), Trouble::denied, "kms:Decrypt", 1);
  expect_trouble(ask({ssm_failure("UnrecognizedClientException")}), Trouble::denied,
                 "right credentials", 1);
  expect_trouble(ask({ssm_failure("ValidationException")}), Trouble::invalid, "why", 1);
}

TEST_F(SsmTest, ComesAgainWhenItIsThrottledOrTheServiceFails) {
  const std::string slow = ssm_failure("ThrottlingException");
  EXPECT_TRUE(ask({slow, ssm_reply(500, ""), slow, secret}));
  EXPECT_EQ(waits_, 3);
  expect_trouble(ask({slow, slow, slow, slow, secret}), Trouble::throttled, "ThrottlingException",
                 4);
  expect_trouble(ask({}), Trouble::unavailable, "SSM cannot be reached", 4);
}

TEST_F(SsmTest, AsksOnceForNewCredentialsWhenTheyHaveExpired) {
  const std::string old = ssm_failure("ExpiredTokenException");
  EXPECT_TRUE(ask({old, secret}));
  expect_trouble(ask({old, old, secret}), Trouble::denied, "renew the credentials", 2);
}

TEST_F(SsmTest, DoesNotTakeAnotherServicesAnswer) {
  for (const char* body :
       {"hello", "[]", "{}", R"({"Parameter":{}})", R"({"Parameter":{"Value":1,"Type":"String"}})",
        R"({"Parameter":{"Value":"top-secret"}})"}) {
    const auto result = ask({ssm_reply(200, body)});
    expect_trouble(result, Trouble::unavailable, "is not SSM", 1);
    EXPECT_EQ(result.error().detail.find("top-secret"), std::string::npos);
  }
}

TEST_F(SsmTest, EndsATryThatHangsWithTheTimeThatIsLeft) {
  std::atomic<int> requests = 0;
  net::FakeServer server([&](net::Peer& peer, int) {
    while (!peer.read_request().empty()) ++requests;  // and never answers
  });
  std::chrono::milliseconds left{50};
  Ssm client({{"127.0.0.1", std::to_string(server.port), "", false}, "eu-west-2"},
             std::make_shared<CredentialChain>(
                 surroundings_with({{"AWS_ACCESS_KEY_ID", "AK"}, {"AWS_SECRET_ACCESS_KEY", "SK"}})),
             {.now = [] { return Instant{std::chrono::seconds{1'900'000'000}}; },
              .random = [] { return 0; },
              .sleep = [](auto) {},
              .time_left = [&left] { return std::exchange(left, std::chrono::milliseconds{0}); }},
             {.tries = 4});
  const auto result = client.get_parameter("p");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().trouble, Trouble::unavailable);
  EXPECT_EQ(requests, 1);
}

TEST_F(SsmTest, BeginsNoTryWhenTheTimeOfAllIsOver) {
  a_try_takes_ = std::chrono::seconds{6};
  expect_trouble(ask({ssm_reply(500, ""), ssm_reply(500, ""), secret}), Trouble::unavailable, "500",
                 2);
}

TEST_F(SsmTest, EndsSoonWhenItIsToldToStop) {
  const auto result = ask({ssm_reply(500, ""), secret}, [this] { return !seen_.empty(); });
  EXPECT_FALSE(result);
  EXPECT_LE(seen_.size(), 1u);
}

}  // namespace
}  // namespace bddlock::aws
