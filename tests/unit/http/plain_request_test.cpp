#include "http/plain_request.hpp"

#include <gtest/gtest.h>

#include "bad_requests.hpp"

namespace bddlock::http {
namespace {

constexpr std::size_t header_max = 512, body_max = 100;

struct Read {
  std::size_t bytes = 0;  // 0: not read
  ReceivedRequest request;
};

Read quickly(std::string_view bytes) {
  Read out;
  out.bytes = read_plain_request(bytes, header_max, body_max, out.request);
  return out;
}

Read by_the_parser(std::string_view bytes) {
  RequestParser parser(header_max, body_max);
  const std::size_t taken = parser.take(bytes);
  if (parser.state() != RequestParser::State::complete) return {};
  return {taken, std::move(parser.received())};
}

void expect_same(const Read& quick, const Read& slow, std::string_view bytes) {
  ASSERT_EQ(quick.bytes, slow.bytes) << bytes;
  EXPECT_EQ(quick.request.method, slow.request.method) << bytes;
  EXPECT_EQ(quick.request.http_1_0, slow.request.http_1_0) << bytes;
  EXPECT_EQ(quick.request.keep_alive, slow.request.keep_alive) << bytes;
  EXPECT_EQ(quick.request.request.method, slow.request.request.method) << bytes;
  EXPECT_EQ(quick.request.request.target, slow.request.request.target) << bytes;
  EXPECT_EQ(quick.request.request.authorization, slow.request.request.authorization) << bytes;
  EXPECT_EQ(quick.request.request.body, slow.request.request.body) << bytes;
}

const std::string claim =
    "POST /v1/repos/r/claims?a=b HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer secret\r\n"
    "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}";

TEST(PlainRequest, IsReadAsTheParserReadsIt) {
  for (const std::string& bytes :
       {claim, claim + claim, std::string("GET / HTTP/1.1\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\n\r\nGET /next"),
        std::string("PUT /claim-stack/a%20b HTTP/1.1\r\nauthorization:x\r\n\r\n"),
        std::string("HEAD /~!#$&'()*+,;=:@[]<>{}|^`?%00 HTTP/1.1\r\nX-Any: a, b;c=d\r\n\r\n"),
        std::string("DELETE /a HTTP/1.1\r\nAuthorization:   spaces in it   \r\nA:\r\nB: \r\n\r\n"),
        std::string("PATCH //a/../b HTTP/1.1\r\ncontent-length: 0\r\n\r\n"),
        std::string("POST /a HTTP/1.1\r\nContent-Length:3 \r\n\r\n\r\n\x80more")}) {
    const Read quick = quickly(bytes);
    ASSERT_NE(quick.bytes, 0U) << bytes;
    expect_same(quick, by_the_parser(bytes), bytes);
  }
}

TEST(PlainRequest, IsNothingThatIsNotWhole) {
  for (std::size_t bytes = 0; bytes < claim.size(); ++bytes)
    EXPECT_EQ(quickly(claim.substr(0, bytes)).bytes, 0U) << bytes;
}

TEST(PlainRequest, IsNothingThatTheParserMustJudge) {
  const std::string body_too_long = std::string(body_max + 1, 'x');
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.0\r\n\r\n"),
        std::string("OPTIONS * HTTP/1.1\r\n\r\n"),
        std::string("BREW / HTTP/1.1\r\n\r\n"),
        std::string("GET http://a/ HTTP/1.1\r\n\r\n"),
        std::string("GET / HTTP/1.1\nA: b\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nA: b\n\r\n"),
        std::string("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nconnection: close\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nProxy-Connection: close\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n"),
        std::string("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        std::string("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na"),
        std::string("PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"),
        std::string("PUT / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\na"),
        std::string("PUT / HTTP/1.1\r\nContent-Length: +1\r\n\r\na"),
        std::string("PUT / HTTP/1.1\r\nContent-Length: 01\r\n\r\na"),
        std::string("PUT / HTTP/1.1\r\nContent-Length:\r\n\r\na"),
        std::string("GET / HTTP/1.1\r\nAuthorization: a\r\nauthorization: a\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nA : b\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\n: b\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nA\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nA: \t\r\n\r\n"),
        "GET / HTTP/1.1\r\nA: " + std::string(header_max, 'a') + "\r\n\r\n",
        "PUT / HTTP/1.1\r\nContent-Length: 101\r\n\r\n" + body_too_long})
    EXPECT_EQ(quickly(bytes).bytes, 0U) << bytes;
}

TEST(PlainRequest, IsNoBadOne) {
  for (const BadRequest& bad : bad_requests) EXPECT_EQ(quickly(bad.bytes).bytes, 0U) << bad.bytes;
}

// The limit is the same to the byte.
TEST(PlainRequest, MayBeAsLongAsTheParserAllows) {
  std::size_t read = 0;
  for (std::size_t bytes = header_max - 40; bytes < header_max; ++bytes) {
    const std::string text = "GET / HTTP/1.1\r\nA: " + std::string(bytes, 'a') + "\r\n\r\n";
    const Read quick = quickly(text);
    EXPECT_EQ(quick.bytes, by_the_parser(text).bytes) << bytes;
    read += quick.bytes != 0 ? 1 : 0;
  }
  EXPECT_GT(read, 0U);
  EXPECT_LT(read, 40U);
}

TEST(PlainRequest, AgreesWithTheParserOnRequestsOneByteFromPlain) {
  for (std::size_t at = 0; at < claim.size(); ++at)
    for (int byte = 0; byte < 256; ++byte) {
      std::string bytes = claim;
      bytes[at] = static_cast<char>(byte);
      const Read quick = quickly(bytes);
      if (quick.bytes != 0) expect_same(quick, by_the_parser(bytes), bytes);
    }
}

// Lines taken out, doubled or put elsewhere: where two readers could disagree.
TEST(PlainRequest, AgreesWithTheParserOnEveryOrderOfFourFields) {
  const std::vector<std::string> lines{"Content-Length: 2\r\n", "Authorization: a\r\n",
                                       "Transfer-Encoding: chunked\r\n", "Content-Length: 1\r\n",
                                       "X: y\r\n"};
  for (const auto& first : lines)
    for (const auto& second : lines)
      for (const auto& third : lines)
        for (const auto& fourth : lines) {
          const std::string bytes =
              "PUT / HTTP/1.1\r\n" + first + second + third + fourth + "\r\n0\r\n\r\n";
          const Read quick = quickly(bytes);
          if (quick.bytes != 0) expect_same(quick, by_the_parser(bytes), bytes);
        }
}

}  // namespace
}  // namespace bddlock::http
