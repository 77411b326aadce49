#include "net/client.hpp"

#include <gtest/gtest.h>

#include "fake_server.hpp"

namespace bddlock::net {
namespace {

using std::chrono::milliseconds;

Client client_of(const FakeServer& server, const std::string& prefix = "") {
  return Client({"127.0.0.1", std::to_string(server.port), prefix});
}

ClientRequest get(std::string target) { return {.method = "GET", .target = std::move(target)}; }
ClientRequest put(std::string target) { return {.method = "PUT", .target = std::move(target)}; }

void expect_failure(const std::expected<ClientResponse, NetError>& result, Failure failure,
                    std::string_view says) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, failure) << result.error().detail;
  EXPECT_NE(result.error().detail.find(says), std::string::npos) << result.error().detail;
}

TEST(Client, SendsWhatItIsTold) {
  std::string seen;
  FakeServer server([&](Peer& peer, int) {
    seen = peer.read_request();
    peer.answer("hello");
    peer.wait_for_end();
  });
  {
    auto client = client_of(server, "/dev");
    const auto answer = client.call({.method = "POST",
                                     .target = "/create-stack",
                                     .headers = {{"Authorization", "Bearer t"}},
                                     .body = "{}"});
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->body, "hello");
  }
  EXPECT_EQ(
      seen,
      "POST /dev/create-stack HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port) +
          "\r\nUser-Agent: bdd-lock\r\nAuthorization: Bearer t\r\nContent-Length: 2\r\n\r\n{}");
}

TEST(Client, NamesItselfOnce) {
  std::string seen;
  FakeServer server([&](Peer& peer, int) {
    seen = peer.read_request();
    peer.answer("hello");
  });
  auto request = get("/");
  request.headers = {{"user-agent", "bdd-lock/0.1.0"}};
  EXPECT_EQ(client_of(server).call(request)->body, "hello");
  EXPECT_EQ(seen, "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port) +
                      "\r\nuser-agent: bdd-lock/0.1.0\r\n\r\n");
}

TEST(Client, UsesItsConnectionAgain) {
  FakeServer server([](Peer& peer, int) {
    while (!peer.read_request().empty()) peer.answer("x");
  });
  auto client = client_of(server);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.call(put("/"))->body, "x");
  EXPECT_EQ(server.connections, 1);
}

TEST(Client, OpensANewConnectionWhereTheServerEndedTheOldOneWhileIdle) {
  FakeServer server([](Peer& peer, int) {
    peer.read_request();
    peer.answer("x");
  });
  auto client = client_of(server);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(client.call(put("/"))->body, "x");
    std::this_thread::sleep_for(milliseconds(20));  // the end arrives
  }
  EXPECT_EQ(server.connections, 5);
}

TEST(Client, RepeatsAGetWhoseKeptConnectionEndedBeforeAnyAnswer) {
  FakeServer server([](Peer& peer, int nth) {
    peer.read_request();
    peer.answer(nth == 0 ? "first" : "second");
    peer.read_request();  // taken, and not answered
  });
  auto client = client_of(server);
  EXPECT_EQ(client.call(get("/"))->body, "first");
  EXPECT_EQ(client.call(get("/"))->body, "second");
  EXPECT_EQ(server.connections, 2);
}

TEST(Client, NeverRepeatsAChangeThatMayHaveHappened) {
  std::atomic<int> requests = 0;
  FakeServer server([&](Peer& peer, int) {
    if (!peer.read_request().empty()) ++requests;
    peer.answer("first");
    if (!peer.read_request().empty()) ++requests;
  });
  auto client = client_of(server);
  EXPECT_EQ(client.call(put("/"))->body, "first");
  expect_failure(client.call(put("/")), Failure::outcome_unknown, "ended before an answer came");
  EXPECT_EQ(requests, 2);
}

TEST(Client, RepeatsAGetOnlyOnce) {
  FakeServer server([](Peer& peer, int nth) {
    peer.read_request();
    if (nth == 0) peer.answer("first");
    if (nth == 0) peer.read_request();
  });
  auto client = client_of(server);
  EXPECT_EQ(client.call(get("/"))->body, "first");
  expect_failure(client.call(get("/")), Failure::outcome_unknown, "ended before an answer came");
  EXPECT_EQ(server.connections, 2);
}

TEST(Client, SaysThatNobodyListens) {
  std::uint16_t port = 0;
  {
    FakeServer gone([](Peer&, int) {});
    port = gone.port;
  }
  Client client({"localhost", std::to_string(port), ""});
  expect_failure(client.call(put("/")), Failure::not_sent,
                 "connection refused by 127.0.0.1:" + std::to_string(port));
}

TEST(Client, SaysThatAHostCannotBeFound) {
  Client client({"no-such-host.invalid", "80", ""});
  auto request = get("/");
  request.time_limit = milliseconds(1500);
  expect_failure(client.call(request), Failure::not_sent, "no-such-host.invalid");
}

