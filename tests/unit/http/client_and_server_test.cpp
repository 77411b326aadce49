// Our client against our server: what each sends, the other takes.
#include "net/client.hpp"
#include "running_server.hpp"

namespace bddlock::http {
namespace {

net::Client client_of(const RunningServer& server) {
  return net::Client({"127.0.0.1", std::to_string(server.port), ""});
}

TEST(ClientAndServer, KeepOneConnection) {
  RunningServer server(echo, {.connections = 1});
  auto client = client_of(server);
  for (int i = 0; i < 50; ++i) {
    const auto answer = client.call({.method = "PUT", .target = "/n", .body = std::to_string(i)});
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->body, "/n|-|" + std::to_string(i));
  }
}

TEST(ClientAndServer, SurviveTheServersIdleTime) {
  RunningServer server(echo, {.idle_time = std::chrono::seconds(1)});
  auto client = client_of(server);
  for (int i = 0; i < 2; ++i) {
    const auto answer = client.call({.method = "PUT", .target = "/n"});
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->body, "/n|-|");
    if (i == 0) std::this_thread::sleep_for(std::chrono::seconds(3));
  }
}

TEST(ClientAndServer, StreamALongAnswer) {
  RunningServer server([](api::Request, api::Respond respond) {
    auto response = plain(200, "");
    response.more =
        [left = 300](std::move_only_function<void(core::Result<std::string>)> done) mutable {
          done(left-- > 0 ? std::string(10'000, 'x') : std::string());
        };
    respond(std::move(response));
  });
  auto client = client_of(server);
  std::size_t bytes = 0;
  const auto answer = client.call(
      {.method = "GET", .target = "/v1/export", .on_body_piece = [&](std::string_view piece) {
         bytes += piece.size();
         return true;
       }});
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(bytes, 3'000'000U);
}

TEST(ClientAndServer, ReportAStreamThatBroke) {
  RunningServer server([](api::Request, api::Respond respond) {
    auto response = plain(200, "begin");
    response.more = [](std::move_only_function<void(core::Result<std::string>)> done) {
      done(std::unexpected(core::Error{core::Errc::store_unavailable, "gone"}));
    };
    respond(std::move(response));
  });
  const auto answer = client_of(server).call({.method = "GET", .target = "/"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().failure, net::Failure::outcome_unknown);
}

TEST(ClientAndServer, AgreeOnABodyThatIsTooLarge) {
  RunningServer server;
  const auto answer = client_of(server).call(
      {.method = "POST", .target = "/", .body = std::string(9'000'000, 'x')});
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, 413U);
}

TEST(ClientAndServer, AgreeOnOneConnectionTooMany) {
  RunningServer server(echo, {.connections = 1});
  auto first = client_of(server);
  ASSERT_TRUE(first.call({.method = "GET", .target = "/"}));
  const auto answer = client_of(server).call({.method = "GET", .target = "/"});
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, 503U);
  EXPECT_EQ(answer->header("retry-after"), "1");
}

TEST(ClientAndServer, SayTimedOutWhenNobodyAnswers) {
  std::vector<api::Respond> never;
  RunningServer server(
      [&](api::Request, api::Respond respond) { never.push_back(std::move(respond)); },
      {.drain_time = std::chrono::milliseconds(100)});
  const auto answer = client_of(server).call(
      {.method = "GET", .target = "/", .time_limit = std::chrono::milliseconds(200)});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().failure, net::Failure::timed_out);
}

}  // namespace
}  // namespace bddlock::http
