// Calls through proxies, good and bad ones.
#include <chrono>

#include "https.hpp"

namespace bddlock::net {
namespace {

using std::chrono::milliseconds;

// Plain HTTP proxies and, with `tls`, those that are themselves reached by TLS, all at loopback.
Surroundings through(const FakeServer& proxy, const std::string& user_and_password = "",
                     bool tls = false) {
  auto surroundings = trusting();
  const std::string at = user_and_password.empty() ? "" : user_and_password + "@";
  surroundings.https_proxy = {
      (tls ? "https://" : "http://") + at + "localhost:" + std::to_string(proxy.port),
      "HTTPS_PROXY"};
  surroundings.http_proxy = surroundings.https_proxy;
  surroundings.http_proxy.from = "http_proxy";
  return surroundings;
}

// No machine has this name: only a proxy can know it.
const Endpoint locks{"locks.test", "443", "/dev", true};
const Endpoint plain_locks{"locks.test", "8080", "/dev", false};

// A proxy that does its work; `seen` is what it was asked.
std::function<void(Peer&, int)> good_proxy(std::string& seen, std::uint16_t port) {
  return [&seen, port](Peer& peer, int) {
    seen = peer.read_request();
    peer.send("HTTP/1.1 200 Connection established\r\n\r\n");
    peer.relay_to(port);
  };
}

TEST(Tunnel, LeadsToTheServerAndIsUsedAgain) {
  std::string seen;
  FakeServer server(by_tls(answer_all));
  FakeServer proxy(good_proxy(seen, server.port));
  Client client(locks, through(proxy));
  for (int i = 0; i < 3; ++i) expect_body(client.call(put("/")), "hello");
  EXPECT_EQ(proxy.connections, 1);
  EXPECT_EQ(server.connections, 1);
  EXPECT_EQ(
      seen,
      "CONNECT locks.test:443 HTTP/1.1\r\nHost: locks.test:443\r\nUser-Agent: bdd-lock\r\n\r\n");
}

TEST(Tunnel, GivesThePasswordToTheProxyAndTheTokenToTheServerOnly) {
  std::string asked;
  std::string request;
  FakeServer server(by_tls([&](Peer& peer, int) {
    request = peer.read_request();
    peer.answer("hello");
    peer.wait_for_end();
  }));
  FakeServer proxy(good_proxy(asked, server.port));
  auto authorised = put("/");
  authorised.headers = {{"Authorization", "token"}};
  expect_body(Client(locks, through(proxy, "user:hunter2")).call(authorised), "hello");
  EXPECT_NE(asked.find("\r\nProxy-Authorization: Basic dXNlcjpodW50ZXIy\r\n"), std::string::npos);
  EXPECT_EQ(asked.find("token"), std::string::npos);
  EXPECT_EQ(request.find("Proxy-Authorization"), std::string::npos);
}

TEST(Tunnel, DoesNotChangeWhoseCertificateItMustBe) {
  std::string seen;
  FakeServer server(by_tls(answer_all));
  FakeServer proxy(good_proxy(seen, server.port));
  expect_mistake(Client({"other.test", "443", "", true}, through(proxy)).call(get("/")), Step::tls,
                 "is for localhost, 127.0.0.1, locks.test and not for other.test");
}

TEST(Tunnel, GoesThroughAProxyThatSpeaksTlsItself) {
  std::string seen;
  FakeServer server(by_tls(answer_all));
  FakeServer proxy(by_tls([&](Peer& peer, int) {
    seen = peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    peer.relay_to(server.port);
  }));
  Client client(locks, through(proxy, "user:hunter2", true));
  for (int i = 0; i < 3; ++i) expect_body(client.call(put("/")), "hello");
  EXPECT_EQ(proxy.connections, 1);
  EXPECT_NE(seen.find("CONNECT locks.test:443 "), std::string::npos);
}

TEST(Tunnel, NeedsAProxyWhoseCertificateFits) {
  const auto other = server_context(signed_by(Pki::get().authority, {.names = {"p.test"}}));
  FakeServer proxy(by_tls(answer_all, other));
  expect_mistake(Client(locks, through(proxy, "user:hunter2", true)).call(put("/")), Step::proxy,
                 "is for p.test and not for localhost");
}

struct Refusal {
  const char* answer;
  const char* says;
  bool permanent;
};

TEST(Tunnel, ThatIsRefusedIsAnErrorOfTheProxyThatSaysWhatToDo) {
  for (const auto& [answer, says, permanent] : {
           Refusal{"HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno!",
                   "answered 403: it does not allow locks.test:443. Have it allowed there, or name "
                   "locks.test in NO_PROXY",
                   true},
           Refusal{"HTTP/1.1 407 Auth\r\nProxy-Authenticate: Basic\r\n\r\n",
                   "wants a user and a password (407): write them into HTTPS_PROXY", true},
           Refusal{"HTTP/1.1 405 No\r\n\r\n", "it makes no tunnels", true},
           Refusal{"HTTP/1.1 502 Bad Gateway\r\n\r\n",
                   "answered 502: it cannot reach locks.test:443. Is the endpoint right?", false},
           Refusal{"HTTP/1.1 302 Found\r\nLocation: http://login/\r\n\r\n", "answered 302", false},
           Refusal{"SSH-2.0-OpenSSH_9.2\r\n", "is not an HTTP proxy: correct or remove HTTPS_PROXY",
                   true},
           Refusal{"\x15\x03\x03 tls", "it speaks TLS: write https:// before it", true},
           Refusal{"HTTP/1.1 200 OK\r\n\r\nmore than that", "is not an HTTP proxy", true},
           Refusal{"", "ended the connection without an answer", false},
           Refusal{"HTTP/1.1 200 OK\r\nhalf", "ended the connection without an answer", false},
       }) {
    FakeServer proxy([&](Peer& peer, int) {
      peer.read_request();
      peer.send(answer);
    });
    const auto result = Client(locks, through(proxy)).call(put("/"));
    expect_failure(result, Failure::not_sent, says);
    EXPECT_EQ(result.error().step, Step::proxy);
    EXPECT_EQ(result.error().permanent, permanent) << answer;
    EXPECT_NE(result.error().detail.find("the proxy localhost:" + std::to_string(proxy.port) +
                                         " (HTTPS_PROXY)"),
              std::string::npos)
        << result.error().detail;
  }
}

TEST(Tunnel, ThatIsRefusedNeverTellsThePassword) {
  for (const char* answer : {"HTTP/1.1 407 Auth\r\n\r\n", "HTTP/1.1 403 No\r\n\r\n", "x"}) {
    FakeServer proxy([&](Peer& peer, int) {
      peer.read_request();
      peer.send(answer);
    });
    const auto result = Client(locks, through(proxy, "user:hunter2")).call(put("/"));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().detail.find("hunter2"), std::string::npos) << result.error().detail;
    EXPECT_EQ(result.error().detail.find("dXNlcjpodW50ZXIy"), std::string::npos);
  }
}

TEST(Tunnel, WithAWrongPasswordSaysSo) {
  FakeServer proxy([](Peer& peer, int) {
    peer.read_request();
    peer.send("HTTP/1.1 407 Auth\r\n\r\n");
  });
  expect_mistake(Client(locks, through(proxy, "user:hunter2")).call(put("/")), Step::proxy,
                 "does not accept the user and password in HTTPS_PROXY (407)");
}

TEST(Tunnel, ThroughAProxyThatHangsIsNotSent) {
  FakeServer proxy([](Peer& peer, int) {
    peer.read_request();
    peer.wait_for_end();
  });
  auto request = put("/");
  request.time_limit = milliseconds(200);
  const auto result = Client(locks, through(proxy)).call(request);
  expect_failure(result, Failure::not_sent, "timed out waiting for the proxy localhost:");
  EXPECT_EQ(result.error().step, Step::proxy);
}

TEST(Tunnel, ThroughAProxyThatIsNotThereSaysThatItIsTheProxy) {
  Surroundings gone;
  {
    FakeServer proxy([](Peer&, int) {});
    gone = through(proxy);
  }
  const auto refused = Client(locks, gone).call(put("/"));
  expect_failure(refused, Failure::not_sent, "connection refused by 127.0.0.1:");
  expect_failure(refused, Failure::not_sent,
                 "That is the proxy in HTTPS_PROXY: correct it, or name locks.test in NO_PROXY");
  EXPECT_EQ(refused.error().step, Step::proxy);

  gone.https_proxy.url = "http://user:hunter2@no-such-proxy.invalid:3128";
  const auto unknown = Client(locks, gone).call(put("/"));
  expect_failure(unknown, Failure::not_sent, "no-such-proxy.invalid");
  EXPECT_EQ(unknown.error().step, Step::proxy);
  EXPECT_EQ(unknown.error().detail.find("hunter2"), std::string::npos);

  gone.https_proxy.url = "socks5://h";
  expect_mistake(Client(locks, gone).call(put("/")), Step::proxy, "SOCKS");
}

TEST(Tunnel, IsNotMadeForThisMachineNorForWhomNoProxyNames) {
  FakeServer server(by_tls(answer_all));
  FakeServer proxy([](Peer&, int) {});
  expect_body(client_of(server, through(proxy)).call(put("/")), "hello");
  EXPECT_EQ(proxy.connections, 0);
}

TEST(PlainThroughProxy, AsksForTheWholeUrlOnAKeptConnection) {
  std::vector<std::string> seen;
  FakeServer proxy([&](Peer& peer, int) {
    for (auto request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      seen.push_back(request);
      peer.answer("hello");
    }
  });
  {
    Client client(plain_locks, through(proxy, "user:hunter2"));
    for (int i = 0; i < 2; ++i) {
      const auto answer = client.call(get("/list"));
      expect_body(answer, "hello");
      EXPECT_EQ(answer->proxy,
                "the proxy localhost:" + std::to_string(proxy.port) + " (http_proxy)");
    }
  }
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(proxy.connections, 1);
  EXPECT_EQ(seen[1],
            "GET http://locks.test:8080/dev/list HTTP/1.1\r\nHost: locks.test:8080\r\n"
            "User-Agent: bdd-lock\r\nProxy-Authorization: Basic dXNlcjpodW50ZXIy\r\n\r\n");
}

TEST(PlainThroughProxy, TellsAProxyThatWantsAPasswordFromTheServer) {
  FakeServer proxy([](Peer& peer, int) {
    peer.read_request();
    peer.send("HTTP/1.1 407 Auth\r\nContent-Length: 0\r\n\r\n");
  });
  expect_mistake(Client(plain_locks, through(proxy)).call(put("/")), Step::proxy,
                 "write them into http_proxy");
}

TEST(PlainThroughProxy, NamesTheProxyWhereTheConnectionBreaks) {
  FakeServer proxy([](Peer& peer, int) { peer.read_request(); });
  expect_failure(Client(plain_locks, through(proxy)).call(put("/")), Failure::outcome_unknown,
                 "the connection to the proxy localhost:");
}

TEST(Direct, AnswersNameNoProxy) {
  FakeServer server(by_tls(answer_all));
  EXPECT_EQ(client_of(server).call(get("/"))->proxy, "");
}

}  // namespace
}  // namespace bddlock::net
