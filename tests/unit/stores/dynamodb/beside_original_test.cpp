// This server and the original on one table at the same time.
#include "unit/stores/dynamodb/beside_original.hpp"

#include <boost/json/parse.hpp>

namespace bddlock::stores {
namespace {

using core::seconds;
using core::Stack;
using core::StackName;
using core::State;
using service::Saved;

const core::Instant at_noon{core::microseconds{1'574'291'428'014'213}};
const std::string time_1 = "2019-11-21T00:00:01";
const std::string time_2 = "2019-11-21T00:00:02.000001";

class BesideOriginal : public testing::Test {
 protected:
  service::Store& store() { return harness_.store(); }
  Stack found() {
    EXPECT_TRUE(store().begin());
    const auto stack = store().find(StackName{"s"});
    EXPECT_TRUE(stack && *stack);
    return **stack;
  }
  Saved save(const Stack& next) {
    const auto saved = store().save({.stacks = {{.next = next, .expected = next.version}}});
    EXPECT_TRUE(saved) << saved.error().detail;
    return saved.value_or(Saved::version_moved);
  }
  static Stack claimed(Stack stack) {
    stack.state = State::claimed;
    ++stack.fencing_token;
    stack.claim = core::Claim{.claimed_at = at_noon, .expires_at = at_noon + seconds{900}};
    return stack;
  }
  static Stack freed(Stack stack) {
    stack.state = State::available;
    stack.claim.reset();
    return stack;
  }
  void claim() { ASSERT_EQ(save(claimed(found())), Saved::yes); }

  fakes::DynamoDbHarness harness_;
  Original original_{harness_};
};

TEST_F(BesideOriginal, TakesOverItsStacksAndLeavesThemUsableForIt) {
  ASSERT_TRUE(original_.create("s", "r", time_1));
  EXPECT_EQ(found().state, State::available);
  claim();
  EXPECT_EQ(found().version, 2);
  EXPECT_FALSE(original_.claim("s", time_2)) << "lent twice";
  ASSERT_EQ(save(freed(found())), Saved::yes);
  EXPECT_TRUE(original_.claim("s", time_2));
  EXPECT_EQ(found().state, State::claimed);
  EXPECT_FALSE(found().claim);
  EXPECT_TRUE(original_.release("s", time_1));
  EXPECT_EQ(found().state, State::available);
  EXPECT_EQ(found().fencing_token, 1);
}

TEST_F(BesideOriginal, DoesNotClaimWhatTheOriginalClaimedInBetween) {
  ASSERT_TRUE(original_.create("s", "r", time_1));
  const Stack seen = found();
  ASSERT_TRUE(original_.claim("s", time_2));
  EXPECT_EQ(save(claimed(seen)), Saved::version_moved);
  EXPECT_EQ(found().state, State::claimed);
  EXPECT_FALSE(found().claim);
}

// The race of PEERS' S2 with a claim of ours: release, claim by another, all without a version.
TEST_F(BesideOriginal, DoesNotEndAClaimOfTheOriginalThatCameAfterItsRelease) {
  ASSERT_TRUE(original_.create("s", "r", time_1));
  claim();
  const Stack seen = found();
  ASSERT_TRUE(original_.release("s", time_1));
  ASSERT_TRUE(original_.claim("s", time_2));
  EXPECT_EQ(save(freed(seen)), Saved::version_moved);
  EXPECT_EQ(found().state, State::claimed);
}

TEST_F(BesideOriginal, DoesNotExtendAClaimThatTheOriginalEnded) {
  ASSERT_TRUE(original_.create("s", "r", time_1));
  claim();
  Stack extended = found();
  extended.claim->expires_at += seconds{900};
  ASSERT_TRUE(original_.release("s", time_1));
  EXPECT_EQ(save(extended), Saved::version_moved);
  EXPECT_EQ(found().state, State::available);
  EXPECT_EQ(found().last_end->reason, core::EndReason::seed_released);
}

TEST_F(BesideOriginal, FindsNothingDueOfAClaimThatTheOriginalEnded) {
  ASSERT_TRUE(original_.create("s", "r", time_1));
  claim();
  EXPECT_EQ(harness_.reader().due(core::Instant::max(), 9)->size(), 1u);
  ASSERT_TRUE(original_.release("s", time_1));
  EXPECT_EQ(harness_.reader().due(core::Instant::max(), 9)->size(), 0u);
  EXPECT_EQ(harness_.reader().due(core::Instant::max(), 1)->size(), 0u);
}

TEST_F(BesideOriginal, DoesNotLendWhatIsDisabledThoughTheOriginalReleasedIt) {
  ASSERT_TRUE(original_.create("s", "r", time_1));
  Stack off = found();
  off.state = State::disabled;
  ASSERT_EQ(save(off), Saved::yes);
  ASSERT_TRUE(original_.release("s", time_1));
  EXPECT_EQ(harness_.reader().available(core::RepoName{"r"}, {}, 9)->size(), 0u);
  const Stack seen = found();
  EXPECT_EQ(seen.state, State::disabled);
  ASSERT_EQ(save(seen), Saved::yes);
  EXPECT_FALSE(original_.claim("s", time_2));
}

TEST_F(BesideOriginal, WritesTheEndOfAClaimByTheOriginalDownOnce) {
  ASSERT_TRUE(original_.create("s", "r", time_1));
  claim();
  ASSERT_TRUE(original_.release("s", time_1));
  auto other = harness_.open();
  EXPECT_EQ(found().state, State::available);
  ASSERT_TRUE(other.reader->find(StackName{"s"}));
  EXPECT_EQ(found().last_end->reason, core::EndReason::seed_released);
  const auto told = harness_.reader().events({.stack_name = StackName{"s"}});
  ASSERT_TRUE(told) << told.error().detail;
  ASSERT_EQ(told->items.size(), 1u);
  EXPECT_EQ(told->items[0].kind, core::EventKind::released);
  EXPECT_EQ(told->items[0].by, core::By::seed);
  EXPECT_TRUE(original_.claim("s", time_2));
}

// Their clocks do not agree, and a job that lost a race is late.
TEST_F(BesideOriginal, GivesEventsOfAStackRisingIdsWhateverTheClocksOfTheServersSay) {
  const auto open = [&] {
    return make_dynamodb_table(
        harness_.client,
        {.table = harness_.name, .random = std::mt19937_64{std::random_device{}()}});
  };
  auto ahead = open();
  auto behind = open();
  const auto write = [](service::Store& by, core::Instant at) {
    EXPECT_TRUE(by.begin());
    const auto stack = by.find(StackName{"s"});
    EXPECT_EQ(by.save({.stacks = {{.next = **stack, .expected = (*stack)->version}},
                       .events = {{.at = at, .stack_name = StackName{"s"}}}}),
              Saved::yes);
  };
  ASSERT_TRUE(original_.create("s", "r", time_1));
  write(*ahead.store, at_noon + seconds{5});
  write(*behind.store, at_noon);
  write(*ahead.store, at_noon + seconds{6});
  const auto told = harness_.reader().events({.stack_name = StackName{"s"}});
  ASSERT_EQ(told->items.size(), 3u);
  EXPECT_EQ(told->items[0].at, at_noon + seconds{6});
  EXPECT_EQ(told->items[1].at, at_noon);
  EXPECT_EQ(told->items[2].at, at_noon + seconds{5});
}

// Its clients would go on claiming it.
TEST_F(BesideOriginal, TakesAStackOffTheOriginalsListThatIsDisabled) {
  ASSERT_TRUE(original_.create("s", "r", time_1));
  Stack off = found();
  off.state = State::disabled;
  ASSERT_EQ(save(off), Saved::yes);
  ASSERT_TRUE(original_.release("s", time_1));
  EXPECT_EQ(found().state, State::disabled);
  EXPECT_FALSE(original_.claim("s", time_2));
  EXPECT_TRUE(harness_.reader().events({.stack_name = StackName{"s"}})->items.empty());
}

TEST_F(BesideOriginal, KeepsAttributesThatItDoesNotKnow) {
  ASSERT_TRUE(harness_.client->call(
      "PutItem", {{"TableName", harness_.name},
                  {"Item", boost::json::parse(R"({"stackName":{"S":"s"},"repoName":{"S":"r"},
                     "isAvailable":{"S":"x"},"costCentre":{"N":"12"}})")}}));
  claim();
  const auto item = harness_.client->call(
      "GetItem",
      {{"TableName", harness_.name}, {"Key", boost::json::parse(R"({"stackName":{"S":"s"}})")}});
  ASSERT_TRUE(item);
  EXPECT_EQ(item->at("Item").at("costCentre").at("N").as_string(), "12");
}

// Two replicas: each has a store of its own.
TEST_F(BesideOriginal, LetsOneOfTwoServersHaveAStack) {
  ASSERT_TRUE(original_.create("s", "r", time_1));
  auto other = harness_.open();
  const Stack seen = found();
  const auto seen_by_other = other.store->find(StackName{"s"});
  ASSERT_TRUE(seen_by_other && *seen_by_other);
  ASSERT_EQ(save(claimed(seen)), Saved::yes);
  EXPECT_EQ(other.store->save({.stacks = {{.next = claimed(**seen_by_other),
                                           .expected = (*seen_by_other)->version}}}),
            Saved::version_moved);
  EXPECT_EQ(found().fencing_token, 1);
}

TEST_F(BesideOriginal, LetsNoTwoServersGiveOneArrival) {
  auto other = harness_.open();
  const core::RepoName repo{"r"};
  core::Request request{.repo_name = repo, .request_id = core::RequestId{"a"}, .arrival = 1};
  EXPECT_EQ(store().last_arrival(repo), 0);
  EXPECT_EQ(other.store->last_arrival(repo), 0);
  EXPECT_EQ(store().save({.requests = {{.next = request}}}), Saved::yes);
  request.request_id = core::RequestId{"b"};
  EXPECT_EQ(other.store->save({.requests = {{.next = request}}}), Saved::version_moved);
  EXPECT_EQ(other.store->last_arrival(repo), 1);
  request.arrival = 2;
  EXPECT_EQ(other.store->save({.requests = {{.next = request}}}), Saved::yes);
}

}  // namespace
}  // namespace bddlock::stores
