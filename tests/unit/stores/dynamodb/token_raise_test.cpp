#include "stores/dynamodb/token_raise.hpp"

#include <gtest/gtest.h>

#include "unit/stores/dynamodb/beside_original.hpp"

namespace bddlock::stores {
namespace {

using core::StackName;

const core::Instant at_raise_noon{core::microseconds{1'574'291'428'014'213}};

class TokenRaises : public testing::Test {
 protected:
  service::Store& store() { return harness_.store(); }

  core::Stack claimed(const std::string& name, core::FencingToken token) {
    core::Stack stack{.stack_name = StackName{name},
                      .repo_name = core::RepoName{"r"},
                      .state = core::State::claimed,
                      .last_used = at_raise_noon,
                      .fencing_token = token};
    stack.claim.emplace();
    stack.claim->request_id = core::RequestId{"q"};
    stack.claim->claimed_at = at_raise_noon;
    stack.claim->expires_at = at_raise_noon + core::seconds{900};
    return stack;
  }
  void save(const service::Changes& changes) {
    ASSERT_TRUE(store().begin());
    const auto saved = store().save(changes);
    ASSERT_TRUE(saved) << saved.error().detail;
    ASSERT_EQ(*saved, service::Saved::yes);
  }
  core::Stack found(const std::string& name) {
    const auto stack = store().find(StackName{name});
    return stack && *stack ? **stack : core::Stack{};
  }
  std::expected<RaisedTokens, std::string> raise() {
    return raise_fencing_tokens(harness_.client, harness_.name);
  }

  fakes::DynamoDbHarness harness_;
};

TEST_F(TokenRaises, ReachesStacksRequestsAndDeletedNames) {
  core::Request request{.repo_name = core::RepoName{"r"},
                        .request_id = core::RequestId{"q"},
                        .state = core::RequestState::granted,
                        .arrival = 1};
  request.claims.push_back({StackName{"used"}, {}, 7});
  save({.stacks = {{.next = claimed("used", 7)}, {.next = claimed("gone", 5)}},
        .requests = {{.next = request}}});
  save({.stacks = {{.next = claimed("gone", 5), .expected = 1, .remove = true}}});
  Original(harness_).create("untouched", "r", "2019-11-21T00:00:01");

  const auto raised = raise();

  ASSERT_TRUE(raised) << raised.error();
  EXPECT_EQ(raised->stacks, 2);
  EXPECT_EQ(raised->deleted_names, 1);
  EXPECT_EQ(found("used").fencing_token, 1'000'007);
  EXPECT_EQ(found("used").state, core::State::claimed);
  EXPECT_EQ(found("untouched").fencing_token, 1'000'000);
  EXPECT_EQ(found("untouched").state, core::State::available);
  EXPECT_EQ(store().retired_token(StackName{"gone"}).value(), 1'000'005);
  const auto granted = store().find_request(request.repo_name, request.request_id);
  ASSERT_TRUE(granted && *granted);
  EXPECT_EQ((*granted)->claims.at(0).fencing_token, 1'000'007);
}

TEST_F(TokenRaises, AreSeenByAServerThatReadTheStackBefore) {
  save({.stacks = {{.next = claimed("used", 7)}}});
  ASSERT_TRUE(store().begin());
  const core::Stack before = found("used");
  ASSERT_TRUE(raise());
  const auto saved = store().save({.stacks = {{.next = before, .expected = before.version}}});
  ASSERT_TRUE(saved) << saved.error().detail;
  EXPECT_EQ(*saved, service::Saved::version_moved);
  EXPECT_EQ(found("used").fencing_token, 1'000'007);
}

TEST_F(TokenRaises, StopAtATokenThatCannotBeRaised) {
  save({.stacks = {{.next = claimed("used", std::numeric_limits<std::int64_t>::max() - 10)}}});
  const auto raised = raise();
  ASSERT_FALSE(raised);
  EXPECT_NE(raised.error().find("the stack used"), std::string::npos) << raised.error();
}

TEST_F(TokenRaises, NeedTheTables) {
  const auto raised = raise_fencing_tokens(harness_.client, "no-such-table");
  ASSERT_FALSE(raised);
  EXPECT_NE(raised.error().find("no-such-table"), std::string::npos) << raised.error();
}

}  // namespace
}  // namespace bddlock::stores
