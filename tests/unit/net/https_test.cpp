// HTTPS as a caller sees it: connections, whole answers, time limits.
#include "https.hpp"

#include <thread>

namespace bddlock::net {
namespace {

using std::chrono::milliseconds;

TEST(Https, CallsAServerByNameAndByAddress) {
  std::string seen;
  FakeServer server(by_tls([&](Peer& peer, int) {
    seen = peer.read_request();
    peer.answer("hello");
    peer.wait_for_end();
  }));
  for (const char* host : {"localhost", "127.0.0.1"}) {
    auto client = client_of(server, trusting(), host);
    expect_body(client.call(put("/claim")), "hello");
  }
  EXPECT_EQ(seen, "PUT /claim HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port) +
                      "\r\nUser-Agent: bdd-lock\r\nContent-Length: 0\r\n\r\n");
}

TEST(Https, NamesTheHostBeforeTheHandshakeButNoAddress) {
  std::vector<std::string> names;
  FakeServer server([&](Peer& peer, int) {
    if (!peer.start_tls(*Pki::get().context)) return;
    names.push_back(peer.server_name());
    answer_all(peer, 0);
  });
  for (const char* host : {"localhost", "127.0.0.1"})
    expect_body(client_of(server, trusting(), host).call(get("/")), "hello");
  EXPECT_EQ(names, (std::vector<std::string>{"localhost", ""}));
}

TEST(Https, UsesItsConnectionAgainInBothVersions) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto context = server_context(Pki::get().good);
    SSL_CTX_set_max_proto_version(context.get(), version);
    FakeServer server(by_tls(answer_all, context));
    auto client = client_of(server);
    for (int i = 0; i < 5; ++i) {
      expect_body(client.call(put("/")), "hello");
      std::this_thread::sleep_for(milliseconds(5));  // tickets arrive between the calls
    }
    EXPECT_EQ(server.connections, 1) << version;
  }
}

TEST(Https, OpensANewConnectionWhereTheServerEndedTheOldOneWhileIdle) {
  for (const bool properly : {true, false}) {
    FakeServer server(by_tls([&](Peer& peer, int) {
      peer.read_request();
      peer.answer("x");
      if (properly) peer.say_goodbye();
    }));
    auto client = client_of(server);
    for (int i = 0; i < 3; ++i) {
      expect_body(client.call(put("/")), "x");
      std::this_thread::sleep_for(milliseconds(20));  // the end arrives
    }
    EXPECT_EQ(server.connections, 3);
  }
}

TEST(Https, RepeatsAGetWhoseKeptConnectionEndedBeforeAnyAnswer) {
  FakeServer server(by_tls([](Peer& peer, int nth) {
    peer.read_request();
    peer.answer(nth == 0 ? "first" : "second");
    peer.read_request();  // taken, and not answered
  }));
  auto client = client_of(server);
  expect_body(client.call(get("/")), "first");
  expect_body(client.call(get("/")), "second");
}

TEST(Https, NeverRepeatsAChangeThatMayHaveHappened) {
  std::atomic<int> requests = 0;
  FakeServer server(by_tls([&](Peer& peer, int) {
    if (!peer.read_request().empty()) ++requests;
    peer.answer("first");
    if (!peer.read_request().empty()) ++requests;
  }));
  auto client = client_of(server);
  expect_body(client.call(put("/")), "first");
  expect_failure(client.call(put("/")), Failure::outcome_unknown, "ended before an answer came");
  EXPECT_EQ(requests, 2);
}

TEST(Https, NeverTakesATruncatedAnswerForAWholeOne) {
  for (const bool resets : {false, true})
    for (const std::string_view part :
         {"HTTP/1.1 200 O", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
          "HTTP/1.1 200 OK\r\n\r\nhalf of an answer that only the end of the connection ends"}) {
      FakeServer server(by_tls([&](Peer& peer, int) {
        peer.read_request();
        peer.send(part);
        if (resets) peer.reset();
      }));
      expect_failure(client_of(server).call(get("/")), Failure::outcome_unknown,
                     "the connection to localhost:");
    }
}

