#include "cli/remote.hpp"

#include <gtest/gtest.h>

#include "fake_world.hpp"

namespace bddlock::cli::testing {
namespace {

class Calls : public ::testing::Test {
 protected:
  [[nodiscard]] std::expected<Reply, Trouble> call(Repeat repeat) {
    remote_.emplace(env_, env_.connect({}),
                    Target{"http://h:1", "secret", "BDD_LOCK_AUTH_TOKEN", seconds(30)});
    return remote_->call({.method = "PUT", .target = "/x", .repeat = repeat});
  }
  void answer(std::vector<Answer> answers) { world_.answer("PUT /x", std::move(answers)); }

  FakeWorld world_;
  Environment env_ = world_.environment();
  std::optional<Remote> remote_;
};

TEST_F(Calls, SendTheTokenBareAsTheOriginalWantsIt) {
  answer({claimed()});
  ASSERT_TRUE(call(Repeat::unsafe));
  EXPECT_EQ(header_of(world_.requests.front(), "Authorization"), "secret");
  EXPECT_EQ(header_of(world_.requests.front(), "User-Agent"), "bdd-lock/0.1.0");
}

TEST_F(Calls, AreRepeatedWhenNothingWasSent) {
  answer({not_sent(), not_sent(), claimed()});
  EXPECT_TRUE(call(Repeat::unsafe));
  EXPECT_EQ(world_.requests.size(), 3u);
  EXPECT_EQ(world_.sleeps.size(), 2u);
  expect_in("trying again for up to 30 s", world_.said());
}

TEST_F(Calls, EndWithinTheTimeLimitWhenNobodyIsThere) {
  answer({not_sent()});
  const auto start = world_.now;
  const auto reply = call(Repeat::harmless);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().exit, ExitCode::unavailable);
  EXPECT_FALSE(reply.error().outcome_unknown);
  expect_in("connection refused by 127.0.0.1:8080", reply.error().message);
  expect_in("http://h:1", reply.error().message);
  EXPECT_LT(world_.now - start, seconds(30));
  EXPECT_GT(world_.now - start, seconds(20));
  for (const auto& request : world_.requests) EXPECT_GT(request.time_limit, milliseconds(0));
}

TEST_F(Calls, GiveEachTryOnlyTheTimeThatIsLeft) {
  world_.a_call_takes = seconds(10);
  answer({not_sent()});
  EXPECT_FALSE(call(Repeat::harmless));
  ASSERT_EQ(world_.requests.size(), 3u);
  EXPECT_EQ(world_.requests[0].time_limit, seconds(30));
  EXPECT_LT(world_.requests[1].time_limit, seconds(20));
  EXPECT_LT(world_.requests[2].time_limit, seconds(10));
}

TEST_F(Calls, OfUnknownOutcomeAreRepeatedOnlyWhenThatIsHarmless) {
  for (const auto failure : {net::Failure::outcome_unknown, net::Failure::timed_out}) {
    world_.requests.clear();
    answer({cut_off(failure), claimed()});
    EXPECT_TRUE(call(Repeat::harmless));
    EXPECT_EQ(world_.requests.size(), 2u);

    world_.requests.clear();
    answer({cut_off(failure), claimed()});
    const auto reply = call(Repeat::unsafe);
    ASSERT_FALSE(reply);
    EXPECT_TRUE(reply.error().outcome_unknown);
    expect_in("it is not known whether", reply.error().message);
    EXPECT_EQ(world_.requests.size(), 1u);
  }
}

TEST_F(Calls, AnsweredStoreUnavailableAreRepeatedAfterRetryAfter) {
  answer({with_header(problem(503, "store_unavailable"), "Retry-After", "7"), claimed()});
  EXPECT_TRUE(call(Repeat::unsafe));
  ASSERT_EQ(world_.sleeps.size(), 1u);
  EXPECT_EQ(world_.sleeps.front(), seconds(7));
}

TEST_F(Calls, ToTheSeedsApiReadItFromTheSentence) {
  answer({json(503, R"({"error": "the store is not available; nothing was changed; try again"})"),
          claimed()});
  EXPECT_TRUE(call(Repeat::unsafe));
  EXPECT_EQ(world_.requests.size(), 2u);
}

TEST_F(Calls, DoNotWaitForARetryAfterBeyondTheTimeLimit) {
  answer({with_header(problem(503, "store_unavailable"), "Retry-After", "30"), claimed()});
  const auto reply = call(Repeat::unsafe);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().exit, ExitCode::unavailable);
  expect_in("Nothing was changed", reply.error().message);
  expect_in("the detail of store_unavailable", reply.error().message);
  EXPECT_TRUE(world_.sleeps.empty());
}

TEST_F(Calls, IgnoreARetryAfterThatIsNoNumber) {
  for (const char* value : {"Fri, 31 Dec 1999 23:59:59 GMT", "-5", "soon", "99999999999"}) {
    world_.sleeps.clear();
    answer({with_header(problem(503, "store_unavailable"), "Retry-After", value), claimed()});
    EXPECT_TRUE(call(Repeat::unsafe)) << value;
    ASSERT_EQ(world_.sleeps.size(), 1u);
    EXPECT_LE(world_.sleeps.front(), milliseconds(200));
  }
}

TEST_F(Calls, AnsweredByAnErrorThatLeavesTheOutcomeOpenAreSaidToBeUnknown) {
  for (const Answer& open :
       {problem(503, "outcome_unknown"), problem(500, "internal_error"), html(502), json(504, ""),
        json(503, R"({"message": "Service Unavailable"})")}) {
    answer({open, claimed()});
    const auto reply = call(Repeat::unsafe);
    ASSERT_FALSE(reply);
    EXPECT_TRUE(reply.error().outcome_unknown) << open->body;
  }
}

