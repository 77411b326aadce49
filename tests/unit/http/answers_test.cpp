#include <stdexcept>

#include "raw_client.hpp"
#include "running_server.hpp"

namespace bddlock::http {
namespace {

// A response whose body comes in these pieces, each from a thread of its own; then an error or the
// end.
api::Response in_pieces(std::vector<std::string> pieces, bool breaks = false) {
  auto response = plain(200, "first;");
  auto left = std::make_shared<std::vector<std::string>>(pieces.rbegin(), pieces.rend());
  response.more = [left, breaks](std::move_only_function<void(core::Result<std::string>)> done) {
    core::Result<std::string> piece;
    if (!left->empty()) {
      piece = std::move(left->back());
      left->pop_back();
    } else if (breaks) {
      piece = std::unexpected(core::Error{core::Errc::store_unavailable, "gone"});
    }
    std::thread([done = std::move(done), piece = std::move(piece)]() mutable {
      done(std::move(piece));
    }).detach();
  };
  return response;
}

OnRequest streaming(std::vector<std::string> pieces, bool breaks = false) {
  return [=](api::Request, api::Respond respond) { respond(in_pieces(pieces, breaks)); };
}

TEST(Answers, CarryTheRequestsOwnBodyAndToken) {
  RunningServer server;
  RawClient client(server.port);
  client.send("POST /x?y HTTP/1.1\r\nAuthorization: Bearer t\r\nContent-Length: 4\r\n\r\nbody");
  const auto answer = client.read_answer();
  EXPECT_EQ(answer->status, 200U);
  EXPECT_EQ(answer->body, "/x?y|Bearer t|body");
  EXPECT_TRUE(answer->says("Content-Type: text/plain"));
}

TEST(Answers, ToHeadHaveTheHeaderOfGetAndNoBody) {
  RunningServer server;
  RawClient client(server.port);
  client.send("HEAD /abc HTTP/1.1\r\n\r\n" + get("/next"));
  EXPECT_TRUE(client.read_answer(true)->says("Content-Length: 7"));
  EXPECT_EQ(client.read_answer()->body, "/next|-|");
}

TEST(Answers, ComeInChunksWhereTheBodyDoes) {
  RunningServer server(streaming({"one;", std::string(100'000, 'x'), ";three"}));
  RawClient client(server.port);
  client.send(get("/") + get("/again"));
  for (int i = 0; i < 2; ++i) {
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->says("Transfer-Encoding: chunked"));
    EXPECT_EQ(answer->body, "first;one;" + std::string(100'000, 'x') + ";three");
  }
}

TEST(Answers, InPiecesReachAnOldClientByTheEndOfTheConnection) {
  RunningServer server(streaming({"one;", "two"}));
  RawClient client(server.port);
  const std::string request = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  client.send(request + request);  // the second cannot be answered any more
  const auto answer = client.read_answer();
  EXPECT_TRUE(answer->says("Connection: close"));
  EXPECT_EQ(answer->head.find("Transfer-Encoding"), std::string::npos);
  EXPECT_EQ(answer->body, "first;one;two");
  EXPECT_EQ(client.end(), RawClient::End::closed);
}

TEST(Answers, InPiecesToHeadAreTheHeaderOnly) {
  RunningServer server(streaming({"one"}));
  RawClient client(server.port);
  client.send("HEAD / HTTP/1.1\r\n\r\nHEAD / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(client.read_answer(true)->says("Transfer-Encoding: chunked"));
  EXPECT_TRUE(client.read_answer(true)->says("Transfer-Encoding: chunked"));
}

TEST(Answers, ThatBreakInTheMiddleBreakTheConnection) {
  RunningServer server(streaming({"one"}, true));
  RawClient client(server.port);
  client.send(get("/"));
  EXPECT_FALSE(client.read_answer());
  EXPECT_EQ(client.end(), RawClient::End::reset);
}

TEST(Answers, ThatBreakInTheMiddleAreNotTakenForWholeByAnOldClient) {
  RunningServer server(streaming({"one"}, true));
  RawClient client(server.port);
  client.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.end(), RawClient::End::reset);
}

TEST(Answers, WhoseSourceForgetsAPieceOrThrowsBreakTheConnection) {
  for (const bool throws : {false, true}) {
    RunningServer server([throws](api::Request, api::Respond respond) {
      auto response = plain(200, "first");
      response.more = [throws](std::move_only_function<void(core::Result<std::string>)>) {
        if (throws) throw std::runtime_error("bug");
      };
      respond(std::move(response));
    });
    RawClient client(server.port);
    client.send(get("/"));
    EXPECT_EQ(client.end(), RawClient::End::reset);
  }
}

TEST(Answers, ToARequestThatThrowsOrIsForgottenAre500AndTheRestGoesOn) {
  RunningServer server([](api::Request request, api::Respond respond) {
    if (request.target == "/throws") throw std::runtime_error("bug");
    if (request.target == "/forgets") return;
    echo(std::move(request), std::move(respond));
  });
  RawClient client(server.port);
  client.send(get("/throws") + get("/forgets") + get("/fine"));
  for (int i = 0; i < 2; ++i) {
    const auto answer = client.read_answer();
    EXPECT_EQ(answer->status, 500U);
    EXPECT_NE(answer->body.find(R"("code":"internal_error")"), std::string::npos);
    EXPECT_TRUE(answer->says("Content-Type: application/problem+json"));
  }
  EXPECT_EQ(client.read_answer()->status, 200U);
}

TEST(Answers, AreReportedToTheAccessLog) {
  RunningServer server([](api::Request, api::Respond respond) {
    auto response = plain(409, "abc");
    response.code = "none_available";
    respond(std::move(response));
  });
  RawClient client(server.port);
  client.send("BREW /pot?x HTTP/1.1\r\n\r\nNONSENSE\r\n\r\n");
  client.end();
  const auto lines = server.accesses();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].method, "BREW");
  EXPECT_EQ(lines[0].target, "/pot?x");
  EXPECT_EQ(lines[0].status, 409U);
  EXPECT_EQ(lines[0].bytes, 3U);
  EXPECT_EQ(lines[0].code, "none_available");
  EXPECT_EQ(lines[0].peer, "127.0.0.1");
  EXPECT_LT(lines[0].took, std::chrono::seconds(5));
  EXPECT_EQ(lines[1].status, 400U);
  EXPECT_EQ(lines[1].code, "invalid_request");
}

}  // namespace
}  // namespace bddlock::http
