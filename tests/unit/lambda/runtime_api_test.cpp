// The Runtime API's client and the loop over it, against a stand-in that answers as it is told.
#include "lambda/runtime_api.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "lambda/loop.hpp"
#include "unit/net/fake_server.hpp"

namespace bddlock::lambda {
namespace {

using std::chrono::milliseconds;

std::string reply(unsigned status, std::string_view body, std::string_view headers = "") {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

const std::string hang_up = "";  // the connection ends without an answer
const std::string taken = reply(202, R"({"status":"OK"})");
const std::string invoked = reply(200, R"({"action":"sweep"})",
                                  "Lambda-Runtime-Aws-Request-Id: 8476a536\r\n"
                                  "Lambda-Runtime-Deadline-Ms: 1542409706888\r\n"
                                  "Lambda-Runtime-Trace-Id: Root=1-5bef4de7\r\n");

class RuntimeApiTest : public testing::Test {
 protected:
  // Calls `use` with a client of an API that gives one of the answers for each request, in turn,
  // and then hangs up on all.
  template <class Use>
  void with_api(std::deque<std::string> answers, Use use) {
    net::FakeServer server([&](net::Peer& peer, int) {
      for (std::string request = peer.read_request(); !request.empty();
           request = peer.read_request()) {
        seen_.push_back(request);
        if (answers.empty()) return;
        const std::string answer = answers.front();
        answers.pop_front();
        if (answer == hang_up) return;
        peer.send(answer);
      }
    });
    RuntimeApi api({"127.0.0.1", std::to_string(server.port), "", false},
                   [this](milliseconds wait) { waits_.push_back(wait); });
    use(api);
  }

  std::string first_line(std::size_t of) { return seen_.at(of).substr(0, seen_.at(of).find('\r')); }

  std::vector<std::string> seen_;
  std::vector<milliseconds> waits_;
};

TEST_F(RuntimeApiTest, GivesTheNextInvocation) {
  with_api({invoked}, [&](RuntimeApi& api) {
    const auto next = api.next();
    ASSERT_TRUE(next);
    EXPECT_EQ(next->request_id, "8476a536");
    EXPECT_EQ(next->deadline_ms, 1542409706888);
    EXPECT_EQ(next->trace_id, "Root=1-5bef4de7");
    EXPECT_EQ(next->payload, R"({"action":"sweep"})");
  });
  EXPECT_EQ(first_line(0), "GET /2018-06-01/runtime/invocation/next HTTP/1.1");
}

TEST_F(RuntimeApiTest, TakesAnswers) {
  with_api({taken, taken, taken}, [&](RuntimeApi& api) {
    EXPECT_TRUE(api.answer("8476a536", "{}"));
    EXPECT_TRUE(api.fail("8476a536", {"UnknownEvent", "what came"}));
    EXPECT_TRUE(api.fail_start({"Setting", "no token"}));
  });
  EXPECT_EQ(first_line(0), "POST /2018-06-01/runtime/invocation/8476a536/response HTTP/1.1");
  EXPECT_TRUE(seen_[0].ends_with("\r\n\r\n{}"));
  EXPECT_EQ(first_line(1), "POST /2018-06-01/runtime/invocation/8476a536/error HTTP/1.1");
  EXPECT_NE(seen_[1].find("Lambda-Runtime-Function-Error-Type: UnknownEvent\r\n"),
            std::string::npos);
  EXPECT_TRUE(seen_[1].ends_with(
      R"({"errorType":"UnknownEvent","errorMessage":"what came","stackTrace":[]})"));
  EXPECT_EQ(first_line(2), "POST /2018-06-01/runtime/init/error HTTP/1.1");
}

TEST_F(RuntimeApiTest, IsAskedAgainWithGrowingWaits) {
  // A GET whose kept connection ended is sent again at once, so it takes a new one to fail.
  with_api({hang_up, hang_up, taken}, [&](RuntimeApi& api) { EXPECT_TRUE(api.answer("a", "{}")); });
  EXPECT_EQ(waits_, (std::vector<milliseconds>{milliseconds{50}, milliseconds{100}}));
}

TEST_F(RuntimeApiTest, IsGivenUpInTheEnd) {
  with_api({}, [&](RuntimeApi& api) {
    const auto next = api.next();
    ASSERT_FALSE(next);
    EXPECT_TRUE(next.error().is_fatal);
  });
  EXPECT_EQ(waits_.size(), 5u);
}

TEST_F(RuntimeApiTest, MayTakeAnAnswerNoMore) {
  with_api({reply(400, R"({"errorType":"InvalidRequestID"})"), reply(413, ""), reply(500, "")},
           [&](RuntimeApi& api) {
             const auto late = api.answer("a", "{}");
             ASSERT_FALSE(late);
             EXPECT_FALSE(late.error().is_fatal);
             EXPECT_NE(late.error().detail.find("InvalidRequestID"), std::string::npos);
             EXPECT_FALSE(api.answer("a", "{}").error().is_fatal);
             EXPECT_TRUE(api.answer("a", "{}").error().is_fatal);
           });
}

TEST_F(RuntimeApiTest, EndsTheFunctionWhereItHasNoInvocation) {
  with_api({reply(403, ""), reply(200, "{}")}, [&](RuntimeApi& api) {
    EXPECT_TRUE(api.next().error().is_fatal);
    EXPECT_TRUE(api.next().error().is_fatal) << "an invocation without an id cannot be answered";
  });
}

class LoopTest : public RuntimeApiTest {
 protected:
  std::string logged_;
  Log log_{{}, [] { return core::Instant{}; }, [this](std::string_view line) { logged_ += line; }};
  Deadline deadline_{[] { return std::int64_t{0}; }};
  core::Result<boost::json::object> swept_ = boost::json::object{};
  Handler handler_{{.handle = {},
                    .turn_away = {},
                    .tick = {},
                    .sweep = [this] { return swept_; },
                    .sleep = {},
                    .uptime = {}},
                   deadline_,
                   log_};

  void run(std::deque<std::string> answers) {
    with_api(std::move(answers),
             [this](RuntimeApi& api) { serve_invocations(api, handler_, log_); });
  }
};

TEST_F(LoopTest, AnswersOneInvocationAfterTheOther) {
  run({invoked, taken, invoked, taken, reply(500, "")});
  ASSERT_EQ(seen_.size(), 5u);
  for (std::size_t at : {0u, 2u, 4u}) EXPECT_NE(first_line(at).find("/next"), std::string::npos);
  for (std::size_t at : {1u, 3u}) EXPECT_NE(first_line(at).find("/response"), std::string::npos);
  EXPECT_NE(logged_.find("runtime_api_failed"), std::string::npos);
}

TEST_F(LoopTest, TellsWhatAnInvocationFailedWith) {
  swept_ = std::unexpected(core::Error{core::Errc::store_unavailable, "down"});
  run({invoked, taken, reply(500, "")});
  EXPECT_NE(first_line(1).find("/error"), std::string::npos);
  EXPECT_NE(logged_.find(R"("requestId":"8476a536")"), std::string::npos);
}

TEST_F(LoopTest, GoesOnWhereAnAnswerIsNotTaken) {
  run({invoked, reply(413, ""), taken, invoked, taken, reply(500, "")});
  ASSERT_EQ(seen_.size(), 6u);
  EXPECT_NE(first_line(2).find("/8476a536/error"), std::string::npos);
  EXPECT_NE(logged_.find("answer_not_taken"), std::string::npos);
}

TEST_F(LoopTest, EndsWhereTheApiSaysSo) {
  run({invoked, reply(500, "")});
  EXPECT_EQ(seen_.size(), 2u);
}

}  // namespace
}  // namespace bddlock::lambda
