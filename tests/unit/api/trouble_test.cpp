// A store that fails, and bugs: what clients are told, and what only the log is.
#include <gtest/gtest.h>

#include "api/call.hpp"
#include "unit/api/api_fixture.hpp"

namespace bddlock::api {
namespace {

using Trouble = ApiTest;

void expect_unavailable(const Response& answer, std::string_view code, std::string_view part) {
  EXPECT_EQ(answer.status, 503u) << answer.body;
  EXPECT_EQ(answer.code, code);
  EXPECT_EQ(header_of(answer, "Retry-After"), "1");
  EXPECT_NE(answer.body.find(part), std::string::npos) << answer.body;
  EXPECT_EQ(answer.body.find("secret"), std::string::npos) << answer.body;
}

TEST_F(Trouble, OfTheStoreIs503InTheRoutesStyle) {
  create("a");
  store.saves_to_fail = 1;
  const Response seed = call(Method::put, "/claim-stack/a");
  expect_unavailable(seed, "store_unavailable", "nothing was changed");
  EXPECT_EQ(object_in(seed).size(), 1u);
  EXPECT_TRUE(object_in(seed).contains("error"));
  store.saves_to_fail = 1;
  expect_problem(call(Method::del, "/v1/stacks/a"), 503, "store_unavailable",
                 "nothing was changed");
  EXPECT_EQ(call(Method::put, "/claim-stack/a").status, 200u) << "it should go on";
}

TEST_F(Trouble, WithReadingIs503EverywhereAndNeverAnEmptyList) {
  create("a");
  for (const char* path :
       {"/get-available/r", "/v1/stacks", "/v1/stacks/a", "/v1/export", "/v1/repos", "/v1/repos/r",
        "/v1/repos/r/requests", "/v1/repos/r/requests/x", "/v1/stacks/a/history", "/v1/history",
        "/v1/claims/AAAAAAAAAAAAAAAAAAAAAA.YQ", "/readyz"}) {
    reader.calls_to_fail = 1;
    expect_unavailable(call(Method::get, path), "store_unavailable", "the store is not available");
  }
  EXPECT_EQ(call(Method::get, "/healthz").status, 200u);
}

TEST_F(Trouble, WithAnUnknownOutcomeSaysThatItIsUnknown) {
  create("a");
  store.commits_to_fail_done = 1;
  const Response seed = call(Method::put, "/claim-stack/a");
  expect_unavailable(seed, "outcome_unknown", "may or may not have been made");
  EXPECT_EQ(seed.body.find("nothing was changed"), std::string::npos);
}

TEST_F(Trouble, IsToldToTheLogWithItsDetail) {
  reader.calls_to_fail = 1;
  static_cast<void>(call(Method::get, "/v1/stacks"));
  ASSERT_EQ(trouble.size(), 1u);
  EXPECT_EQ(trouble.front(), "store_unavailable: read");
}

TEST_F(Trouble, InARequestThatIsDroppedIsStillAnswered) {
  std::optional<Response> answer;
  const ApiOptions quiet = options();
  {
    Responder responder([&answer](Response response) { answer = std::move(response); }, quiet);
    Responder moved(std::move(responder));
  }
  ASSERT_TRUE(answer);
  expect_problem(*answer, 500, "internal_error");
  EXPECT_EQ(trouble.size(), 1u);
}

TEST_F(Trouble, InAHandlerIsAnsweredOnceAsAnInternalError) {
  ApiOptions throwing = options();
  throwing.now = []() -> core::Instant { throw std::runtime_error("the clock stopped"); };
  Api broken(service, tokens, throwing);
  int answers = 0;
  unsigned status = 0;
  broken.handle({Method::post, "/v1/import", "secret", ""}, [&](Response response) {
    ++answers;
    status = response.status;
    EXPECT_EQ(response.body.find("clock"), std::string::npos);
  });
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(status, 500u);
  EXPECT_EQ(trouble.back(), "internal_error: the clock stopped");
}

TEST_F(Trouble, WithWhatComesBackFromTheStoreIsAnsweredToo) {
  for (const char* name : {"a", "b"}) create(name);
  ApiOptions throwing = options();
  throwing.random = []() -> std::uint64_t { throw std::runtime_error("no dice"); };
  Api broken(service, tokens, throwing);
  std::promise<unsigned> status;
  broken.handle({Method::get, "/get-available/r", "secret", ""},
                [&status](Response response) { status.set_value(response.status); });
  EXPECT_EQ(status.get_future().get(), 500u);
}

TEST_F(Trouble, OfAnApiWithoutAClockEndsTheProgram) {
  ApiOptions incomplete = options();
  incomplete.now = nullptr;
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // the lanes have threads
  EXPECT_EXIT(Api(service, tokens, incomplete), testing::ExitedWithCode(70), "needs a source");
}

}  // namespace
}  // namespace bddlock::api