TEST_F(Calls, ThatAreNotAllowedEndWith77AndNeverShowTheToken) {
  for (const unsigned status : {401u, 403u}) {
    answer({json(status, R"({"message":"Unauthorized"})")});
    const auto reply = call(Repeat::harmless);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().exit, ExitCode::not_allowed);
    expect_in("BDD_LOCK_AUTH_TOKEN", reply.error().message);
    expect_not_in("secret", reply.error().message);
  }
}

TEST_F(Calls, OfAnApiGatewayWithoutItsStageAreNoMatterOfTheToken) {
  answer({json(403, R"({"message":"Forbidden"})")});
  const auto reply = call(Repeat::unsafe);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().exit, ExitCode::unavailable);
  expect_in("it is the address of an API Gateway", reply.error().message);
  expect_in("/dev", reply.error().message);
  expect_not_in("BDD_LOCK_AUTH_TOKEN", reply.error().message);
  answer({problem(403, "forbidden")});
  EXPECT_EQ(call(Repeat::unsafe).error().exit, ExitCode::not_allowed) << "bdd-lock's own";
}

TEST_F(Calls, AnsweredByALoginPageSaySo) {
  for (const Answer& page :
       {html(200), html(404), with_header(html(302), "Location", "https://sso/login")}) {
    answer({page});
    const auto reply = call(Repeat::unsafe);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().exit, ExitCode::unavailable);
    expect_in("is not bdd-lock", reply.error().message);
  }
  expect_in("https://sso/login", call(Repeat::unsafe).error().message);
}

TEST_F(Calls, AreNotRepeatedWhereOnlySomebodyCanMendIt) {
  for (const auto step : {net::Step::tls, net::Step::proxy}) {
    world_.requests.clear();
    answer({std::unexpected(
        net::NetError{.detail = "what is wrong. Is it right?", .step = step, .permanent = true})});
    const auto reply = call(Repeat::harmless);
    ASSERT_FALSE(reply);
    EXPECT_EQ(
        reply.error().message,
        "cannot reach a server at http://h:1: what is wrong. Is it right? \"bdd-lock doctor\" "
        "looks closer");
    EXPECT_EQ(reply.error().exit, ExitCode::unavailable);
    EXPECT_EQ(world_.requests.size(), 1u);
  }
}

TEST_F(Calls, TellAProxysPageFromTheServersAnswer) {
  const auto by_proxy = [](Answer page) {
    page->proxy = "the proxy p:3128 (http_proxy)";
    return page;
  };
  for (const unsigned status : {401u, 403u, 404u}) {
    answer({by_proxy(html(status))});
    const auto reply = call(Repeat::unsafe);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().exit, ExitCode::unavailable) << "not the server's no to the token";
    EXPECT_FALSE(reply.error().outcome_unknown);
    expect_in("the proxy p:3128 (http_proxy) answered " + std::to_string(status),
              reply.error().message);
  }
  answer({by_proxy(html(502))});
  const auto open = call(Repeat::unsafe);
  ASSERT_FALSE(open);
  EXPECT_TRUE(open.error().outcome_unknown);
  answer({by_proxy(html(502)), by_proxy(claimed())});
  EXPECT_TRUE(call(Repeat::harmless));
  answer({by_proxy(json(403, R"({"Message":"no"})"))});
  EXPECT_EQ(call(Repeat::unsafe).error().exit, ExitCode::not_allowed) << "the server's own";
}

TEST_F(Calls, HandRefusalsToTheCommand) {
  answer({cancelled()});
  const auto reply = call(Repeat::unsafe);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 400u);
  EXPECT_FALSE(reply->ok());
  EXPECT_EQ(said(*reply), "Transaction Cancelled");
}

TEST_F(Calls, PauseLongerEachTimeWithJitterUpToFiveSeconds) {
  answer({not_sent()});
  EXPECT_FALSE(call(Repeat::harmless));
  milliseconds step{200};
  for (const milliseconds pause : world_.sleeps) {
    EXPECT_GE(pause, step / 2);
    EXPECT_LE(pause, step);
    step = std::min<milliseconds>(step * 2, seconds(5));
  }
}

TEST_F(Calls, EndBetweenTwoTriesWhenSomebodySaysStop) {
  answer({not_sent()});
  Remote remote(env_, env_.connect({}), Target{"http://h:1", "", "", seconds(30)});
  const milliseconds begun = world_.now;
  const auto reply = remote.call({.method = "PUT", .target = "/x", .should_stop = [&] {
                                    return world_.now - begun >= milliseconds(60);
                                  }});
  ASSERT_FALSE(reply);
  EXPECT_TRUE(reply.error().stopped);
  EXPECT_LT(world_.now - begun, milliseconds(100));
}

TEST_F(Calls, HaveATimeLimitOfTheirOwnAndOneForEachTry) {
  answer({not_sent()});
  Remote remote(env_, env_.connect({}), Target{"http://h:1", "", "", seconds(30)});
  const milliseconds begun = world_.now;
  EXPECT_FALSE(remote.call(
      {.method = "PUT", .target = "/x", .time_limit = seconds(90), .try_limit = seconds(2)}));
  EXPECT_GT(world_.now - begun, seconds(60));
  EXPECT_EQ(world_.requests.front().time_limit, seconds(2));
}

}  // namespace
}  // namespace bddlock::cli::testing
