#include "wire/request_document.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "unit/wire/moments.hpp"

namespace bddlock::wire {
namespace {

ShownRequest waiting_request() {
  ShownRequest shown{.status = "waiting", .position = 2, .ready = true};
  shown.request = {.repo_name = core::RepoName("r"),
                   .request_id = core::RequestId("build-1"),
                   .wish = {.count = 2,
                            .labels = {{"size", "large"}},
                            .prefer_branch = "main",
                            .create_if_none = true,
                            .priority = 5,
                            .holder = core::Holder{.job = "4711"}},
                   .arrived_at = at};
  return shown;
}

TEST(RequestDocument, SaysWhatIsWantedAndWhereItStands) {
  EXPECT_EQ(boost::json::serialize(request_document(waiting_request())),
            R"({"requestId":"build-1","repoName":"r","status":"waiting","position":2,"ready":true,)"
            R"("arrivedAt":"2020-09-13T12:26:40.000Z","endedAt":null,"priority":5,"count":2,)"
            R"("stackName":null,"labels":{"size":"large"},"prefer":{"branch":"main"},)"
            R"("createIfNone":true,"leaseSeconds":900,"holder":{"job":"4711"},"claims":[]})");
}

TEST(RequestDocument, NamesClaimsByStackAndToken) {
  ShownRequest granted = waiting_request();
  granted.status = "granted";
  granted.position = 0;
  granted.request.state = core::RequestState::granted;
  core::GrantedClaim claim{.stack_name = core::StackName("a"), .fencing_token = 7};
  claim.key.bytes.fill(0xAB);
  granted.request.claims = {claim};
  const auto document = request_document(granted);
  EXPECT_EQ(boost::json::serialize(document.at("claims")),
            R"([{"stackName":"a","fencingToken":7}])");
  EXPECT_TRUE(document.at("position").is_null());
}

TEST(RequestListText, IsWrittenAndReadBack) {
  const auto read = parse_request_list(to_text(RequestList{{waiting_request()}, "x"}));
  ASSERT_TRUE(read) << read.error();
  ASSERT_EQ(read->items.size(), 1u);
  EXPECT_EQ(read->items[0].request.request_id, core::RequestId("build-1"));
  EXPECT_EQ(read->items[0].position, 2);
  EXPECT_EQ(read->items[0].request.wish.holder->job, "4711");
  EXPECT_EQ(read->next_cursor, "x");
  EXPECT_FALSE(parse_request_list(R"({"items":[{}]})"));
}

TEST(ExplainedText, SaysWhatMustHappenFirst) {
  Explained explained{
      .shown = waiting_request(), .estimated_wait = core::seconds{30}, .open = true};
  explained.suitable.push_back({{.stack_name = core::StackName("a"),
                                 .repo_name = core::RepoName("r"),
                                 .state = core::State::claimed,
                                 .last_used = at,
                                 .fencing_token = 7},
                                "claimed"});
  explained.suitable_in_all = 3;
  explained.first = {"one more must be released"};
  const auto document = boost::json::parse(to_text(explained)).as_object();
  EXPECT_EQ(document.at("estimatedWaitSeconds"), 30);
  const auto& explain = document.at("explain").as_object();
  EXPECT_EQ(explain.at("suitable").at(0).at("why"), "claimed");
  EXPECT_EQ(explain.at("suitableInAll"), 3);
  EXPECT_TRUE(explain.at("never").is_null());
  const auto read = parse_explained(to_text(explained));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->first, explained.first);
  EXPECT_EQ(read->estimated_wait, core::seconds{30});
}

TEST(ExplainedText, ExplainsNothingOfOneThatDoesNotWait) {
  Explained explained{.shown = waiting_request()};
  explained.shown.status = "ended";
  explained.shown.request.state = core::RequestState::ended;
  explained.shown.request.ended_at = at;
  const auto document = boost::json::parse(to_text(explained)).as_object();
  EXPECT_TRUE(document.at("explain").is_null());
  EXPECT_EQ(document.at("endedAt"), "2020-09-13T12:26:40.000Z");
}

}  // namespace
}  // namespace bddlock::wire
