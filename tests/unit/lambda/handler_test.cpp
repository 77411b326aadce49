#include "lambda/handler.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <memory>

#include "api/api.hpp"
#include "api/responses.hpp"
#include "fakes/fake_clock.hpp"
#include "fakes/faulty_store.hpp"
#include "lambda/loop.hpp"
#include "service/caller_lanes.hpp"
#include "stores/memory/memory_store.hpp"
#include "unit/lambda/events.hpp"

namespace bddlock::lambda {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

// A function over a memory store, in a time that passes only while it sleeps.
class HandlerTest : public testing::Test {
 protected:
  fakes::FakeClock clock_;
  std::uint64_t drawn_ = 0;
  stores::MemoryTable table_ = stores::make_memory_table();
  fakes::FaultyStore store_{*table_.store};
  service::CallerLanes lanes_ = service::make_caller_lanes(store_, *table_.reader, clock_);
  service::Service service_{*lanes_.writes,
                            *lanes_.reads,
                            clock_,
                            [this] { return ++drawn_; },
                            {.claims = {.is_shared = true}}};
  api::TokenSet tokens_{{"secret"}};
  api::Api api_{service_,
                tokens_,
                {.random = [] { return 0; },
                 .now = [this] { return clock_.now(); },
                 .wait_max = core::seconds{1},
                 .on_trouble = {}}};
  std::string logged_;
  Log log_{{}, [this] { return clock_.now(); }, [this](std::string_view line) { logged_ += line; }};
  Deadline deadline_{[this] { return now_ms(); }};
  std::function<void(api::Request, api::Respond)> handle_ = [this](api::Request request,
                                                                   api::Respond respond) {
    api_.handle(std::move(request), std::move(respond));
  };
  Handler handler_{
      {.handle = [this](api::Request request,
                        api::Respond respond) { handle_(std::move(request), std::move(respond)); },
       .turn_away = [this](const api::Request& request) { return api_.turn_away(request); },
       .tick = [this] { service_.tick(); },
       .sweep = [this] { return swept_; },
       .sleep =
           [this](milliseconds time) {
             slept_ += time;
             clock_.advance(time);
           },
       .uptime = [this] { return clock_.now().time_since_epoch(); }},
      deadline_,
      log_};
  core::Result<json::object> swept_ = json::object{{"released", 0}};
  milliseconds slept_{0};

  std::int64_t now_ms() {
    return std::chrono::duration_cast<milliseconds>(clock_.now().time_since_epoch()).count();
  }

