#include "http/response_text.hpp"

#include <gtest/gtest.h>

namespace bddlock::http {
namespace {

std::string written(const api::Response& response, const AnswerForm& form = {}) {
  std::string out;
  append_answer(out, response, form, "Thu, 01 Jan 1970 00:00:00 GMT");
  return out;
}

api::Response response(unsigned status, std::string body) {
  api::Response made;
  made.status = status;
  made.body = std::move(body);
  return made;
}

TEST(ResponseText, IsHeaderAndBody) {
  EXPECT_EQ(written(response(200, "{}")),
            "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
            "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
}

TEST(ResponseText, ToHeadHasTheLengthButNotTheBody) {
  const auto text = written(response(200, "{}"), {.head = true});
  EXPECT_NE(text.find("Content-Length: 2\r\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(ResponseText, OfNoContentHasNeitherBodyNorLength) {
  const auto text = written(response(204, "never"));
  EXPECT_EQ(text.find("Content-"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(ResponseText, LetsNoHeaderValueStartAHeaderOfItsOwn) {
  auto evil = response(200, "");
  evil.headers.emplace_back("Allow", std::string("GET\r\nSet-Cookie: a=b\0c", 22));
  const auto text = written(evil);
  EXPECT_NE(text.find("Allow: GET  Set-Cookie: a=b c\r\n"), std::string::npos) << text;
}

TEST(ResponseText, SaysThatTheConnectionEndsOrIsKeptForAnOldClient) {
  EXPECT_NE(written(response(200, ""), {.close = true}).find("Connection: close\r\n"),
            std::string::npos);
  EXPECT_NE(written(response(200, ""), {.http_1_0 = true}).find("Connection: keep-alive\r\n"),
            std::string::npos);
  EXPECT_EQ(written(response(200, "")).find("Connection:"), std::string::npos);
}

TEST(ResponseText, WritesPiecesAsChunksOnlyWhereTheyAre) {
  std::string chunked, plain;
  for (const std::string_view piece : {"0123456789abcdef", ""}) {
    append_piece(chunked, piece, Framing::chunked);
    append_piece(plain, piece, Framing::until_close);
  }
  EXPECT_EQ(chunked, "10\r\n0123456789abcdef\r\n0\r\n\r\n");
  EXPECT_EQ(plain, "0123456789abcdef");
}

TEST(ResponseText, OfAProblemIsAProblemDocument) {
  const auto made = problem({400, "invalid_request", "no"});
  EXPECT_EQ(made.status, 400U);
  EXPECT_STREQ(made.content_type, "application/problem+json");
  EXPECT_EQ(made.body, R"({"type":"about:blank","title":"Bad Request","status":400,)"
                       R"("code":"invalid_request","detail":"no"})");
  EXPECT_EQ(made.code, "invalid_request");
}

TEST(DateCache, ChangesWithTheSecond) {
  DateCache cache;
  EXPECT_EQ(cache.at(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110, 5.6.7
  EXPECT_EQ(cache.at(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(cache.at(784111778), "Sun, 06 Nov 1994 08:49:38 GMT");
}

}  // namespace
}  // namespace bddlock::http
