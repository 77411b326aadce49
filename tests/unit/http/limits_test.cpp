#include <sys/resource.h>

#include "raw_client.hpp"
#include "running_server.hpp"

namespace bddlock::http {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

// So long that a busy machine does not stand still for it between two steps of a test.
constexpr milliseconds short_time{1500};

TEST(Limit, OfTheHeaderIs431) {
  RunningServer server;
  RawClient client(server.port);
  client.send(get("/", "X: " + std::string(9000, 'x') + "\r\n"));
  const auto answer = client.read_answer();
  EXPECT_EQ(answer->status, 431U);
  EXPECT_NE(answer->body.find("8192 bytes"), std::string::npos);
  EXPECT_EQ(client.end(), RawClient::End::closed);
}

TEST(Limit, OfTheBodyIs413BeforeItIsSent) {
  RunningServer server;
  RawClient client(server.port);
  client.send("POST / HTTP/1.1\r\nContent-Length: 65537\r\nExpect: 100-continue\r\n\r\n");
  const auto answer = client.read_answer();
  EXPECT_EQ(answer->status, 413U);
  EXPECT_NE(answer->body.find("65536 bytes"), std::string::npos);
}

TEST(Limit, OfTheBodyTakesOneOfExactlyThatSize) {
  RunningServer server;
  RawClient client(server.port);
  client.send("POST / HTTP/1.1\r\nContent-Length: 65536\r\n\r\n" + std::string(65536, 'b'));
  EXPECT_EQ(client.read_answer()->body.size(), 65536U + 4);
}

// Closing with the client's bytes unread would reset the connection and discard the answer.
TEST(Limit, OfTheBodyIsAnsweredToAClientThatSendsItAllTheSame) {
  RunningServer server;
  RawClient client(server.port);
  client.send("POST / HTTP/1.1\r\nContent-Length: 8000000\r\n\r\n");
  EXPECT_TRUE(client.send(std::string(8'000'000, 'b')));
  EXPECT_EQ(client.read_answer()->status, 413U);
  EXPECT_EQ(client.end(), RawClient::End::closed);
}

TEST(Limit, OfTimeForARequestIs408) {
  RunningServer server(echo, {.request_time = short_time});
  for (const std::string_view half : {"GET / HT", "GET / HTTP/1.1\r\nHost: x\r\n", "G",
                                      "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab"}) {
    RawClient client(server.port);
    const auto start = SteadyClock::now();
    client.send(half);
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << half;
    EXPECT_EQ(answer->status, 408U);
    EXPECT_GE(SteadyClock::now() - start, short_time);
    EXPECT_EQ(client.end(), RawClient::End::closed);
  }
}

TEST(Limit, OfTimeForARequestIsNotProlongedByDrops) {
  RunningServer server(echo, {.request_time = short_time});
  RawClient client(server.port);
  std::jthread drip([&](const std::stop_token& stop) {
    while (!stop.stop_requested() && client.send("a"))
      std::this_thread::sleep_for(milliseconds(20));
  });
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408U);
}

TEST(Limit, OfTimeForARequestDoesNotCountWhileNothingIsRead) {
  std::mutex mutex;
  std::optional<api::Respond> waiting;
  RunningServer server(
      [&](api::Request request, api::Respond respond) {
        if (request.target != "/wait") return echo(std::move(request), std::move(respond));
        const std::lock_guard lock(mutex);
        waiting = std::move(respond);
      },
      {.request_time = short_time, .pipelined = 1});
  RawClient client(server.port);
  client.send(get("/wait") + "GET /half HT");
  std::this_thread::sleep_for(short_time * 2);
  {
    const std::lock_guard lock(mutex);
    (*waiting)(plain(200, "at last"));
  }
  EXPECT_EQ(client.read_answer()->body, "at last");
  client.send("TP/1.1\r\n\r\n");
  EXPECT_EQ(client.read_answer()->body, "/half|-|");
}

TEST(Limit, OfIdleTimeEndsTheConnectionWithoutAWord) {
  RunningServer server(echo, {.idle_time = short_time});
  RawClient never_spoke(server.port), once(server.port);
  once.send(get("/"));
  ASSERT_EQ(once.read_answer()->status, 200U);
  EXPECT_EQ(once.read_all(), "");
  EXPECT_EQ(once.end(), RawClient::End::closed);
  EXPECT_EQ(never_spoke.end(), RawClient::End::closed);
}

