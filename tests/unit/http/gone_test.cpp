// What a request that waits learns of its client, and what the access log is told of claims.
#include <algorithm>
#include <condition_variable>

#include "api/log_target.hpp"
#include "raw_client.hpp"
#include "running_server.hpp"

namespace bddlock::http {
namespace {

// Keeps each request back, and notes when its client goes.
class Watching {
 public:
  OnRequest keep() {
    return [this](api::Request request, api::Respond respond) {
      const auto watch = request.client->begin();
      const std::string target = request.target;
      request.client->watch(watch, [this, target] { note(target); });
      const std::lock_guard lock(mutex_);
      kept_.push_back(std::move(respond));
      changed_.notify_all();
    };
  }

  void wait_for_requests(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(
        changed_.wait_for(lock, std::chrono::seconds(5), [&] { return kept_.size() >= count; }));
  }
  std::vector<std::string> wait_for_gone(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(
        changed_.wait_for(lock, std::chrono::seconds(5), [&] { return gone_.size() >= count; }));
    return gone_;
  }
  void answer_first() {
    std::unique_lock lock(mutex_);
    api::Respond respond = std::move(kept_.front());
    lock.unlock();
    respond(plain(200, "late"));
  }
  std::size_t gone_count() {
    const std::lock_guard lock(mutex_);
    return gone_.size();
  }

 private:
  void note(const std::string& target) {
    const std::lock_guard lock(mutex_);
    gone_.push_back(target);
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<api::Respond> kept_;
  std::vector<std::string> gone_;
};

TEST(WaitingClient, IsToldToBeGoneWhenItsConnectionEnds) {
  Watching watching;
  RunningServer server(watching.keep());
  {
    RawClient client(server.port);
    client.send(get("/a") + get("/b"));
    watching.wait_for_requests(2);
    EXPECT_EQ(watching.gone_count(), 0U);
  }
  auto gone = watching.wait_for_gone(2);
  std::ranges::sort(gone);
  EXPECT_EQ(gone, (std::vector<std::string>{"/a", "/b"}));
}

TEST(WaitingClient, IsGoneWhenItEndsItsSideAndStillGetsAnAnswer) {
  Watching watching;
  RunningServer server(watching.keep());
  RawClient client(server.port);
  client.send(get("/a"));
  watching.wait_for_requests(1);
  client.end_sending();
  watching.wait_for_gone(1);
  watching.answer_first();
  EXPECT_EQ(client.read_answer()->body, "late");
}

TEST(WaitingClient, IsStillThereWhileItsConnectionIs) {
  Watching watching;
  RunningServer server(watching.keep());
  RawClient client(server.port);
  client.send(get("/a"));
  watching.wait_for_requests(1);
  watching.answer_first();
  EXPECT_EQ(client.read_answer()->body, "late");
  client.send(get("/b"));
  watching.wait_for_requests(2);
  EXPECT_EQ(watching.gone_count(), 0U);
}

TEST(WaitingClient, IsGoneWhenTheServerGivesUpOnIt) {
  Watching watching;
  RunningServer server(watching.keep(), {.drain_time = std::chrono::milliseconds(50)});
  RawClient client(server.port);
  client.send(get("/a"));
  watching.wait_for_requests(1);
  server.stop_and_wait();
  watching.wait_for_gone(1);
}

TEST(AccessOfAClaim, IsLoggedWithoutItsId) {
  const std::string id = core::claim_id(core::ClaimKey{{7, 7, 7}}, core::StackName("a"));
  RunningServer server([](const api::Request& request, api::Respond respond) {
    api::Response response = plain(200, request.target);
    if (request.target.ends_with("/extend")) response.log_target = "/v1/claims/a#7/extend";
    respond(std::move(response));
  });
  RawClient client(server.port);
  client.send(get("/v1/claims/" + id) + get("/v1/claims/" + id + "/extend") + get("/v1/stacks"));
  EXPECT_EQ(client.read_answer()->body, "/v1/claims/" + id) << "the handler needs all of it";
  EXPECT_TRUE(client.read_answer());
  EXPECT_TRUE(client.read_answer());
  server.stop_and_wait();
  const auto lines = server.accesses();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].target, "/v1/claims/a");
  EXPECT_EQ(lines[1].target, "/v1/claims/a#7/extend");
  EXPECT_EQ(lines[2].target, "/v1/stacks");
}

TEST(AccessOfAClaim, IsLoggedWithoutItsIdWhereTheRequestIsRefused) {
  const std::string id = core::claim_id(core::ClaimKey{{7, 7, 7}}, core::StackName("a"));
  RunningServer server(echo, {.body_bytes = 4});
  RawClient client(server.port);
  client.send("POST /v1/claims/" + id +
              "/extend HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345");
  EXPECT_EQ(client.read_answer()->status, 413U);
  server.stop_and_wait();
  for (const AccessLine& line : server.accesses())
    EXPECT_EQ(line.target.find(id.substr(0, 22)), std::string::npos) << line.target;
}

}  // namespace
}  // namespace bddlock::http