TEST(Client, SaysThatItTimedOut) {
  FakeServer silent([](Peer& peer, int) { peer.wait_for_end(); });
  auto client = client_of(silent);
  auto request = get("/");
  request.time_limit = milliseconds(200);
  const auto start = std::chrono::steady_clock::now();
  expect_failure(client.call(request), Failure::timed_out, "timed out");
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(200));
}

TEST(Client, TimesOutInTheMiddleOfAnAnswerToo) {
  FakeServer server([](Peer& peer, int) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    peer.wait_for_end();
  });
  auto client = client_of(server);
  auto request = get("/");
  request.time_limit = milliseconds(200);
  expect_failure(client.call(request), Failure::timed_out, "timed out");
}

TEST(Client, TimesOutInAnAnswerThatNeverPausesToo) {
  FakeServer server([](Peer& peer, int) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "186a0\r\n" + std::string(100'000, 'x') + "\r\n";
    while (peer.send(chunk)) {
    }
  });
  auto client = client_of(server);
  auto request = get("/");
  request.time_limit = milliseconds(200);
  request.on_body_piece = [](std::string_view) { return true; };
  expect_failure(client.call(request), Failure::timed_out, "timed out");
}

TEST(Client, SaysThatWhatListensIsNoHttpServer) {
  FakeServer ssh([](Peer& peer, int) {
    peer.send("SSH-2.0-OpenSSH_9.2\r\n");
    peer.wait_for_end();
  });
  auto client = client_of(ssh);
  expect_failure(client.call(get("/")), Failure::outcome_unknown, "is not an HTTP server");
}

TEST(Client, NeverTakesATruncatedAnswerForAWholeOne) {
  for (const bool resets : {false, true})
    for (const std::string_view part :
         {"HTTP/1.1 200 O", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n"}) {
      FakeServer server([&](Peer& peer, int) {
        peer.read_request();
        peer.send(part);
        if (resets) peer.reset();
      });
      auto client = client_of(server);
      expect_failure(client.call(get("/")), Failure::outcome_unknown, "connection to 127.0.0.1");
    }
}

TEST(Client, TakesAnAnswerThatCameBeforeItsRequestWasRead) {
  FakeServer server([](Peer& peer, int) {
    peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    std::this_thread::sleep_for(milliseconds(50));
  });
  auto client = client_of(server);
  auto request = put("/");
  request.body = std::string(100, 'x');
  const auto answer = client.call(request);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, 413U);
}

TEST(Client, TakesNoLateAnswerForTheNextRequests) {
  FakeServer server([](Peer& peer, int nth) {
    peer.read_request();
    if (nth == 0)
      peer.send(
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: "
          "5\r\n\r\nstale");
    else
      peer.answer("b");
    peer.wait_for_end();
  });
  auto client = client_of(server);
  EXPECT_EQ(client.call(get("/"))->body, "a");
  EXPECT_EQ(client.call(get("/"))->body, "b");
}

TEST(Client, GivesALongAnswerInPieces) {
  FakeServer server([](Peer& peer, int) {
    while (!peer.read_request().empty()) {
      peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 100; ++i) peer.send("3e8\r\n" + std::string(1000, 'x') + "\r\n");
      peer.send("0\r\n\r\n");
    }
  });
  auto client = client_of(server);
  std::size_t bytes = 0;
  auto request = get("/v1/export");
  request.on_body_piece = [&](std::string_view piece) {
    bytes += piece.size();
    return true;
  };
  const auto answer = client.call(request);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->body, "");
  EXPECT_EQ(bytes, 100'000U);
  request.on_body_piece = [](std::string_view) { return false; };
  expect_failure(client.call(request), Failure::outcome_unknown, "could not be stored");
}

TEST(Client, SendsABodyLargerThanTheSocketsBuffers) {
  std::atomic<std::size_t> got = 0;
  FakeServer server([&](Peer& peer, int) {
    got = peer.read_request().size();
    peer.answer("x");
  });
  auto request = put("/v1/import");
  request.body = std::string(20'000'000, 'x');
  EXPECT_EQ(client_of(server).call(request)->body, "x");
  EXPECT_GT(got, 20'000'000U);
}

TEST(Client, RefusesToSendWhatWouldBreakTheRequestApart) {
  FakeServer server([](Peer&, int) {});
  auto client = client_of(server);
  ClientRequest request = get("/");
  request.headers = {{"Authorization", "secret\r\nX: y"}};
  const auto result = client.call(request);
  expect_failure(result, Failure::not_sent, "Authorization");
  EXPECT_EQ(result.error().detail.find("secret"), std::string::npos);
  expect_failure(client.call(get("/a b")), Failure::not_sent, "target");
  expect_failure(client.call(get("a")), Failure::not_sent, "target");
  expect_failure(client.call({.method = "GET /\r\n", .target = "/"}), Failure::not_sent, "method");
  EXPECT_EQ(server.connections, 0);
}

}  // namespace
}  // namespace bddlock::net
