#include "net/answer_parser.hpp"

#include <gtest/gtest.h>

namespace bddlock::net {
namespace {

using State = AnswerParser::State;

State feed(AnswerParser& parser, std::string_view bytes, std::size_t step) {
  std::string waiting;
  while (!bytes.empty() && parser.state() == State::incomplete) {
    waiting.append(bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
    waiting.erase(0, parser.take(waiting));
  }
  return parser.state();
}

TEST(AnswerParser, ReadsStatusHeadersAndBody) {
  for (const std::size_t step : {1UL, 5UL, 1000UL}) {
    AnswerParser parser(false, {});
    ASSERT_EQ(feed(parser, "HTTP/1.1 409 Conflict\r\nX-Y: z\r\nContent-Length: 3\r\n\r\nabc", step),
              State::complete);
    EXPECT_EQ(parser.response().status, 409U);
    EXPECT_EQ(parser.response().header("x-y"), "z");
    EXPECT_EQ(parser.response().header("absent"), "");
    EXPECT_EQ(parser.response().body, "abc");
    EXPECT_TRUE(parser.keep_alive());
  }
}

TEST(AnswerParser, JoinsChunksAtWhateverBytesTheyAreSplit) {
  const std::string bytes =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nT: "
      "u\r\n\r\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    AnswerParser parser(false, {});
    ASSERT_EQ(feed(parser, bytes, step), State::complete) << step;
    EXPECT_EQ(parser.response().body, "abcd");
  }
}

TEST(AnswerParser, SkipsInterimAnswers) {
  for (const std::size_t step : {1UL, 1000UL}) {
    AnswerParser parser(false, {});
    ASSERT_EQ(feed(parser,
                   "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"
                   "HTTP/1.1 204 No Content\r\n\r\n",
                   step),
              State::complete);
    EXPECT_EQ(parser.response().status, 204U);
  }
}

TEST(AnswerParser, TakesTheEndForTheEndOnlyWhereItIs) {
  AnswerParser until_end(false, {});
  feed(until_end, "HTTP/1.1 200 OK\r\n\r\nabc", 9);
  EXPECT_EQ(until_end.state(), State::incomplete);
  until_end.take_end();
  EXPECT_EQ(until_end.state(), State::complete);
  EXPECT_EQ(until_end.response().body, "abc");
  EXPECT_FALSE(until_end.keep_alive());

  for (const char* cut :
       {"", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nA: b",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"}) {
    AnswerParser parser(false, {});
    feed(parser, cut, 1000);
    parser.take_end();
    EXPECT_EQ(parser.state(), State::incomplete) << cut;
  }
}

TEST(AnswerParser, ExpectsNoBodyToHead) {
  AnswerParser parser(true, {});
  EXPECT_EQ(feed(parser, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", 1000), State::complete);
}

TEST(AnswerParser, RecognisesWhatIsNoHttp) {
  for (const char* bytes :
       {"SSH-2.0-OpenSSH_9.2\r\n", "220 mail ESMTP\r\n", "\x15\x03\x01\x00\x02\x02\x28\x0d\x0a",
        "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
    AnswerParser parser(false, {});
    EXPECT_EQ(feed(parser, bytes, 1000), State::not_http) << bytes;
  }
}

TEST(AnswerParser, RefusesAnEndlessHeader) {
  AnswerParser parser(false, {});
  EXPECT_EQ(feed(parser, "HTTP/1.1 200 OK\r\nA: " + std::string(100'000, 'x'), 1000),
            State::too_large);
}

TEST(AnswerParser, RefusesABodyOverItsLimit) {
  AnswerParser parser(false, {});
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(answer_bytes_max + 1) + "\r\n\r\n";
  EXPECT_EQ(parser.take(head), head.size());
  const std::string piece(1024 * 1024, 'x');
  for (std::size_t sent = 0; sent < answer_bytes_max; sent += piece.size()) {
    ASSERT_EQ(parser.state(), State::incomplete);
    static_cast<void>(parser.take(piece));
  }
  static_cast<void>(parser.take("x"));
  EXPECT_EQ(parser.state(), State::too_large);
}

TEST(AnswerParser, GivesPiecesOfAGoodAnswerOnly) {
  std::string pieces;
  const auto take = [&](std::string_view piece) {
    pieces += piece;
    return pieces.size() < 6;
  };
  AnswerParser good(false, take);
  EXPECT_EQ(feed(good, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 1), State::complete);
  EXPECT_EQ(pieces, "abc");
  EXPECT_EQ(good.response().body, "");
  AnswerParser bad(false, take);
  EXPECT_EQ(feed(bad, "HTTP/1.1 401 No\r\nContent-Length: 3\r\n\r\nabc", 1), State::complete);
  EXPECT_EQ(pieces, "abc");
  EXPECT_EQ(bad.response().body, "abc");
  AnswerParser stopped(false, take);
  EXPECT_EQ(feed(stopped, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcdefghi", 1),
            State::stopped);
}

}  // namespace
}  // namespace bddlock::net
