// Replies of DynamoDB that get lost after the write was made.
#include <gtest/gtest.h>

#include <atomic>

#include "fakes/dynamodb_harness.hpp"
#include "unit/net/fake_server.hpp"

namespace bddlock::stores {
namespace {

using core::Errc;
using core::Stack;
using core::StackName;
using service::Saved;

// Stands before DynamoDB Local, and loses as many of the next replies to writes as it is told to.
class LossyProxy {
 public:
  LossyProxy()
      : server_([this](net::Peer& peer, int) {
          for (std::string request = peer.read_request(); !request.empty();
               request = peer.read_request()) {
            const std::string reply = pass_on(request);
            const bool is_write = request.find(".TransactWriteItems") != std::string::npos;
            if ((is_write && lost-- > 0) || dead) return;
            peer.send(reply);
          }
        }) {}
  [[nodiscard]] std::uint16_t port() const { return server_.port; }

  std::atomic<int> lost = 0;
  std::atomic<bool> dead = false;

 private:
  static std::string pass_on(const std::string& request) {
    net::ClientRequest same{.method = "POST", .target = "/"};
    const auto head = request.find("\r\n\r\n");
    for (auto at = request.find("\r\n") + 2; at < head;) {
      const auto end = request.find("\r\n", at);
      const auto colon = request.find(": ", at);
      const std::string name = request.substr(at, colon - at);
      if (name != "Host" && name != "Content-Length" && name != "User-Agent")
        same.headers.emplace_back(name, request.substr(colon + 2, end - colon - 2));
      at = end + 2;
    }
    same.body = request.substr(head + 4);
    net::Client client(
        {"127.0.0.1", std::to_string(fakes::DynamoDbLocal::instance().port()), "", false});
    const auto answer = client.call(same);
    if (!answer) return "";
    return "HTTP/1.1 " + std::to_string(answer->status) +
           " X\r\nContent-Length: " + std::to_string(answer->body.size()) + "\r\n\r\n" +
           answer->body;
  }

  net::FakeServer server_;
};

class LostReplies : public testing::Test {
 protected:
  core::Result<Saved> create(const std::string& name) {
    EXPECT_TRUE(store().begin());
    return store().save(
        {.stacks = {{.next = {.stack_name = StackName{name}, .repo_name = core::RepoName{"r"}}}},
         .events = {{.stack_name = StackName{name}}}});
  }
  service::Store& store() { return *table_.store; }

  fakes::DynamoDbHarness harness_;
  LossyProxy proxy_;
  DynamoDbTable table_ = make_dynamodb_table(
      fakes::DynamoDbLocal::instance().client(proxy_.port()),
      {.table = harness_.name, .random = std::mt19937_64{std::random_device{}()}});
};

TEST_F(LostReplies, AreAskedForAgainWithTheSameTokenAndTheSaveIsMadeOnce) {
  proxy_.lost = 3;
  EXPECT_EQ(create("s"), Saved::yes);
  const auto stack = harness_.reader().find(StackName{"s"});
  ASSERT_TRUE(stack && *stack);
  EXPECT_EQ((*stack)->version, 1);
  EXPECT_EQ(harness_.reader().events({})->items.size(), 1u);
}

TEST_F(LostReplies, AreNeverCalledSuccessOrFailureIfTheyStayLost) {
  proxy_.lost = 1000;
  const auto saved = create("s");
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, Errc::outcome_unknown);
  proxy_.lost = 0;
  EXPECT_EQ(create("s"), Saved::version_moved) << "it had been made";
}

TEST_F(LostReplies, OfAReadBehindASaveMakeTheJobsOutcomeUnknown) {
  ASSERT_EQ(create("s"), Saved::yes);
  proxy_.dead = true;
  const auto behind = store().find(StackName{"s"});
  ASSERT_FALSE(behind);
  EXPECT_EQ(behind.error().code, Errc::outcome_unknown);
  ASSERT_TRUE(store().begin());
  const auto alone = store().find(StackName{"s"});
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code, Errc::store_unavailable);
}

}  // namespace
}  // namespace bddlock::stores