  std::expected<std::string, FunctionError> invoke(std::string payload,
                                                   milliseconds time = milliseconds{29'000}) {
    return handler_.handle({.request_id = "id",
                            .trace_id = "",
                            .deadline_ms = now_ms() + time.count(),
                            .payload = std::move(payload)});
  }

  json::object call(const std::string& method, const std::string& path,
                    const json::object& body = {}, milliseconds time = milliseconds{29'000}) {
    const json::object event{{"version", "2.0"},
                             {"rawPath", path},
                             {"headers", {{"authorization", "secret"}}},
                             {"requestContext", {{"http", {{"method", method}}}}},
                             {"body", json::serialize(body)}};
    return json::parse(invoke(json::serialize(event), time).value()).as_object();
  }

  static json::value body_of(const json::object& answer) {
    return json::parse(answer.at("body").as_string());
  }
};

TEST_F(HandlerTest, AnswersThroughTheApi) {
  const auto made =
      call("POST", "/create-stack", {{"stackName", "a"}, {"repoName", "r"}, {"isAvailable", true}});
  EXPECT_EQ(made.at("statusCode"), 200);
  const auto claimed = call("POST", "/dev/v1/repos/r/claims");
  EXPECT_EQ(claimed.at("statusCode"), 200);
  EXPECT_EQ(body_of(claimed).at("claims").at(0).at("stackName"), "a");
  EXPECT_EQ(slept_, milliseconds(0));
}

TEST_F(HandlerTest, ChecksTheTokenItself) {
  const auto refused = json::parse(invoke(R"({"version":"2.0","rawPath":"/v1/stacks",
      "headers":{"authorization":"wrong"},"requestContext":{"http":{"method":"GET"}}})")
                                       .value());
  EXPECT_EQ(refused.at("statusCode"), 403);
}

TEST_F(HandlerTest, WaitsForASecondAtMost) {
  call("POST", "/create-stack", {{"stackName", "a"}, {"repoName", "r"}, {"isAvailable", false}});
  const auto waiting = call("POST", "/v1/repos/r/claims", {{"waitSeconds", 50}});
  EXPECT_EQ(waiting.at("statusCode"), 202);
  EXPECT_EQ(body_of(waiting).at("position"), 1);
  EXPECT_EQ(slept_, milliseconds(1'000));
}

TEST_F(HandlerTest, GivesWhatComesFreeWhileItWaits) {
  call("POST", "/create-stack", {{"stackName", "a"}, {"repoName", "r"}, {"isAvailable", true}});
  call("POST", "/v1/repos/r/claims", {{"leaseSeconds", 1}});
  clock_.advance(milliseconds(500));
  const auto granted = call("POST", "/v1/repos/r/claims", {{"waitSeconds", 1}});
  EXPECT_EQ(granted.at("statusCode"), 200) << "the other's lease ended after half a second";
  EXPECT_EQ(slept_, milliseconds(500));
}

TEST_F(HandlerTest, KeepsThePlaceOfWhoeverCallsAgain) {
  call("POST", "/create-stack", {{"stackName", "a"}, {"repoName", "r"}, {"isAvailable", false}});
  const json::object first{{"requestId", "first"}, {"waitSeconds", 50}};
  const json::object second{{"requestId", "second"}, {"waitSeconds", 50}};
  EXPECT_EQ(call("POST", "/v1/repos/r/claims", first).at("statusCode"), 202);
  EXPECT_EQ(call("POST", "/v1/repos/r/claims", second).at("statusCode"), 202);
  EXPECT_EQ(call("PUT", "/release-stack/a").at("statusCode"), 200);
  EXPECT_EQ(call("POST", "/v1/repos/r/claims", second).at("statusCode"), 202) << "not before first";
  EXPECT_EQ(call("POST", "/v1/repos/r/claims", first).at("statusCode"), 200);
}

TEST_F(HandlerTest, AnswersBeforeItsTimeIsOver) {
  call("POST", "/create-stack", {{"stackName", "a"}, {"repoName", "r"}, {"isAvailable", false}});
  const auto late = call("POST", "/v1/repos/r/claims", {{"waitSeconds", 1}}, milliseconds{800});
  EXPECT_EQ(late.at("statusCode"), 503);
  EXPECT_EQ(body_of(late).at("code"), "outcome_unknown");
  EXPECT_EQ(slept_, milliseconds(720)) << "a tenth is kept for the answer";
}

TEST_F(HandlerTest, DropsAnAnswerThatComesTooLate) {
  api::Respond late;
  handle_ = [&](api::Request, api::Respond respond) { late = std::move(respond); };
  EXPECT_EQ(call("GET", "/healthz", {}, milliseconds{100}).at("statusCode"), 503);
  late(api::json(200, "{}"));
  handle_ = [](api::Request, api::Respond respond) { respond(api::json(200, "{}")); };
  EXPECT_EQ(call("GET", "/healthz").at("statusCode"), 200);
}

TEST_F(HandlerTest, HasNoStreamOfEvents) {
  for (const char* path : {"/v1/events", "/dev/v1/events"}) {
    const auto answer = call("GET", path);
    EXPECT_EQ(answer.at("statusCode"), 501) << path;
    EXPECT_EQ(body_of(answer).at("code"), "not_on_lambda");
  }
  EXPECT_EQ(json::parse(logged_.substr(0, logged_.find('\n'))).at("level"), "INFO")
      << "nothing failed";
  EXPECT_EQ(call("GET", "/v1/stacks/events").at("statusCode"), 404) << "a stack's name";
}

TEST_F(HandlerTest, SaysToNoStrangerThatThereIsNoStreamOfEvents) {
  const auto asked_with = [this](const json::object& headers) {
    const json::object event{{"version", "2.0"},
                             {"rawPath", "/v1/events"},
                             {"headers", headers},
                             {"requestContext", {{"http", {{"method", "GET"}}}}}};
    return json::parse(invoke(json::serialize(event)).value()).at("statusCode");
  };
  EXPECT_EQ(asked_with({}), 401);
  EXPECT_EQ(asked_with({{"authorization", "wrong"}}), 403);
  EXPECT_EQ(asked_with({{"authorization", "Bearer secret"}}), 501);
}

TEST_F(HandlerTest, PutsALongAnswerTogether) {
  for (int i = 0; i < 1'200; ++i)  // more than two of the export's pages
    call("POST", "/create-stack",
         {{"stackName", "s" + std::to_string(i)}, {"repoName", "r"}, {"isAvailable", true}});
  const auto answer = call("GET", "/v1/export");
  EXPECT_EQ(answer.at("statusCode"), 200);
  EXPECT_EQ(std::ranges::count(std::string_view(answer.at("body").as_string()), '\n'), 1'200);
}

TEST_F(HandlerTest, SaysWhereALongAnswerBreaksOff) {
  handle_ = [](api::Request, api::Respond respond) {
    api::Response begun = api::json(200, "begun");
    begun.more = [](auto give) {
      give(std::unexpected(core::Error{core::Errc::store_unavailable, "gone"}));
    };
    respond(std::move(begun));
  };
  EXPECT_EQ(call("GET", "/v1/export").at("statusCode"), 503);
}

TEST_F(HandlerTest, SweepsByTheSchedule) {
  EXPECT_EQ(invoke(recorded_event("rule_schedule")), R"({"released":0})");
  const auto line = json::parse(logged_);
  EXPECT_EQ(line.at("event"), "sweep");
  EXPECT_EQ(line.at("counts").at("released"), 0)
      << "no text, so that the log can be searched by it";
}

TEST_F(HandlerTest, FailsWhereTheSweepDoes) {
  swept_ = std::unexpected(core::Error{core::Errc::outcome_unknown, "it broke"});
  const auto failed = invoke(recorded_event("rule_schedule"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().type, "OutcomeUnknown");
  EXPECT_EQ(failed.error().message, "it broke");
}

TEST_F(HandlerTest, FailsForWhatItDoesNotKnow) {
  const auto failed = invoke(recorded_event("authorizer"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().type, "UnknownEvent");
}

TEST_F(HandlerTest, LogsEachCallWithoutItsClaimId) {
  call("POST", "/create-stack", {{"stackName", "a"}, {"repoName", "r"}, {"isAvailable", true}});
  const auto claimed = call("POST", "/v1/repos/r/claims");
  const std::string id(body_of(claimed).at("claims").at(0).at("claimId").as_string());
  logged_.clear();
  EXPECT_EQ(call("GET", "/v1/claims/" + id).at("statusCode"), 200);
  const auto line = json::parse(logged_);
  EXPECT_EQ(line.at("target"), "/v1/claims/a#1");
  EXPECT_EQ(line.at("status"), 200);
  EXPECT_EQ(logged_.find(id), std::string::npos);
}

}  // namespace
}  // namespace bddlock::lambda
