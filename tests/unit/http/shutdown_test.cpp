#include <csignal>

#include "raw_client.hpp"
#include "running_server.hpp"

namespace bddlock::http {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

// Keeps every request until the test answers it.
struct Kept {
  std::mutex mutex;
  std::vector<api::Respond> waiting;

  OnRequest keep() {
    return [this](api::Request, api::Respond respond) {
      const std::lock_guard lock(mutex);
      waiting.push_back(std::move(respond));
    };
  }
  void wait_for(std::size_t count) {
    for (;; std::this_thread::sleep_for(milliseconds(2))) {
      const std::lock_guard lock(mutex);
      if (waiting.size() >= count) return;
    }
  }
  void answer_all() {
    const std::lock_guard lock(mutex);
    for (auto& respond : waiting) respond(plain(200, "done"));
    waiting.clear();
  }
};

TEST(Shutdown, EndsAtOnceWithOnlyIdleConnections) {
  RunningServer server(echo, {.drain_time = std::chrono::hours(1)});
  RawClient idle(server.port), used(server.port);
  used.send(get("/"));
  ASSERT_EQ(used.read_answer()->status, 200U);
  server.stop_and_wait();
  EXPECT_EQ(idle.end(), RawClient::End::closed);
  EXPECT_EQ(used.end(), RawClient::End::closed);
}

TEST(Shutdown, FinishesWhatIsInFlightAndSaysThatTheConnectionEnds) {
  Kept kept;
  RunningServer server(kept.keep());
  RawClient client(server.port);
  client.send(get("/a") + get("/b"));
  kept.wait_for(2);
  server.stop();
  RawClient late(server.port);
  while (RawClient(server.port).connected) std::this_thread::sleep_for(milliseconds(2));
  EXPECT_FALSE(server.ended);
  kept.answer_all();
  EXPECT_FALSE(client.read_answer()->says("Connection: close"));
  EXPECT_TRUE(client.read_answer()->says("Connection: close"));
  EXPECT_EQ(client.end(), RawClient::End::closed);
  server.stop_and_wait();
}

TEST(Shutdown, LetsAHalfSentRequestFinish) {
  RunningServer server;
  RawClient client(server.port);
  client.send("POST /half HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_EQ(client.read_answer()->status, 100U);
  server.stop();
  while (RawClient(server.port).connected) std::this_thread::sleep_for(milliseconds(2));
  client.send("body" + get("/never"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "/half|-|body");
  EXPECT_TRUE(answer->says("Connection: close"));
  EXPECT_EQ(client.read_all(), "");
}

TEST(Shutdown, StillServesARequestThatHasArrivedUnread) {
  std::atomic<bool> blocked = false, go_on = false;
  RunningServer server([&](api::Request request, api::Respond respond) {
    if (request.target == "/block") {
      blocked = true;
      while (!go_on) std::this_thread::sleep_for(milliseconds(1));
    }
    echo(std::move(request), std::move(respond));
  });
  RawClient idle(server.port), blocks(server.port);
  idle.send(get("/"));
  ASSERT_EQ(idle.read_answer()->status, 200U);
  blocks.send(get("/block"));
  while (!blocked) std::this_thread::sleep_for(milliseconds(1));
  idle.send(get("/arrived"));
  server.stop();
  go_on = true;
  const auto answer = idle.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "/arrived|-|");
  EXPECT_TRUE(answer->says("Connection: close"));
}

TEST(Shutdown, TakesDrainTimeAtMost) {
  Kept kept;
  const milliseconds drain_time{500};
  RunningServer server(kept.keep(), {.drain_time = drain_time});
  RawClient client(server.port);
  client.send(get("/never-answered"));
  kept.wait_for(1);
  const auto start = SteadyClock::now();
  server.stop_and_wait();
  EXPECT_GE(SteadyClock::now() - start, drain_time);
  EXPECT_FALSE(client.read_answer());
  kept.answer_all();  // too late: dropped, and nothing breaks
}

TEST(Shutdown, MayBeAskedForBeforeItRunsAndTwice) {
  auto server = Server::listen("127.0.0.1", 0, {}, echo, {}).value();
  server->stop();
  server->stop();
  server->run(false);
}

TEST(Shutdown, OutlivesAnswersThatComeAfterTheServerIsGone) {
  std::optional<api::Respond> waiting;
  {
    Kept kept;
    RunningServer server(kept.keep(), {.drain_time = milliseconds(50)});
    RawClient client(server.port);
    client.send(get("/"));
    kept.wait_for(1);
    server.stop_and_wait();
    waiting = std::move(kept.waiting.front());
  }
  (*waiting)(plain(200, "for nobody"));
}

TEST(Shutdown, FollowsASignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    auto server = Server::listen("127.0.0.1", 0, {}, echo, {}).value();
    std::thread runner([&] { server->run(true); });
    RawClient client(server->local_port());
    client.send(get("/"));
    ASSERT_EQ(client.read_answer()->status, 200U);  // so it runs, and has its signals
    raise(signal);
    runner.join();
    EXPECT_EQ(client.end(), RawClient::End::closed);
  }
}

TEST(Shutdown, UnderLoadAnswersEveryRequestItTook) {
  std::atomic<int> taken = 0;
  auto server = std::make_unique<RunningServer>([&](api::Request request, api::Respond respond) {
    ++taken;
    std::thread([request = std::move(request), respond = std::move(respond)]() mutable {
      echo(std::move(request), std::move(respond));
    }).detach();
  });
  std::atomic<int> answered = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 8; ++i)
    clients.emplace_back([&, port = server->port] {
      RawClient client(port);
      while (client.send(get("/")) && client.read_answer()) ++answered;
    });
  while (answered < 200) std::this_thread::sleep_for(milliseconds(1));
  server->stop_and_wait();
  clients.clear();
  EXPECT_EQ(answered, taken);
}

}  // namespace
}  // namespace bddlock::http
