#include "bad_requests.hpp"
#include "raw_client.hpp"
#include "running_server.hpp"

namespace bddlock::http {
namespace {

// Each is answered with a problem that says what is wrong, nothing of it reaches the application,
// the connection ends, and the server goes on.
TEST(BadHttp, IsAnsweredWithAProblemAndTheEnd) {
  std::atomic<int> reached = 0;
  RunningServer server([&](api::Request request, api::Respond respond) {
    if (request.target != "/fine") ++reached;
    echo(std::move(request), std::move(respond));
  });
  for (const auto& [bytes, status, says] : bad_requests) {
    RawClient client(server.port);
    client.send(bytes);
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << shown(bytes);
    EXPECT_EQ(answer->status, status) << shown(bytes);
    EXPECT_TRUE(answer->says("Content-Type: application/problem+json")) << shown(bytes);
    EXPECT_TRUE(answer->says("Connection: close")) << shown(bytes);
    EXPECT_TRUE(answer->body.starts_with(R"({"type":"about:blank","title":")")) << shown(bytes);
    EXPECT_NE(answer->body.find(R"("code":"invalid_request")"), std::string::npos) << shown(bytes);
    EXPECT_NE(answer->body.find(says), std::string::npos) << shown(bytes) << answer->body;
    EXPECT_EQ(client.read_all(), "") << shown(bytes);
    EXPECT_EQ(client.end(), RawClient::End::closed) << shown(bytes);
  }
  EXPECT_EQ(reached, 0);
  RawClient client(server.port);
  client.send(get("/fine"));
  EXPECT_EQ(client.read_answer()->status, 200U);
}

// What one reader takes for the body and another for a request must not be served.
TEST(BadHttp, SmugglesNoRequest) {
  std::atomic<int> smuggled = 0;
  RunningServer server([&](api::Request request, api::Respond respond) {
    if (request.target == "/smuggled") ++smuggled;
    echo(std::move(request), std::move(respond));
  });
  const std::string inner = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const std::string& header :
       {std::string("Content-Length: 0\r\nContent-Length: 100\r\n"),
        std::string("Content-Length: 100\r\nTransfer-Encoding: chunked\r\n"),
        std::string("Transfer-Encoding: chunked\r\nContent-Length: 100\r\n"),
        std::string("Transfer-Encoding: xchunked\r\n"),
        std::string("Transfer-Encoding : chunked\r\n"),
        std::string("Transfer-Encoding: chunked\r\n x\r\n"),
        std::string("Content-Length: 0, 100\r\n"), std::string("X: y\nContent-Length: 100\r\n")}) {
    RawClient client(server.port);
    client.send("POST / HTTP/1.1\r\nHost: x\r\n" + header + "\r\n0\r\n\r\n" + inner + inner);
    EXPECT_GE(client.read_answer()->status, 400U) << header;
    EXPECT_EQ(client.read_all(), "") << header;
  }
  EXPECT_EQ(smuggled, 0);
}

}  // namespace
}  // namespace bddlock::http
