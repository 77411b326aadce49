#include "api/routes.hpp"

#include <gtest/gtest.h>

#include <set>

#include "unit/api/api_fixture.hpp"

namespace bddlock::api {
namespace {

// "PUT /claim-stack/{stackName} a", or which methods would have been allowed, or nothing.
std::string found(Method method, std::string_view path) {
  Target target = parse_target(path);
  const Match match = find_route(method, target);
  if (match.route == nullptr) return match.allow.empty() ? "" : "allow " + match.allow;
  std::string out =
      std::string(to_text(match.route->method)) + " " + std::string(match.route->pattern);
  for (const std::string& parameter : {match.parameter, match.second_parameter})
    if (!parameter.empty()) out += " " + parameter;
  return out;
}

TEST(Routes, AreFoundByMethodAndPath) {
  EXPECT_EQ(found(Method::put, "/claim-stack/a"), "PUT /claim-stack/{stackName} a");
  EXPECT_EQ(found(Method::post, "/create-stack"), "POST /create-stack");
  EXPECT_EQ(found(Method::get, "/v1/stacks"), "GET /v1/stacks");
  EXPECT_EQ(found(Method::del, "/v1/stacks/b"), "DELETE /v1/stacks/{stackName} b");
  EXPECT_EQ(found(Method::head, "/healthz"), "GET /healthz");
  EXPECT_EQ(found(Method::post, "/v1/stacks/b/hold"), "POST /v1/stacks/{stackName}/hold b");
  EXPECT_EQ(found(Method::del, "/v1/repos/r/requests/x"),
            "DELETE /v1/repos/{repoName}/requests/{requestId} r x");
}

TEST(Routes, MatchWholeSegmentsOnly) {
  for (const std::string_view path :
       {"/", "/claim-stack", "/claim-stack/", "/claim-stack/a/b", "/claim-stacks/a",
        "/create-stack/x/y", "/v1/stacks/a/b", "/v1", "/CREATE-STACK", "*", "/1/2/3/4/5/6/7/8/9"}) {
    EXPECT_EQ(found(Method::put, path), "") << path;
  }
}

TEST(Routes, AreMatchedWithPercentEncodedSegments) {
  EXPECT_EQ(found(Method::put, "/claim%2Dstack/a%2Fb"), "PUT /claim-stack/{stackName} a/b");
  EXPECT_EQ(found(Method::put, "/claim-stack%2Fa"), "");
  EXPECT_EQ(found(Method::put, "/claim-stack/.."), "PUT /claim-stack/{stackName} ..");
}

TEST(Routes, DropTheFirstSegmentOnce) {
  EXPECT_EQ(found(Method::put, "/dev/claim-stack/a"), "PUT /claim-stack/{stackName} a");
  EXPECT_EQ(found(Method::get, "/dev/v1/stacks/a"), "GET /v1/stacks/{stackName} a");
  EXPECT_EQ(found(Method::put, "//claim-stack/a"), "PUT /claim-stack/{stackName} a");
  EXPECT_EQ(found(Method::put, "/a/b/claim-stack/a"), "");
  EXPECT_EQ(found(Method::get, "/dev/claim-stack/a"), "allow PUT");
}

TEST(Routes, DropNothingWhereThePathMatchesAsItIs) {
  EXPECT_EQ(found(Method::put, "/claim-stack/create-stack"),
            "PUT /claim-stack/{stackName} create-stack");
  EXPECT_EQ(found(Method::get, "/claim-stack/healthz"), "allow PUT");
}

TEST(Routes, SayWhichMethodsAPathTakes) {
  EXPECT_EQ(found(Method::get, "/create-stack"), "allow POST");
  EXPECT_EQ(found(Method::patch, "/v1/stacks"), "allow GET, HEAD, POST");
  EXPECT_EQ(found(Method::other, "/v1/stacks/a"), "allow GET, HEAD, PATCH, DELETE");
}

TEST(Routes, AreEachInTheTableOnce) {
  std::set<std::string> seen;
  for (const Route& route : all_routes()) {
    EXPECT_TRUE(
        seen.insert(std::string(to_text(route.method)) + std::string(route.pattern)).second);
    EXPECT_FALSE(route.summary.empty());
  }
}

using RoutedCall = ApiTest;

TEST_F(RoutedCall, IsNotFoundOrNotAllowedWithOrWithoutAToken) {
  for (const std::optional<std::string>& token : {std::optional<std::string>{}, {"secret"}}) {
    expect_problem(send({Method::get, "/nope", token, ""}), 404, "path_unknown");
    const Response wrong = send({Method::get, "/create-stack", token, ""});
    expect_problem(wrong, 405, "method_not_allowed", "it takes POST");
    EXPECT_EQ(header_of(wrong, "Allow"), "POST");
  }
}

TEST_F(RoutedCall, WithABadPathIsRefusedInItsRoutesStyle) {
  const Response seed = call(Method::put, "/claim-stack/%00");
  EXPECT_EQ(seed.status, 400u);
  EXPECT_EQ(seed.body, R"({"error": "the path has a zero byte (%00), which no name may have"})");
  expect_problem(call(Method::get, "/v1/stacks/%zz"), 400, "invalid_request", R"("%zz")");
  expect_problem(call(Method::get, "/%ff"), 400, "invalid_request", "UTF-8");
}

TEST_F(RoutedCall, WithABadPathNeedsATokenFirst) {
  EXPECT_EQ(send({Method::put, "/claim-stack/%00", std::nullopt, ""}).status, 401u);
}

TEST_F(RoutedCall, IgnoresTheQueryOfTheSeedsAndTheOpenRoutes) {
  create("a");
  EXPECT_EQ(call(Method::put, "/claim-stack/a?x=%zz&x").status, 200u);
  EXPECT_EQ(call(Method::get, "/healthz?t=1").status, 200u);
}

TEST_F(RoutedCall, RefusesAnUnknownParameterOfV1) {
  expect_problem(call(Method::get, "/v1/stacks?repo=r"), 400, "invalid_request",
                 R"("repo" is unknown)");
  expect_problem(call(Method::get, "/v1/stacks?reponame=r"), 400, "invalid_request",
                 "did you mean repoName?");
  expect_problem(call(Method::del, "/v1/stacks/a?force=true"), 400, "invalid_request",
                 "none is allowed");
}

TEST_F(RoutedCall, IsRefusedWithoutAToken) {
  for (const Route& route : all_routes()) {
    const std::string path(route.pattern);
    for (const std::optional<std::string>& token :
         {std::optional<std::string>{}, {" "}, {"wrong-token"}}) {
      const Response answer = send({route.method, path, token, ""});
      if (!route.needs_auth) {
        EXPECT_EQ(answer.status, 200u) << path;
        continue;
      }
      const bool forbidden = token == "wrong-token";
      EXPECT_EQ(answer.status, forbidden ? 403u : 401u) << path;
      EXPECT_EQ(answer.code, forbidden ? "forbidden" : "unauthorized") << path;
      EXPECT_EQ(header_of(answer, "WWW-Authenticate"), forbidden ? "" : "Bearer") << path;
      EXPECT_EQ(answer.body.find("wrong-token"), std::string::npos) << path;
    }
  }
}

TEST_F(RoutedCall, NeedsNoTokenWhereNoneIsRequired) {
  ApiOptions open = options();
  open.auth_required = false;
  Api without_auth(service, tokens, open);
  std::promise<Response> promise;
  without_auth.handle({Method::get, "/get-available/r", std::nullopt, ""},
                      [&promise](Response response) { promise.set_value(std::move(response)); });
  EXPECT_EQ(promise.get_future().get().status, 200u);
}

}  // namespace
}  // namespace bddlock::api
