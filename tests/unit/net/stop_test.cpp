// A call that another thread ends, at each of its stages; and the race of addresses.
#include <netinet/in.h>

#include <atomic>
#include <thread>

#include "https.hpp"
#include "net/connect.hpp"

namespace bddlock::net {
namespace {

// The stop comes once the call has got as far as `reached` says, and the call has no other end:
// a test that does not end has failed.
Answered stopped_call(Client& client, const std::atomic<bool>& reached) {
  std::atomic<bool> stop = false;
  auto request = put("/");
  request.time_limit = std::chrono::hours(1);
  request.should_stop = [&] { return stop.load(); };
  std::thread other([&] {
    reached.wait(false);
    stop = true;
  });
  auto result = client.call(request);
  other.join();
  return result;
}

void reach(std::atomic<bool>& what) {
  what = true;
  what.notify_all();
}

TEST(Stop, EndsACallThatWaitsForItsAnswer) {
  std::atomic<bool> reached = false;
  FakeServer server(by_tls([&](Peer& peer, int) {
    peer.read_request();
    reach(reached);
    peer.wait_for_end();
  }));
  auto client = client_of(server);
  expect_failure(stopped_call(client, reached), Failure::outcome_unknown,
                 "stopped while waiting for an answer");
}

TEST(Stop, EndsACallInTheHandshake) {
  std::atomic<bool> reached = false;
  FakeServer server([&](Peer& peer, int) {
    peer.wait_for_bytes();
    reach(reached);
    peer.drain();
  });
  auto client = client_of(server);
  expect_failure(stopped_call(client, reached), Failure::not_sent, "stopped in the TLS handshake");
}

TEST(Stop, EndsACallThatWaitsForItsProxy) {
  std::atomic<bool> reached = false;
  FakeServer proxy([&](Peer& peer, int) {
    peer.read_request();
    reach(reached);
    peer.drain();
  });
  auto surroundings = trusting();
  surroundings.https_proxy = {"localhost:" + std::to_string(proxy.port), "HTTPS_PROXY"};
  Client client({"locks.test", "443", "", true}, surroundings);
  expect_failure(stopped_call(client, reached), Failure::not_sent,
                 "stopped while waiting for the proxy");
}

TEST(Stop, BeforeTheCallKeepsItFromBeingSent) {
  FakeServer server(by_tls(answer_all));
  auto client = client_of(server);
  auto request = put("/");
  request.should_stop = [] { return true; };
  expect_failure(client.call(request), Failure::not_sent, "stopped");
  request.should_stop = {};
  expect_body(client.call(request), "hello");
}

TEST(Stop, LeavesAClientThatCanBeUsedAgain) {
  std::atomic<bool> reached = false;
  FakeServer server(by_tls([&](Peer& peer, int nth) {
    peer.read_request();
    if (nth > 0) peer.answer("hello");
    if (nth == 0) reach(reached);
    peer.wait_for_end();
  }));
  auto client = client_of(server);
  expect_failure(stopped_call(client, reached), Failure::outcome_unknown, "stopped");
  expect_body(client.call(put("/")), "hello");
  EXPECT_EQ(server.connections, 2);
}

// A socket that listens, and whose queue of connections is full: it answers to no more of them.
class DeafListener {
 public:
  DeafListener() : listener_(AF_INET) {
    const auto any = Peer::loopback(0);
    bind(listener_.descriptor(), reinterpret_cast<const sockaddr*>(&any), sizeof any);
    listen(listener_.descriptor(), 0);
    sockaddr_in at{};
    socklen_t size = sizeof at;
    getsockname(listener_.descriptor(), reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
    for (auto& one : queue_)
      static_cast<void>(
          connect(one.descriptor(), reinterpret_cast<const sockaddr*>(&at), sizeof at));
  }
  std::uint16_t port = 0;

 private:
  Socket listener_;
  std::array<Socket, 4> queue_{Socket(AF_INET), Socket(AF_INET), Socket(AF_INET), Socket(AF_INET)};
};

// Whatever speaks TCP at the same port of ::1.
class Ipv6Listener {
 public:
  explicit Ipv6Listener(std::uint16_t port) : listener_(AF_INET6) {
    sockaddr_in6 at{};
    at.sin6_family = AF_INET6;
    at.sin6_port = htons(port);
    at.sin6_addr = in6addr_loopback;
    EXPECT_EQ(bind(listener_.descriptor(), reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
    listen(listener_.descriptor(), 1);
  }

 private:
  Socket listener_;
};

Limits within(std::chrono::milliseconds time) { return {SteadyClock::now() + time}; }

TEST(Connect, TriesTheNextAddressBesideOneThatIsSilent) {
  DeafListener deaf;
  Ipv6Listener good(deaf.port);
  const auto connected =
      connect_to("localhost", std::to_string(deaf.port), within(std::chrono::hours(1)));
  ASSERT_TRUE(connected) << connected.error().detail;
  EXPECT_EQ(connected->peer, "[::1]:" + std::to_string(deaf.port));
}

TEST(Connect, TriesTheNextAddressAtOnceWhereOneRefuses) {
  std::uint16_t port = 0;
  {
    FakeServer gone([](Peer&, int) {});
    port = gone.port;
  }
  Ipv6Listener good(port);
  const auto connected = connect_to("localhost", std::to_string(port), within(next_address_after));
  ASSERT_TRUE(connected) << connected.error().detail;
  EXPECT_EQ(connected->peer, "[::1]:" + std::to_string(port));
}

TEST(Connect, ToASilentAddressTimesOutAndIsNotSent) {
  DeafListener deaf;
  Client client({"127.0.0.1", std::to_string(deaf.port), ""});
  auto request = put("/");
  request.time_limit = std::chrono::milliseconds(300);
  const auto result = client.call(request);
  expect_failure(result, Failure::not_sent,
                 "timed out connecting to 127.0.0.1:" + std::to_string(deaf.port) +
                     ": it is down, or a firewall is between");
  EXPECT_EQ(result.error().step, Step::connect);
}

TEST(Connect, ToASilentAddressCanBeStopped) {
  DeafListener deaf;
  Client client({"127.0.0.1", std::to_string(deaf.port), ""});
  const std::atomic<bool> reached = true;
  expect_failure(stopped_call(client, reached), Failure::not_sent, "stopped while connecting to");
}

}  // namespace
}  // namespace bddlock::net
