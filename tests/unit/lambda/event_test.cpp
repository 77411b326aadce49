#include "lambda/event.hpp"

#include <gtest/gtest.h>

#include "lambda/base64.hpp"
#include "unit/lambda/events.hpp"

namespace bddlock::lambda {
namespace {

constexpr std::size_t body_max = 1000;

GatewayCall call_of(const std::string& payload) {
  Event event = read_event(payload, body_max);
  EXPECT_TRUE(std::holds_alternative<GatewayCall>(event)) << payload;
  return std::get<GatewayCall>(std::move(event));
}

std::string strange(const std::string& payload) {
  const Event event = read_event(payload, body_max);
  const auto* call = std::get_if<StrangeCall>(&event);
  return call == nullptr ? "not strange" : call->what;
}

TEST(Event, OfARestApiIsItsRequest) {
  const GatewayCall call = call_of(recorded_event("rest_claim_stack"));
  EXPECT_EQ(call.format, PayloadFormat::v1);
  EXPECT_EQ(call.method, "PUT");
  EXPECT_EQ(call.peer, "192.0.2.7");
  ASSERT_TRUE(call.request);
  EXPECT_EQ(call.request->method, api::Method::put);
  EXPECT_EQ(call.request->target, "/claim-stack/test%20Stack%C3%A9");
  EXPECT_EQ(call.request->authorization, "secret");
  EXPECT_EQ(call.request->body, "");
}

TEST(Event, OfARestApiHasAllValuesOfAParameter) {
  const GatewayCall call = call_of(recorded_event("rest_list_of_values"));
  ASSERT_TRUE(call.request);
  EXPECT_EQ(call.request->target, "/v1/stacks?repoName=pay%20ment&repoName=r%26d%3Dx&limit=2");
  EXPECT_EQ(call.request->authorization, "Bearer secret") << "in any case";
}

TEST(Event, HasItsBodyDecoded) {
  const GatewayCall call = call_of(recorded_event("rest_base64_body"));
  ASSERT_TRUE(call.request);
  EXPECT_EQ(call.request->method, api::Method::post);
  EXPECT_EQ(call.request->body, R"({"stackName": "testStack)"
                                "\xC3\xA9"
                                R"("})");
}

TEST(Event, OfAnHttpApiHasItsPathEncodedAgain) {
  const GatewayCall call = call_of(recorded_event("http_claim"));
  EXPECT_EQ(call.format, PayloadFormat::v2);
  EXPECT_EQ(call.peer, "192.0.2.8");
  ASSERT_TRUE(call.request);
  EXPECT_EQ(call.request->method, api::Method::post);
  EXPECT_EQ(call.request->target, "/dev/v1/repos/pay%20%25%20%C3%A9/claims");
  EXPECT_EQ(call.request->authorization, "secret");
  EXPECT_EQ(call.request->body, "{}");
}

TEST(Event, OfAnHttpApiMayBeOfTheFirstFormat) {
  const GatewayCall call = call_of(recorded_event("http_v1_claim_stack"));
  EXPECT_EQ(call.format, PayloadFormat::v1);
  ASSERT_TRUE(call.request);
  EXPECT_EQ(call.request->target, "/dev/claim-stack/test%20Stack%25");
}

TEST(Event, OfAFunctionUrlHasItsPathAndQueryAsSent) {
  const GatewayCall call = call_of(recorded_event("function_url_history"));
  ASSERT_TRUE(call.request);
  EXPECT_EQ(call.request->target,
            "/v1/stacks/test%20Stack/history?since=2019-11-20T00%3A00%3A00Z&limit=5");
  EXPECT_EQ(call.request->method, api::Method::get);
}

TEST(Event, WithoutATokenHasNone) {
  const GatewayCall call = call_of(
      R"({"version":"2.0","rawPath":"/healthz","requestContext":{"http":{"method":"HEAD"}}})");
  ASSERT_TRUE(call.request);
  EXPECT_EQ(call.request->authorization, std::nullopt);
  EXPECT_EQ(call.request->method, api::Method::head);
  EXPECT_EQ(call.request->target, "/healthz");
}

