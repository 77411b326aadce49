#include <condition_variable>

#include "raw_client.hpp"
#include "running_server.hpp"

namespace bddlock::http {
namespace {

using std::chrono::milliseconds;

TEST(Connection, IsKeptByDefaultAndEndsWhenAsked) {
  RunningServer server;
  RawClient client(server.port);
  for (int i = 0; i < 3; ++i) {
    client.send(get("/"));
    EXPECT_EQ(client.read_answer()->head.find("Connection:"), std::string::npos);
  }
  client.send(get("/last", "Connection: close\r\n") + get("/unheard"));
  const auto answer = client.read_answer();
  EXPECT_TRUE(answer->says("Connection: close"));
  EXPECT_EQ(client.read_all(), "");
  EXPECT_EQ(client.end(), RawClient::End::closed);
}

TEST(Connection, OfAnOldClientEndsUnlessItAsksToKeepIt) {
  RunningServer server;
  RawClient ends(server.port);
  ends.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(ends.read_answer()->says("Connection: close"));
  EXPECT_EQ(ends.end(), RawClient::End::closed);
  RawClient kept(server.port);
  for (int i = 0; i < 2; ++i) {
    kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(kept.read_answer()->says("Connection: keep-alive"));
  }
}

TEST(Connection, WhoseClientStopsSendingStillGetsItsAnswers) {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<api::Respond> waiting;
  RunningServer server([&](api::Request, api::Respond respond) {
    const std::lock_guard lock(mutex);
    waiting = std::move(respond);
    changed.notify_all();
  });
  RawClient client(server.port);
  client.send(get("/"));
  client.end_sending();
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(5), [&] { return waiting.has_value(); }));
  (*waiting)(plain(200, "late"));
  EXPECT_EQ(client.read_answer()->body, "late");
  EXPECT_EQ(client.end(), RawClient::End::closed);
}

TEST(Connection, ThatEndsInTheMiddleOfARequestIsToldSo) {
  RunningServer server;
  RawClient client(server.port);
  client.send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf");
  client.end_sending();
  const auto answer = client.read_answer();
  EXPECT_EQ(answer->status, 400U);
  EXPECT_NE(answer->body.find("ended in the middle"), std::string::npos);
}

TEST(Connection, ThatWentAwayDoesNotDisturbTheOthers) {
  std::mutex mutex;
  std::vector<api::Respond> waiting;
  RunningServer server([&](api::Request request, api::Respond respond) {
    const std::lock_guard lock(mutex);
    if (request.target == "/wait") return waiting.push_back(std::move(respond));
    echo(std::move(request), std::move(respond));
  });
  RawClient other(server.port);
  {
    RawClient gone(server.port);
    gone.send(get("/wait") + get("/wait"));
    other.send(get("/"));
    EXPECT_EQ(other.read_answer()->status, 200U);
  }
  other.send(get("/"));
  EXPECT_EQ(other.read_answer()->status, 200U);
  {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(waiting.size(), 2U);
    for (auto& respond : waiting) respond(plain(200, std::string(1'000'000, 'x')));
  }
  other.send(get("/"));
  EXPECT_EQ(other.read_answer()->status, 200U);
}

TEST(Connection, OneTooManyIsAnswered503AndTheOthersGoOn) {
  RunningServer server(echo, {.connections = 2});
  RawClient first(server.port), second(server.port);
  for (auto* client : {&first, &second}) {
    client->send(get("/"));
    ASSERT_EQ(client->read_answer()->status, 200U);
  }
  for (int i = 0; i < 3; ++i) {
    RawClient third(server.port);
    third.send(get("/"));
    const auto answer = third.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 503U);
    EXPECT_TRUE(answer->says("Retry-After: 1"));
    EXPECT_TRUE(answer->says("Connection: close"));
    EXPECT_EQ(third.end(), RawClient::End::closed);
  }
  first.send(get("/"));
  EXPECT_EQ(first.read_answer()->status, 200U);
}

TEST(Connection, TakesThePlaceOfOneThatEnded) {
  RunningServer server(echo, {.connections = 1});
  for (int i = 0; i < 20; ++i) {
    // The server learns of the end of the one before at a later turn; until then it answers 503.
    unsigned status = 503;
    for (int attempt = 0; status == 503 && attempt < 1000; ++attempt) {
      RawClient client(server.port);
      client.send(get("/"));
      const auto answer = client.read_answer();
      ASSERT_TRUE(answer) << i;
      status = answer->status;
    }
    ASSERT_EQ(status, 200U) << i;
  }
}

// Refuses to leave anybody waiting: the flood gets answers or a closed connection, at once.
TEST(Connection, FloodOverTheLimitHangsNobody) {
  RunningServer server(echo, {.connections = 1});
  RawClient keeper(server.port);
  keeper.send(get("/"));
  ASSERT_EQ(keeper.read_answer()->status, 200U);
  std::vector<RawClient> flood;
  for (int i = 0; i < 100; ++i) flood.emplace_back(server.port);
  for (auto& client : flood) EXPECT_NE(client.end(), RawClient::End::open);
  keeper.send(get("/"));
  EXPECT_EQ(keeper.read_answer()->status, 200U);
}

TEST(Tick, ComesOnceASecond) {
  std::atomic<int> ticks = 0;
  const auto start = std::chrono::steady_clock::now();
  RunningServer server(echo, {}, [&] { ++ticks; });
  while (ticks < 2) std::this_thread::sleep_for(milliseconds(10));
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_GE(took, milliseconds(1'900));
}

}  // namespace
}  // namespace bddlock::http
