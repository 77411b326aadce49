#include <unistd.h>

#include "raw_client.hpp"
#include "running_server.hpp"

namespace bddlock::http {
namespace {

std::string refusal(const std::string& address, std::uint16_t port) {
  const auto server = Server::listen(address, port, {}, echo, {});
  return server ? "listens" : server.error();
}

TEST(Listen, TakesIpAddressesAndLocalhost) {
  for (const char* address : {"127.0.0.1", "0.0.0.0", "localhost", "::1", "[::1]", "::"})
    EXPECT_EQ(refusal(address, 0), "listens") << address;
}

TEST(Listen, SaysThatThePortIsInUse) {
  RunningServer server;
  const auto why = refusal("127.0.0.1", server.port);
  EXPECT_NE(why.find("port " + std::to_string(server.port) + " on 127.0.0.1 is in use"),
            std::string::npos)
      << why;
}

TEST(Listen, SaysWhatAnAddressIs) {
  for (const char* address : {"example.org", "", "127.0.0", "127.0.0.1:80", "[::1"})
    EXPECT_NE(refusal(address, 0).find("is not an IP address"), std::string::npos) << address;
}

TEST(Listen, SaysThatAnAddressIsNotThisMachines) {
  EXPECT_NE(refusal("192.0.2.1", 0).find("is not an address of this machine"), std::string::npos);
}

TEST(Listen, TakesTheSamePortAgainAfterItsEnd) {
  std::uint16_t port = 0;
  {
    RunningServer server;
    port = server.port;
    RawClient client(port);
    client.send(get("/", "Connection: close\r\n"));
    ASSERT_EQ(client.read_answer()->status, 200U);
  }
  EXPECT_EQ(refusal("127.0.0.1", port), "listens");
}

TEST(Listen, ServesOverIpv6) {
  auto server = Server::listen("[::1]", 0, {}, echo, {}).value();
  std::thread runner([&] { server->run(false); });
  const int fd = socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(server->local_port());
  to.sin6_addr = in6addr_loopback;
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  const std::string request = get("/six", "Connection: close\r\n");
  EXPECT_EQ(write(fd, request.data(), request.size()), static_cast<ssize_t>(request.size()));
  std::array<char, 256> answer{};
  EXPECT_GT(read(fd, answer.data(), answer.size() - 1), 0);
  EXPECT_TRUE(std::string_view(answer.data()).starts_with("HTTP/1.1 200 OK"));
  close(fd);
  server->stop();
  runner.join();
}

}  // namespace
}  // namespace bddlock::http
