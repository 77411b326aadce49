#include "http/request_parser.hpp"

#include <gtest/gtest.h>

#include "bad_requests.hpp"

namespace bddlock::http {
namespace {

using State = RequestParser::State;

// Feeds `bytes` in pieces of `step`, as a connection would: what was not taken comes again.
State feed(RequestParser& parser, std::string_view bytes, std::size_t step) {
  std::string waiting;
  while (!bytes.empty() && parser.state() == State::incomplete) {
    waiting.append(bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
    waiting.erase(0, parser.take(waiting));
  }
  return parser.state();
}

RequestParser parser_of(std::size_t header_bytes = 8192, std::size_t body_bytes = 65536) {
  return {header_bytes, body_bytes};
}

TEST(RequestParser, KeepsWhatTheApiNeeds) {
  const std::string_view bytes =
      "PUT /claim-stack/a%20b?x=1 HTTP/1.1\r\nHost: h\r\nAuthorization:  Bearer t \r\n"
      "Content-Length: 2\r\n\r\n{}GET";
  for (const std::size_t step : {1UL, 7UL, 1000UL}) {
    auto parser = parser_of();
    ASSERT_EQ(feed(parser, bytes, step), State::complete) << step;
    const auto& received = parser.received();
    EXPECT_EQ(received.request.method, api::Method::put);
    EXPECT_EQ(received.method, "PUT");
    EXPECT_EQ(received.request.target, "/claim-stack/a%20b?x=1");
    EXPECT_EQ(received.request.authorization, "Bearer t");
    EXPECT_EQ(received.request.body, "{}");
    EXPECT_TRUE(received.keep_alive);
  }
}

TEST(RequestParser, LeavesTheNextRequestUntouched) {
  auto parser = parser_of();
  EXPECT_EQ(parser.take("GET / HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n"), 18U);
  EXPECT_EQ(parser.state(), State::complete);
}

TEST(RequestParser, JoinsChunksAndIgnoresTrailers) {
  auto parser = parser_of();
  ASSERT_EQ(
      feed(parser,
           "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n3;ext=1\r\nabc\r\nA\r\n0123456789"
           "\r\n0\r\nAuthorization: forged\r\nX: y\r\n\r\n",
           1),
      State::complete);
  EXPECT_EQ(parser.received().request.body, "abc0123456789");
  EXPECT_FALSE(parser.received().request.authorization.has_value());
}

TEST(RequestParser, AcceptsAnAbsoluteTargetAndAMissingHost) {
  auto parser = parser_of();
  ASSERT_EQ(feed(parser, "GET HTTP://Host:80/a?b HTTP/1.1\r\n\r\n", 99), State::complete);
  EXPECT_EQ(parser.received().request.target, "/a?b");
}

TEST(RequestParser, KnowsWhetherTheConnectionIsKept) {
  const auto kept = [](std::string_view bytes) {
    auto parser = parser_of();
    EXPECT_EQ(feed(parser, bytes, 99), State::complete) << bytes;
    return parser.received().keep_alive;
  };
  EXPECT_TRUE(kept("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(kept("GET / HTTP/1.1\r\nConnection: x, Close\r\n\r\n"));
  EXPECT_FALSE(kept("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(kept("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestParser, AwaitsContinueOnlyBetweenHeaderAndBody) {
  const std::string header = "POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n";
  const auto awaits = [](std::string_view bytes) {
    auto parser = parser_of();
    feed(parser, bytes, 1000);
    return parser.awaits_continue();
  };
  EXPECT_FALSE(awaits(header.substr(0, header.size() - 1)));
  EXPECT_TRUE(awaits(header));
  EXPECT_FALSE(awaits(header + "x"));
}

// A request whose header has exactly that many bytes.
std::string header_of(std::size_t bytes) {
  const std::string start = "GET / HTTP/1.1\r\nA: ";
  return start + std::string(bytes - start.size() - 4, 'a') + "\r\n\r\n";
}

TEST(RequestParser, TakesAHeaderOfTheLimitAndRefusesOneByteMore) {
  for (const std::size_t step : {1UL, 50UL, 100'000UL}) {
    auto fits = parser_of(512);
    EXPECT_EQ(feed(fits, header_of(512), step), State::complete) << step;
    auto too_large = parser_of(512);
    ASSERT_EQ(feed(too_large, header_of(513), step), State::malformed) << step;
    EXPECT_EQ(too_large.malformed().status, 431U);
  }
}

TEST(RequestParser, RefusesAHeaderOfManyShortLinesToo) {
  auto parser = parser_of(512);
  std::string bytes = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 100; ++i) bytes += "A: b\r\n";
  for (const std::size_t step : {1UL, 6UL, 100'000UL}) {
    auto each = parser_of(512);
    ASSERT_EQ(feed(each, bytes, step), State::malformed) << step;
    EXPECT_EQ(each.malformed().status, 431U);
  }
}

TEST(RequestParser, RefusesAnEndlessRequestLine) {
  auto parser = parser_of(512);
  ASSERT_EQ(feed(parser, "GET /" + std::string(600, 'a'), 100), State::malformed);
  EXPECT_EQ(parser.malformed().status, 431U);
}

TEST(RequestParser, TakesABodyOfTheLimitAndRefusesOneByteMoreByItsLengthAlone) {
  auto fits = parser_of(512, 10);
  EXPECT_EQ(feed(fits, "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789", 99),
            State::complete);
  auto too_large = parser_of(512, 10);
  ASSERT_EQ(feed(too_large, "POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n", 99), State::malformed);
  EXPECT_EQ(too_large.malformed().status, 413U);
}

TEST(RequestParser, RefusesAChunkedBodyWhenItPassesTheLimit) {
  const std::string start = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n";
  auto fits = parser_of(512, 10);
  EXPECT_EQ(feed(fits, start + "4\r\n0123\r\n0\r\n\r\n", 99), State::complete);
  auto too_large = parser_of(512, 10);
  ASSERT_EQ(feed(too_large, start + "5\r\n", 99), State::malformed);
  EXPECT_EQ(too_large.malformed().status, 413U);
}

TEST(RequestParser, RefusesAnEndlessChunkHeaderAndAnEndlessTrailer) {
  const std::string start = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& tail :
       {"1;a=" + std::string(600, 'x'), "0\r\nA: " + std::string(600, 'x')}) {
    auto parser = parser_of(512);
    ASSERT_EQ(feed(parser, start + tail, 10), State::malformed);
    EXPECT_EQ(parser.malformed().status, 400U);
  }
}

class BadBytes : public testing::TestWithParam<BadRequest> {};

TEST_P(BadBytes, AreRefusedWholeOrByteByByte) {
  for (const std::size_t step : {1UL, 3UL, 10'000UL}) {
    auto parser = parser_of();
    ASSERT_EQ(feed(parser, GetParam().bytes, step), State::malformed)
        << shown(GetParam().bytes) << step;
    EXPECT_EQ(parser.malformed().status, GetParam().status) << step << parser.malformed().detail;
    EXPECT_NE(parser.malformed().detail.find(GetParam().says), std::string::npos)
        << step << parser.malformed().detail;
  }
}

INSTANTIATE_TEST_SUITE_P(Each, BadBytes, testing::ValuesIn(bad_requests),
                         [](const auto& each) { return "n" + std::to_string(each.index); });

}  // namespace
}  // namespace bddlock::http