TEST(Limit, OfIdleTimeDoesNotEndOneThatWaitsForItsAnswer) {
  std::mutex mutex;
  std::optional<api::Respond> waiting;
  RunningServer server(
      [&](api::Request, api::Respond respond) {
        const std::lock_guard lock(mutex);
        waiting = std::move(respond);
      },
      {.request_time = short_time, .idle_time = short_time});
  RawClient client(server.port);
  client.send(get("/"));
  std::this_thread::sleep_for(short_time * 3);
  {
    const std::lock_guard lock(mutex);
    (*waiting)(plain(200, "patience"));
  }
  EXPECT_EQ(client.read_answer()->body, "patience");
}

TEST(Limit, OfTimeEndsAClientThatReadsNothing) {
  const std::string large(10'000'000, 'x');
  RunningServer server([&](api::Request, api::Respond respond) { respond(plain(200, large)); },
                       {.request_time = short_time});
  RawClient client(server.port, 4096);
  client.send(get("/"));
  EXPECT_TRUE(client.wait_for_reset());
}

// The time that the answer took is ours, not the client's.
TEST(Limit, OfTimeToTakeAnAnswerBeginsWithTheAnswer) {
  std::atomic<bool> answered = false;
  RunningServer server(
      [&](api::Request, api::Respond respond) {
        std::thread([&answered, respond = std::move(respond)]() mutable {
          std::this_thread::sleep_for(short_time * 2);
          respond(plain(200, std::string(10'000'000, 'x')));
          answered = true;
        }).detach();
      },
      {.request_time = short_time, .idle_time = short_time});
  RawClient client(server.port, 4096);
  client.send(get("/"));
  while (!answered) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_TRUE(client.read_answer());
}

// The kernel tells that there is room when a third of its buffer is free, and a megabyte of it
// takes a slow reader longer than the time that it has for 16 KiB.
TEST(Limit, OfTimeLetsASlowReaderGoOn) {
  const std::string large(8'000'000, 'x');
  RunningServer server([&](api::Request, api::Respond respond) { respond(plain(200, large)); },
                       {.request_time = short_time, .idle_time = short_time});
  RawClient client(server.port, 4096);
  client.send(get("/"));
  client.pause = milliseconds(20);
  const auto start = SteadyClock::now();
  while (SteadyClock::now() - start < short_time * 2) ASSERT_TRUE(client.read_some());
  client.pause = milliseconds(0);
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.size(), large.size());
}

TEST(Backpressure, ReadsNoMoreRequestsFromAClientThatTakesNoAnswers) {
  std::atomic<int> asked = 0;
  const std::string large(30'000, 'x');
  RunningServer server(
      [&](api::Request, api::Respond respond) {
        ++asked;
        respond(plain(200, large));
      },
      {.pipelined = 10'000});
  RawClient client(server.port, 4096);
  std::string many;
  for (int i = 0; i < 2000; ++i) many += get("/");
  client.send(many);
  RawClient other(server.port);
  for (int i = 0; i < 50; ++i) {
    other.send(get("/"));
    ASSERT_TRUE(other.read_answer());
  }
  // What one read brought, and what the sockets' buffers hold.
  EXPECT_LT(asked - 50, 1500);
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(client.read_answer()->body.size(), large.size()) << i;
}

// The only test that changes the process: put back before it ends.
TEST(Limit, OfOpenFilesPausesAcceptingAndGoesOn) {
  RunningServer server;
  RawClient before(server.port);
  before.send(get("/"));
  ASSERT_EQ(before.read_answer()->status, 200U);
  rlimit usual{};
  getrlimit(RLIMIT_NOFILE, &usual);
  const int next_file = dup(0);
  close(next_file);
  // Room for the client's own end of the connection, none for the server's.
  rlimit tight{static_cast<rlim_t>(next_file) + 1, usual.rlim_max};
  setrlimit(RLIMIT_NOFILE, &tight);
  RawClient waits(server.port);
  EXPECT_TRUE(waits.connected);
  waits.send(get("/"));
  rusage start{}, end{};
  getrusage(RUSAGE_SELF, &start);
  std::this_thread::sleep_for(milliseconds(600));
  getrusage(RUSAGE_SELF, &end);
  before.send(get("/"));
  EXPECT_EQ(before.read_answer()->status, 200U);
  setrlimit(RLIMIT_NOFILE, &usual);
  EXPECT_EQ(waits.read_answer()->status, 200U);
  const auto busy_us = [](const rusage& u) {
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1'000'000 + u.ru_utime.tv_usec +
           u.ru_stime.tv_usec;
  };
  EXPECT_LT(busy_us(end) - busy_us(start), 300'000) << "it spins";
}

}  // namespace
}  // namespace bddlock::http
