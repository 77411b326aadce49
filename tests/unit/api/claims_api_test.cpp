#include <gtest/gtest.h>

#include "unit/api/api_fixture.hpp"

namespace bddlock::api {
namespace {

using core::seconds;

constexpr const char* claims_of_r = "/v1/repos/r/claims";

using ClaimsApi = ApiTest;

TEST_F(ClaimsApi, ClaimsAnyInOneCall) {
  add("a", "r", R"(,"labels":{"size":"large"},"attributes":{"url":"https://a"})");
  const Response granted =
      call(Method::post, claims_of_r,
           R"({"requestId":"build-1","leaseSeconds":60,"holder":{"job":"4711"}})");
  ASSERT_EQ(granted.status, 200u) << granted.body;
  EXPECT_EQ(object_in(granted).at("requestId"), "build-1");
  const auto claim = object_in(granted).at("claims").at(0).as_object();
  EXPECT_EQ(claim.at("stackName"), "a");
  EXPECT_EQ(claim.at("repoName"), "r");
  EXPECT_EQ(claim.at("fencingToken"), 1);
  EXPECT_EQ(claim.at("claimedAt"), "2020-09-13T12:26:40.000Z");
  EXPECT_EQ(claim.at("expiresAt"), "2020-09-13T12:27:40.000Z");
  EXPECT_EQ(claim.at("leaseSeconds"), 60);
  EXPECT_EQ(claim.at("created"), false);
  EXPECT_EQ(claim.at("stack").at("labels").at("size"), "large");
  EXPECT_EQ(claim.at("stack").at("attributes").at("url"), "https://a");
  EXPECT_TRUE(claim.at("stack").at("deployed").is_null());
  EXPECT_TRUE(claim.at("stack").at("lastEnd").is_null());
  EXPECT_TRUE(core::parse_claim_id(text_at(claim, "claimId")));
  EXPECT_EQ(stored("a").claim->holder->job, "4711");
}

TEST_F(ClaimsApi, GivesTheSameClaimWhenARequestIsRepeated) {
  add("a");
  add("b");
  const std::string body = R"({"requestId":"build-1","count":2})";
  const Response first = call(Method::post, claims_of_r, body);
  ASSERT_EQ(first.status, 200u) << first.body;
  clock.advance(seconds{10});
  EXPECT_EQ(call(Method::post, claims_of_r, body).body, first.body);
  expect_problem(call(Method::post, claims_of_r, R"({"requestId":"build-1"})"), 409,
                 "request_conflict");
  EXPECT_EQ(
      call(Method::post, claims_of_r, R"({"requestId":"build-1","count":2,"holder":{"job":"x"}})")
          .status,
      200u);
}

TEST_F(ClaimsApi, MakesARequestIdWhereThereIsNone) {
  add("a");
  add("b");
  const auto first = claim("");
  const auto second = claim("{}");
  EXPECT_NE(text_at(first, "claimId"), text_at(second, "claimId"));
  EXPECT_NE(text_at(first, "requestId"), text_at(second, "requestId"));
  EXPECT_EQ(text_at(first, "requestId").size(), 30u);
}

TEST_F(ClaimsApi, BeginsTheIdsOfOneTimeAlike) {
  for (const char* name : {"a", "b", "c"}) add(name);
  const std::string first = text_at(claim("{}"), "requestId");
  EXPECT_EQ(text_at(claim("{}"), "requestId").substr(0, 8), first.substr(0, 8));
  clock.advance(seconds{1});
  EXPECT_NE(text_at(claim("{}"), "requestId").substr(0, 8), first.substr(0, 8));
}

TEST_F(ClaimsApi, SaysThatNoneIsAvailable) {
  add("a");
  static_cast<void>(claim());
  expect_problem(call(Method::post, claims_of_r, "{}"), 409, "none_available", "waitSeconds waits");
}

TEST_F(ClaimsApi, SaysWhoHasTheStackThatWasAskedFor) {
  add("a");
  static_cast<void>(claim(R"({"holder":{"job":"4711","jobUrl":"https://ci/4711"}})"));
  const Response refused = call(Method::post, claims_of_r, R"({"stackName":"a"})");
  expect_problem(refused, 409, "stack_unavailable");
  const auto facts = object_in(refused);
  EXPECT_EQ(facts.at("state"), "claimed");
  EXPECT_EQ(facts.at("holder").at("job"), "4711");
  EXPECT_EQ(facts.at("expiresAt"), "2020-09-13T12:41:40.000Z");
  EXPECT_FALSE(facts.contains("claimId"));
}

TEST_F(ClaimsApi, SaysWhatCanNeverBe) {
  add("a");
  const Response refused = call(Method::post, claims_of_r, R"({"count":2,"waitSeconds":50})");
  expect_problem(refused, 409, "never_satisfiable");
  EXPECT_EQ(object_in(refused).at("wanted").at("count"), 2);
  EXPECT_EQ(object_in(refused).at("pool").at("stacks"), 1);
  const Response labels = call(Method::post, claims_of_r, R"({"labels":{"size":"huge"}})");
  expect_problem(labels, 409, "never_satisfiable");
  EXPECT_EQ(object_in(labels).at("wanted").at("labels").at("size"), "huge");
  EXPECT_EQ(object_in(labels).at("pool").at("suitable"), 0);
}

TEST_F(ClaimsApi, DoesNotKnowReposAndStacksThatNobodyAdded) {
  expect_problem(call(Method::post, "/v1/repos/nope/claims", "{}"), 404, "repo_unknown",
                 "createIfNone");
  add("a");
  add("b", "other");
  expect_problem(call(Method::post, claims_of_r, R"({"stackName":"b"})"), 404, "stack_unknown");
  expect_problem(call(Method::post, claims_of_r, R"({"stackName":"none"})"), 404, "stack_unknown");
}

TEST_F(ClaimsApi, CreatesWhatIsMissing) {
  const auto created = claim(R"({"createIfNone":true,"labels":{"size":"large"}})", "new");
  EXPECT_EQ(created.at("created"), true);
  EXPECT_EQ(text_at(created, "stackName").substr(0, 4), "new-");
  EXPECT_EQ(text_at(created, "stackName").size(), 12u);
  EXPECT_EQ(stored(text_at(created, "stackName")).labels.at("size"), "large");
  const auto named = claim(R"({"createIfNone":true,"namePrefix":"pay.","stackName":null})", "new");
  EXPECT_EQ(text_at(named, "stackName").substr(0, 4), "pay.");
}

TEST_F(ClaimsApi, RefusesABadBody) {
  add("a");
  expect_problem(call(Method::post, claims_of_r, "{"), 400, "invalid_request",
                 "the body is no JSON");
  expect_problem(call(Method::post, claims_of_r, R"({"count":17})"), 400, "invalid_request",
                 "count must be a whole number from 1 to 16, not 17");
  expect_problem(call(Method::post, claims_of_r, R"({"leaseSecond":1})"), 400, "invalid_request",
                 "did you mean leaseSeconds?");
  EXPECT_EQ(stored("a").state, core::State::available);
}

TEST_F(ClaimsApi, ShowsALiveClaimToItsOwner) {
  add("a");
  const auto mine = claim();
  const Response shown = call(Method::get, claim_path(mine));
  EXPECT_EQ(shown.status, 200u);
  EXPECT_EQ(object_in(shown), mine);
}

TEST_F(ClaimsApi, ExtendsAClaim) {
  add("a");
  const auto mine = claim(R"({"leaseSeconds":60})");
  clock.advance(seconds{30});
  const auto extended = object_in(call(Method::post, claim_path(mine, "/extend")));
  EXPECT_EQ(extended.at("expiresAt"), "2020-09-13T12:28:10.000Z");
  const auto longer =
      object_in(call(Method::post, claim_path(mine, "/extend"), R"({"leaseSeconds":3600})"));
  EXPECT_EQ(longer.at("expiresAt"), "2020-09-13T13:27:10.000Z");
  const auto shorter =
      object_in(call(Method::post, claim_path(mine, "/extend"), R"({"leaseSeconds":1})"));
  EXPECT_EQ(shorter.at("expiresAt"), longer.at("expiresAt"));
  expect_problem(call(Method::post, claim_path(mine, "/extend"), R"({"leaseSeconds":0})"), 400,
                 "invalid_request", "leaseSeconds must be");
}

TEST_F(ClaimsApi, LosesAClaimAtItsTimeAndNotBefore) {
  add("a");
  const auto mine = claim(R"({"leaseSeconds":60})");
  clock.advance(seconds{60} - core::microseconds{1});
  EXPECT_EQ(call(Method::get, claim_path(mine)).status, 200u);
  clock.advance(core::microseconds{1});
  for (const Response& lost :
       {call(Method::get, claim_path(mine)), call(Method::post, claim_path(mine, "/extend")),
        call(Method::post, claim_path(mine, "/release"))}) {
    expect_problem(lost, 410, "claim_lost", "(expired)");
    EXPECT_EQ(object_in(lost).at("endReason"), "expired");
    EXPECT_EQ(object_in(lost).at("state"), "available");
  }
}

TEST_F(ClaimsApi, SaysWhoHasTheStackOfALostClaim) {
  add("a");
  const auto mine = claim(R"({"leaseSeconds":60})");
  clock.advance(seconds{60});
  const auto theirs = claim(R"({"holder":{"job":"4712"}})");
  const Response lost = call(Method::post, claim_path(mine, "/extend"));
  expect_problem(lost, 410, "claim_lost", R"(claimed by "4712")");
  EXPECT_EQ(object_in(lost).at("holder").at("job"), "4712");
  EXPECT_EQ(object_in(lost).at("endedAt"), "2020-09-13T12:27:40.000Z");
  const std::string secret = text_at(theirs, "claimId").substr(0, 22);
  EXPECT_EQ(lost.body.find(secret), std::string::npos);
  EXPECT_EQ(call(Method::post, claim_path(mine, "/release")).status, 410u);
  EXPECT_EQ(call(Method::get, claim_path(theirs)).status, 200u) << "nothing is changed";
}

TEST_F(ClaimsApi, ReleasesAndAnswersTheSameWhenRepeated) {
  add("a");
  const auto mine = claim();
  const std::string body = R"({"outcome":"failed","deployed":{"branch":"main","commit":"abc"},)"
                           R"("attributes":{"url":"https://a"},"note":"red"})";
  const Response first = call(Method::post, claim_path(mine, "/release"), body);
  EXPECT_EQ(first.status, 200u) << first.body;
  EXPECT_EQ(first.body,
            R"({"stackName":"a","repoName":"r","fencingToken":1,"held":false,"heldUntil":null})");
  const core::Stack stack = stored("a");
  EXPECT_EQ(stack.state, core::State::available);
  EXPECT_EQ(stack.deployed, (core::Deployed{"main", "abc", clock.now()}));
  EXPECT_EQ(stack.attributes.at("url"), "https://a");
  EXPECT_EQ(stack.last_end->outcome, core::Outcome::failed);
  EXPECT_EQ(stack.last_end->note, "red");
  static_cast<void>(claim());  // somebody else's by now
  const Response again = call(Method::post, claim_path(mine, "/release"), body);
  EXPECT_EQ(again.status, 200u);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(stored("a").state, core::State::claimed) << "a repeat frees nobody else's claim";
}

TEST_F(ClaimsApi, EndsARequestWithItsClaim) {
  add("a");
  const auto mine = claim(R"({"requestId":"build-1"})");
  static_cast<void>(call(Method::post, claim_path(mine, "/release")));
  expect_problem(call(Method::post, claims_of_r, R"({"requestId":"build-1"})"), 410,
                 "request_ended");
}

TEST_F(ClaimsApi, KeepsAStackAsideWithinTheReposLimit) {
  add("a");
  add("b");
  const auto first = claim();
  const auto second = claim();
  const Response held = call(Method::post, claim_path(first, "/release"), R"({"keepSeconds":60})");
  EXPECT_EQ(object_in(held).at("held"), true);
  EXPECT_EQ(object_in(held).at("heldUntil"), "2020-09-13T12:27:40.000Z");
  const Response refused =
      call(Method::post, claim_path(second, "/release"), R"({"keepSeconds":60})");
  EXPECT_EQ(refused.status, 200u);
  EXPECT_EQ(object_in(refused).at("held"), false);
  EXPECT_EQ(object_in(refused).at("reason"), "hold_limit");
  EXPECT_EQ(object_in(call(Method::get, claim_path(first))).at("state"), "held");
  EXPECT_EQ(
      object_in(call(Method::get, "/v1/stacks/" + text_at(first, "stackName"))).at("heldUntil"),
      "2020-09-13T12:27:40.000Z");
  EXPECT_EQ(call(Method::post, claim_path(first, "/extend"), R"({"leaseSeconds":120})").status,
            200u);
  EXPECT_EQ(call(Method::post, claim_path(first, "/release")).status, 200u);
  EXPECT_EQ(stored(text_at(first, "stackName")).state, core::State::available);
}

TEST_F(ClaimsApi, DoesNotKnowAClaimThatNeverWas) {
  add("a");
  static_cast<void>(claim());
  const std::string never = core::claim_id(core::ClaimKey{{1, 2, 3}}, core::StackName("a"));
  const std::string none = core::claim_id(core::ClaimKey{{1, 2, 3}}, core::StackName("gone"));
  for (const std::string& id :
       {never, none, std::string("x"), std::string("a.b.c"), never + "x", never.substr(1)}) {
    expect_problem(call(Method::get, "/v1/claims/" + id), 404, "claim_unknown");
    expect_problem(call(Method::post, "/v1/claims/" + id + "/extend"), 404, "claim_unknown");
    const Response refused = call(Method::post, "/v1/claims/" + id + "/release");
    expect_problem(refused, 404, "claim_unknown");
  }
  EXPECT_EQ(stored("a").state, core::State::claimed);
}

TEST_F(ClaimsApi, IsBesideTheSeedsApiOnTheSameTable) {
  add("a");
  add("b");
  EXPECT_EQ(call(Method::put, "/claim-stack/b").status, 200u);
  const auto seeds = object_in(call(Method::get, "/v1/stacks/b"));
  EXPECT_EQ(seeds.at("state"), "claimed");
  EXPECT_TRUE(seeds.at("claim").is_null());
  const auto mine = claim();
  EXPECT_EQ(text_at(mine, "stackName"), "a");
  EXPECT_EQ(call(Method::get, "/get-available/r").body,
            R"({"info": "Successfully queried", "results": []})");
  EXPECT_EQ(call(Method::put, "/claim-stack/a").status, 400u);
  EXPECT_EQ(call(Method::put, "/release-stack/a").body, R"({"error": "Transaction Cancelled"})");
  EXPECT_EQ(call(Method::get, claim_path(mine)).status, 200u);
  clock.advance(seconds{900});
  EXPECT_EQ(call(Method::put, "/claim-stack/a").status, 200u) << "an expired claim counts as free";
}

TEST_F(ClaimsApi, NeverShowsAClaimIdToOthers) {
  add("a");
  add("b");
  const auto first = claim(R"({"requestId":"build-1","holder":{"job":"1"}})");
  const auto second = claim(R"({"requestId":"build-2"})");
  static_cast<void>(call(Method::post, claim_path(second, "/release"), R"({"keepSeconds":60})"));
  for (const char* path :
       {"/v1/stacks", "/v1/stacks/a", "/v1/stacks/b", "/v1/repos/r/requests",
        "/v1/repos/r/requests/build-1", "/v1/history", "/v1/stacks/a/history", "/v1/export"}) {
    const Response shown = call(Method::get, path);
    EXPECT_EQ(shown.status, 200u) << path;
    for (const auto& claim : {first, second})
      EXPECT_EQ(shown.body.find(text_at(claim, "claimId").substr(0, 22)), std::string::npos)
          << path;
  }
}

TEST_F(ClaimsApi, NamesAClaimInTheLogByItsStackAndToken) {
  add("a");
  const auto mine = claim();
  EXPECT_EQ(call(Method::get, claim_path(mine)).log_target, "/v1/claims/a#1");
  EXPECT_EQ(call(Method::post, claim_path(mine, "/extend")).log_target, "/v1/claims/a#1/extend");
  EXPECT_EQ(call(Method::post, claim_path(mine, "/release")).log_target, "/v1/claims/a#1/release");
}

}  // namespace
}  // namespace bddlock::api
