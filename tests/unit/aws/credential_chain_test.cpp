#include "aws/credential_chain.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "unit/aws/fake_surroundings.hpp"
#include "unit/net/fake_server.hpp"

namespace bddlock::aws {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

const Instant noon{seconds{1'900'000'000}};
const std::string end_of_first = "2030-03-17T18:46:40Z";  // an hour after noon

// A container's service: numbers its answers, and fails while it is told to.
class Service {
 public:
  Service()
      : server_([this](net::Peer& peer, int) {
          while (!peer.read_request().empty()) {
            const int number = ++asked;
            if (broken)
              peer.send("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
            else
              peer.answer(R"({"AccessKeyId":"AK)" + std::to_string(number) +
                          R"(","SecretAccessKey":"SK","Token":"TK","Expiration":")" +
                          (number == 1 ? end_of_first : "2031-01-01T00:00:00Z") + "\"}");
          }
        }) {}
  [[nodiscard]] Surroundings surroundings() const {
    return surroundings_with({{"AWS_CONTAINER_CREDENTIALS_FULL_URI",
                               "http://127.0.0.1:" + std::to_string(server_.port) + "/"}});
  }
  std::atomic<int> asked = 0;
  std::atomic<bool> broken = false;

 private:
  net::FakeServer server_;
};

std::string key_at(CredentialChain& chain, Instant now) {
  const auto credentials = chain.get(now);
  return credentials ? credentials->access_key_id : credentials.error();
}

TEST(CredentialChain, TakesTheFirstSourceThatHasAny) {
  CredentialChain chain(
      surroundings_with({{"AWS_ACCESS_KEY_ID", "AK"},
                         {"AWS_SECRET_ACCESS_KEY", "SK"},
                         {"AWS_WEB_IDENTITY_TOKEN_FILE", "/missing"},
                         {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/"}}));
  EXPECT_EQ(key_at(chain, noon), "AK");
  EXPECT_EQ(key_at(chain, Instant::max()), "AK");
}

TEST(CredentialChain, SaysWhereItLookedIfThereAreNone) {
  CredentialChain chain(surroundings_with({}));
  EXPECT_NE(key_at(chain, noon).find("AWS_ACCESS_KEY_ID"), std::string::npos);
}

TEST(CredentialChain, DoesNotPassOverASourceThatIsBroken) {
  Service service;
  service.broken = true;
  CredentialChain chain(service.surroundings());
  EXPECT_NE(key_at(chain, noon).find("answers 500"), std::string::npos);
  service.broken = false;
  EXPECT_EQ(key_at(chain, noon), "AK2") << "a failure is not remembered";
}

TEST(CredentialChain, RenewsFiveMinutesBeforeTheirEnd) {
  Service service;
  CredentialChain chain(service.surroundings());
  EXPECT_EQ(key_at(chain, noon), "AK1");
  const Instant renewal = *parse_expiration(end_of_first) - renewal_before_end;
  EXPECT_EQ(key_at(chain, renewal - microseconds{1}), "AK1");
  EXPECT_EQ(service.asked, 1);
  EXPECT_EQ(key_at(chain, renewal), "AK2");
  EXPECT_EQ(key_at(chain, renewal), "AK2");
  EXPECT_EQ(service.asked, 2);
}

TEST(CredentialChain, RenewsEarlierByChanceSoThatNotAllComeAtOnce) {
  Service service;
  auto surroundings = service.surroundings();
  surroundings.random = [] { return 121 * 7 + 45; };
  CredentialChain chain(surroundings);
  EXPECT_EQ(key_at(chain, noon), "AK1");
  const Instant renewal = *parse_expiration(end_of_first) - renewal_before_end - seconds{45};
  EXPECT_EQ(key_at(chain, renewal - microseconds{1}), "AK1");
  EXPECT_EQ(key_at(chain, renewal), "AK2");
}

TEST(CredentialChain, UsesTheOldOnesToTheirEndWhileRenewingFails) {
  Service service;
  CredentialChain chain(service.surroundings());
  EXPECT_EQ(key_at(chain, noon), "AK1");
  service.broken = true;
  const Instant end = *parse_expiration(end_of_first);
  const Instant renewal = end - renewal_before_end;
  EXPECT_EQ(key_at(chain, renewal), "AK1");
  EXPECT_EQ(key_at(chain, renewal + renewal_interval - microseconds{1}), "AK1");
  EXPECT_EQ(service.asked, 2) << "not at each call";
  EXPECT_EQ(key_at(chain, renewal + renewal_interval), "AK1");
  EXPECT_EQ(service.asked, 3);
  EXPECT_EQ(key_at(chain, end - microseconds{1}), "AK1");
  EXPECT_NE(key_at(chain, end).find("answers 500"), std::string::npos);
  service.broken = false;
  EXPECT_EQ(key_at(chain, end), "AK6");
}

TEST(CredentialChain, DoesNotTakeCredentialsThatHaveEnded) {
  Service service;
  CredentialChain chain(service.surroundings());
  EXPECT_NE(key_at(chain, *parse_expiration(end_of_first)).find("have expired"), std::string::npos);
}

TEST(CredentialChain, AsksAgainWhenAServiceSaysThatTheyHaveExpired) {
  Service service;
  CredentialChain chain(service.surroundings());
  const auto first = chain.get(noon);
  ASSERT_TRUE(first);
  chain.expired(*first);
  EXPECT_EQ(key_at(chain, noon), "AK2");
  chain.expired(*first);
  EXPECT_EQ(key_at(chain, noon), "AK2") << "the others have not expired";
}

}  // namespace
}  // namespace bddlock::aws