TEST(Https, TakesAnAnswerThatEndsWithTheConnectionWhereTlsSaysThatItDoes) {
  FakeServer server(by_tls([](Peer& peer, int) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\n\r\nall of it");
    peer.say_goodbye();
  }));
  expect_body(client_of(server).call(get("/")), "all of it");
}

TEST(Https, CarriesBodiesLargerThanAnyBuffer) {
  std::atomic<std::size_t> got = 0;
  const std::string large(3'000'000, 'y');
  FakeServer server(by_tls([&](Peer& peer, int) {
    got = peer.read_request().size();
    peer.answer(large);
    peer.wait_for_end();
  }));
  auto request = put("/v1/import");
  request.body = std::string(5'000'000, 'x');
  auto client = client_of(server);
  const auto answer = client.call(request);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_TRUE(answer->body == large);
  EXPECT_GT(got, 5'000'000U);
}

TEST(Https, IsLimitedInTimeInTheHandshake) {
  FakeServer silent([](Peer& peer, int) { peer.wait_for_end(); });
  auto request = put("/");
  request.time_limit = milliseconds(200);
  const auto result = client_of(silent).call(request);
  expect_failure(result, Failure::not_sent, "timed out in the TLS handshake");
  EXPECT_EQ(result.error().step, Step::tls);
  EXPECT_FALSE(result.error().permanent);
}

TEST(Https, IsLimitedInTimeInTheAnswer) {
  FakeServer server(by_tls([](Peer& peer, int) { peer.wait_for_end(); }));
  auto request = put("/");
  request.time_limit = milliseconds(300);
  expect_failure(client_of(server).call(request), Failure::timed_out, "timed out");
}

TEST(Https, SaysWhenTheServerEndsTheHandshake) {
  FakeServer server([](Peer&, int) {});
  const auto result = client_of(server).call(get("/"));
  expect_failure(result, Failure::not_sent, "ended the connection in the TLS handshake");
  EXPECT_FALSE(result.error().permanent) << "it may just be starting";
}

TEST(Https, RecognisesAServerOfPlainHttp) {
  FakeServer server([](Peer& peer, int) {
    peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    peer.wait_for_end();
  });
  expect_mistake(client_of(server).call(get("/")), Step::tls,
                 "speaks plain HTTP: write http:// instead of https://");
}

TEST(Https, RecognisesWhatSpeaksNoTls) {
  FakeServer server([](Peer& peer, int) {
    peer.send("SSH-2.0-OpenSSH_9.2\r\n");
    peer.wait_for_end();
  });
  expect_mistake(client_of(server).call(get("/")), Step::tls, "does not speak TLS");
}

TEST(Https, SaysThatTheServersTlsIsTooOld) {
  const auto context = server_context(Pki::get().good);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
  FakeServer server(by_tls(answer_all, context));
  expect_mistake(client_of(server).call(get("/")), Step::tls, "1.2 or later");
}

TEST(Https, SaysThatAClientsCertificateIsWanted) {
  const auto context = server_context(Pki::get().good);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  FakeServer server(by_tls(answer_all, context));
  // In TLS 1.3 the server says so after the client may already have sent its request.
  expect_failure(client_of(server).call(put("/")), Failure::outcome_unknown,
                 "it wants a certificate of the client");
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  expect_mistake(client_of(server).call(put("/")), Step::tls, "the TLS handshake with");
}

TEST(Http, RecognisesAServerOfTls) {
  FakeServer alert([](Peer& peer, int) {
    peer.read_request();
    peer.send(std::string_view("\x15\x03\x03\x00\x02\x02\x50", 7));
  });
  Client client({"127.0.0.1", std::to_string(alert.port), ""});
  expect_mistake(client.call(put("/")), Step::request, "speaks TLS: write https://");

  for (const char* text : {"<center>The plain HTTP request was sent to HTTPS port</center>",
                           "Client sent an HTTP request to an HTTPS server.\n",
                           "You're speaking plain HTTP to an SSL-enabled server port.<br />"}) {
    FakeServer nginx([&](Peer& peer, int) {
      peer.read_request();
      const std::string body = text;
      peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
    });
    Client plain({"127.0.0.1", std::to_string(nginx.port), ""});
    expect_mistake(plain.call(put("/")), Step::request, "speaks HTTPS there: write https://");
  }
}

}  // namespace
}  // namespace bddlock::net