std::string first_format(const std::string& more) {
  return R"({"httpMethod":"POST","path":"/create-stack","requestContext":{},)" + more + "}";
}

TEST(Event, WithTwoTokensIsRefused) {
  const GatewayCall call =
      call_of(first_format(R"("multiValueHeaders":{"Authorization":["a","b"]})"));
  ASSERT_FALSE(call.request);
  EXPECT_EQ(call.request.error().status, 400u);
}

TEST(Event, TakesSingleHeadersWhereThereIsNoListOfThem) {
  const GatewayCall call = call_of(
      first_format(R"("headers":{"AUTHORIZATION":"a"},"queryStringParameters":{"limit":"2"})"));
  ASSERT_TRUE(call.request);
  EXPECT_EQ(call.request->authorization, "a");
  EXPECT_EQ(call.request->target, "/create-stack?limit=2");
}

TEST(Event, TakesSingleHeadersWhereTheListOfThemIsEmpty) {
  const GatewayCall call = call_of(first_format(
      R"("multiValueHeaders":{},"headers":{"Authorization":"a"},
         "multiValueQueryStringParameters":{},"queryStringParameters":{"limit":"2"})"));
  ASSERT_TRUE(call.request);
  EXPECT_EQ(call.request->authorization, "a");
  EXPECT_EQ(call.request->target, "/create-stack?limit=2");
}

TEST(Event, TakesABodyUpToItsLimit) {
  const auto with_body = [](const std::string& body) {
    return call_of(first_format(R"("isBase64Encoded":true,"body":")" + to_base64(body) + "\""));
  };
  EXPECT_TRUE(with_body(std::string(body_max, 'x')).request);
  const GatewayCall large = with_body(std::string(body_max + 1, 'x'));
  ASSERT_FALSE(large.request);
  EXPECT_EQ(large.request.error().status, 413u);
}

TEST(Event, WithABodyThatIsNoBase64IsRefused) {
  const GatewayCall call = call_of(first_format(R"("isBase64Encoded":true,"body":"{}")"));
  ASSERT_FALSE(call.request);
  EXPECT_EQ(call.request.error().status, 400u);
}

TEST(Event, OfAScheduleIsASweep) {
  for (const char* name : {"rule_schedule", "scheduler_schedule"})
    EXPECT_TRUE(std::holds_alternative<SweepCall>(read_event(recorded_event(name), body_max)))
        << name;
  EXPECT_TRUE(std::holds_alternative<SweepCall>(read_event(R"({"action":"sweep"})", body_max)));
}

TEST(Event, ThatIsNoneOfTheseSaysWhatCame) {
  EXPECT_NE(strange(recorded_event("authorizer")).find("no authorizer"), std::string::npos);
  EXPECT_NE(strange(recorded_event("queue_records")).find("records"), std::string::npos);
  EXPECT_NE(strange(recorded_event("object_created")).find("aws.s3 (Object?Created)"),
            std::string::npos)
      << strange(recorded_event("object_created"));
  EXPECT_NE(strange(recorded_event("load_balancer")).find("the members requestContext, httpMethod"),
            std::string::npos)
      << strange(recorded_event("load_balancer"));
  EXPECT_NE(strange(R"({"source":"x"})").find("an event of x (no detail-type), which"),
            std::string::npos)
      << strange(R"({"source":"x"})");
  EXPECT_NE(strange("{}").find("no members"), std::string::npos);
  EXPECT_NE(strange("[]").find("no JSON object"), std::string::npos);
  EXPECT_NE(strange("{").find("no JSON document"), std::string::npos);
  EXPECT_NE(strange(R"({"action":"drop"})").find("action"), std::string::npos);
}

TEST(Event, NeverShowsAValueThatMayBeASecret) {
  for (const char* name : {"authorizer", "queue_records", "load_balancer"})
    EXPECT_EQ(strange(recorded_event(name)).find("secret"), std::string::npos) << name;
}

}  // namespace
}  // namespace bddlock::lambda
