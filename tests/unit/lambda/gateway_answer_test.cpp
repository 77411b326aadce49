#include "lambda/gateway_answer.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "api/responses.hpp"

namespace bddlock::lambda {
namespace {

namespace json = boost::json;

json::object answer_of(const api::Response& response, bool to_head = false) {
  return json::parse(gateway_answer(response, to_head)).as_object();
}

TEST(GatewayAnswer, HasStatusHeadersAndBody) {
  const auto answer = answer_of(api::json(200, R"({"a": "é"})"));
  EXPECT_EQ(answer, json::parse(R"({"statusCode": 200, "isBase64Encoded": false,
      "headers": {"Content-Type": "application/json"}, "body": "{\"a\": \"é\"}"})"));
}

TEST(GatewayAnswer, HasTheHeadersOfAnError) {
  const auto answer = answer_of(api::problem(api::Code::store_unavailable, "x"));
  EXPECT_EQ(answer.at("statusCode"), 503);
  EXPECT_EQ(answer.at("headers").at("Retry-After"), "1");
  EXPECT_EQ(answer.at("headers").at("Content-Type"), "application/problem+json");
}

TEST(GatewayAnswer, HasNoBodyWhereThereIsNone) {
  const auto gone = answer_of(api::json(204, ""));
  EXPECT_EQ(gone.at("body"), "");
  EXPECT_TRUE(gone.at("headers").as_object().empty());
  const auto head = answer_of(api::json(200, "{}"), true);
  EXPECT_EQ(head.at("body"), "");
  EXPECT_EQ(head.at("headers").at("Content-Type"), "application/json");
}

TEST(GatewayAnswer, CarriesBytesAsBase64) {
  const auto answer = answer_of(api::json(200, "\xFB\xFF\xBF"));
  EXPECT_EQ(answer.at("isBase64Encoded"), true);
  EXPECT_EQ(answer.at("body"), "+/+/");
}

TEST(GatewayAnswer, SaysThatItIsTooLarge) {
  const std::size_t around = gateway_answer(api::json(200, ""), false).size();
  const auto fits = answer_of(api::json(200, std::string(answer_bytes_max - around, 'x')));
  EXPECT_EQ(fits.at("statusCode"), 200);
  const auto answer = answer_of(api::json(200, std::string(answer_bytes_max - around + 1, 'x')));
  EXPECT_EQ(answer.at("statusCode"), 501);
  EXPECT_EQ(json::parse(answer.at("body").as_string()).at("code"), "not_on_lambda");
}

}  // namespace
}  // namespace bddlock::lambda
