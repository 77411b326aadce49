// What is read from items that this server wrote, that the original changed since, and that people
// wrote by hand.
#include "stores/dynamodb/stack_item.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace bddlock::stores::dynamodb {
namespace {

using core::seconds;
using core::State;

const core::Instant at_noon{core::microseconds{1'574'291'428'014'213}};
const std::string noon_text = "2019-11-20T23:10:28.014213";
const std::string later_text = "2019-11-21T00:00:00";

core::Stack claimed_stack() {
  core::Stack stack{.stack_name = core::StackName{"s"},
                    .repo_name = core::RepoName{"r"},
                    .state = State::claimed,
                    .last_used = at_noon,
                    .fencing_token = 7};
  stack.claim = core::Claim{.claimed_at = at_noon, .expires_at = at_noon + seconds{900}};
  stack.labels = {{"size", "l"}};
  return stack;
}

// The item that the write leaves behind, as DynamoDB would make it.
Item written(const core::Stack& stack) {
  const StackWrite write = write_stack(stack, 4, nullptr);
  Item item{{"stackName", text_value(stack.stack_name.text())}};
  for (std::size_t at = write.update.find('#'); at < write.update.find(" REMOVE ");
       at = write.update.find('#', at + 1)) {
    const auto equals = write.update.find(" = ", at);
    const auto end = write.update.find_first_of(", ", equals + 3);
    const auto name = write.update.substr(at, equals - at);
    const auto value = write.update.substr(equals + 3, end - equals - 3);
    item.insert_or_assign(write.names.at(name).as_string(), write.values.at(value));
  }
  return item;
}

// The original's two writes to an item.
void release_by_original(Item& item) {
  item.insert_or_assign("isAvailable", text_value("x"));
  item.insert_or_assign("lastUsed", text_value(later_text));
}
void claim_by_original(Item& item) {
  item.erase("isAvailable");
  item.insert_or_assign("lastUsed", text_value(later_text));
}

Item from_json(std::string_view text) { return json::parse(text).as_object(); }

TEST(StackItem, GivesBackWhatWasWritten) {
  for (const State state : {State::available, State::claimed, State::held, State::disabled}) {
    core::Stack stack = claimed_stack();
    stack.state = state;
    if (state == State::available || state == State::disabled) stack.claim.reset();
    StackItem read = read_stack(written(stack));
    EXPECT_EQ(read.stack.version, 5);
    stack.version = 5;
    EXPECT_EQ(read.stack, stack);
  }
}

TEST(StackItem, KeepsTheOriginalsSweepOffUntilItsTime) {
  core::Stack stack = claimed_stack();
  EXPECT_EQ(text_in(written(stack), "lastUsed"), "2019-11-20T23:25:28.014213");
  stack.claim.reset();  // of the seed's API
  EXPECT_EQ(text_in(written(stack), "lastUsed"), noon_text);
  stack.state = State::disabled;
  EXPECT_EQ(text_in(written(stack), "lastUsed"), "9999-12-31T23:59:59.999999");
  stack.state = State::available;
  EXPECT_EQ(text_in(written(stack), "lastUsed"), noon_text);
  EXPECT_EQ(text_in(written(stack), "isAvailable"), "x");
}

TEST(StackItem, IsAvailableOnceTheOriginalReleasedIt) {
  Item item = written(claimed_stack());
  release_by_original(item);
  const core::Stack stack = read_stack(item).stack;
  EXPECT_EQ(stack.state, State::available);
  EXPECT_FALSE(stack.claim);
  ASSERT_TRUE(stack.last_end);
  EXPECT_EQ(stack.last_end->reason, core::EndReason::seed_released);
  EXPECT_EQ(stack.fencing_token, 7);
  EXPECT_EQ(stack.labels.at("size"), "l");
  EXPECT_EQ(core::to_seed_text(stack.last_used), later_text);
}

// Without the stamp the old claim would count again, and be swept from the original's client.
TEST(StackItem, HasASeedClaimOnceTheOriginalReleasedAndClaimedIt) {
  Item item = written(claimed_stack());
  release_by_original(item);
  claim_by_original(item);
  const core::Stack stack = read_stack(item).stack;
  EXPECT_EQ(stack.state, State::claimed);
  EXPECT_FALSE(stack.claim);
}

TEST(StackItem, StaysDisabledThoughTheOriginalReleasedIt) {
  core::Stack stack = claimed_stack();
  stack.claim.reset();
  stack.state = State::disabled;
  stack.disabled_reason = "broken";
  Item item = written(stack);
  release_by_original(item);
  EXPECT_EQ(read_stack(item).stack.state, State::disabled);
  EXPECT_EQ(read_stack(item).stack.disabled_reason, "broken");
  claim_by_original(item);
  EXPECT_EQ(read_stack(item).stack.state, State::claimed);
  EXPECT_TRUE(read_stack(item).stack.disable_after_claim);
}

TEST(StackItem, IsDisabledAfterAClaimThatTheOriginalEnded) {
  core::Stack stack = claimed_stack();
  stack.disable_after_claim = true;
  Item item = written(stack);
  release_by_original(item);
  EXPECT_EQ(read_stack(item).stack.state, State::disabled);
}

TEST(StackItem, ReadsTheOriginalsOwnItems) {
  const core::Stack free =
      read_stack(from_json(R"({"stackName":{"S":"s"},"repoName":{"S":"r"},"isAvailable":{"S":"x"},
                               "lastUsed":{"S":"2019-11-20T23:10:28.014213"}})"))
          .stack;
  EXPECT_EQ(free.state, State::available);
  EXPECT_EQ(free.last_used, at_noon);
  EXPECT_EQ(free.version, 1);
  EXPECT_EQ(free.fencing_token, 0);
}

TEST(StackItem, TakesWhateverStandsInIt) {
  for (const char* text :
       {"{}", R"({"stackName":{"S":"s"}})", R"({"stackName":{"N":"1"},"version":{"S":"x"}})",
        R"({"stackName":{"S":"s"},"lastUsed":{"N":"17"},"stamp":{"N":"17"},"state":{"S":"odd"},
            "usedAt":{"S":"soon"},"claim":{"S":"no json"},"labels":{"S":"[1]"},"fencingToken":{}})",
        R"({"stackName":{"S":"s"},"isAvailable":{"BOOL":true},"lastUsed":{"S":"yesterday"}})",
        R"({"stackName":"s","lastUsed":[],"version":{"N":"1e400"}})"})
    EXPECT_EQ(read_stack(from_json(text)).stack.state, State::claimed) << text;
}

TEST(StackItem, IsNotSweptIfNobodyKnowsSinceWhenItIsClaimed) {
  const auto used = [](const char* text) { return read_stack(from_json(text)).stack.last_used; };
  EXPECT_EQ(used(R"({"stackName":{"S":"s"}})"), core::Instant::max());
  EXPECT_EQ(used(R"({"stackName":{"S":"s"},"lastUsed":{"S":"?"}})"), core::Instant::max());
  EXPECT_EQ(used(R"({"stackName":{"S":"s"},"isAvailable":{"S":"x"}})"), core::Instant{});
}

TEST(StackItem, IsChangedOnlyAsItWasRead) {
  const StackItem odd = read_stack(from_json(R"({"stackName":{"S":"s"},"lastUsed":{"N":"17"}})"));
  const StackWrite write = write_stack(odd.stack, 1, &odd.as_read);
  EXPECT_NE(write.condition.find("attribute_not_exists(#version)"), std::string::npos);
  EXPECT_NE(write.condition.find("attribute_not_exists(#isAvailable)"), std::string::npos);
  const auto at = write.condition.find("#lastUsed = ");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(write.values.at(write.condition.substr(at + 12)), json::parse(R"({"N":"17"})"));
  EXPECT_EQ(write_stack(odd.stack, 0, nullptr).condition, "attribute_not_exists(stackName)");
}

// The owner asks the history what became of it.
TEST(StackItem, HasAnEndForTheHistoryOnceTheOriginalReleasedIt) {
  core::Stack stack = claimed_stack();
  stack.claim->key.bytes.fill(3);
  stack.claim->request_id = core::RequestId{"job"};
  EXPECT_FALSE(read_stack(written(stack)).is_behind);
  Item item = written(stack);
  release_by_original(item);
  const StackItem read = read_stack(item);
  EXPECT_TRUE(read.is_behind);
  ASSERT_TRUE(read.unwritten);
  EXPECT_EQ(read.unwritten->kind, core::EventKind::released);
  EXPECT_EQ(read.unwritten->by, core::By::seed);
  EXPECT_EQ(read.unwritten->request_id.text(), "job");
  EXPECT_EQ(read.unwritten->key, stack.claim->key);
  EXPECT_EQ(read.unwritten->from, State::claimed);
  EXPECT_EQ(read.unwritten->to, State::available);
  EXPECT_EQ(read.unwritten->fencing_token, 7);
  EXPECT_EQ(core::to_seed_text(read.unwritten->at), later_text);
  claim_by_original(item);
  EXPECT_TRUE(read_stack(item).unwritten) << "also if it has claimed it since";
}

TEST(StackItem, HasTheEndOfAHoldOrOfferForTheHistoryAndKeepsHowItsClaimEnded) {
  core::Stack stack = claimed_stack();
  stack.last_end = core::LastEnd{.reason = core::EndReason::released, .fencing_token = 7};
  stack.state = State::held;
  Item held = written(stack);
  release_by_original(held);
  EXPECT_EQ(read_stack(held).unwritten->kind, core::EventKind::hold_ended);
  EXPECT_EQ(read_stack(held).stack.last_end, stack.last_end);
  stack.state = State::claimed;
  stack.claim->offered = true;
  Item offered = written(stack);
  release_by_original(offered);
  EXPECT_EQ(read_stack(offered).unwritten->kind, core::EventKind::offer_lapsed);
  EXPECT_EQ(read_stack(offered).stack.last_end, stack.last_end);
}

TEST(StackItem, IsBehindWhereTheOriginalMadeADisabledStackAvailable) {
  core::Stack stack = claimed_stack();
  stack.claim.reset();
  stack.state = State::disabled;
  Item item = written(stack);
  release_by_original(item);
  EXPECT_TRUE(read_stack(item).is_behind);
  EXPECT_FALSE(read_stack(item).unwritten);
  Item free = written({.stack_name = core::StackName{"s"}, .repo_name = core::RepoName{"r"}});
  claim_by_original(free);
  EXPECT_FALSE(read_stack(free).is_behind) << "its own claims are nobody else's";
  release_by_original(free);
  EXPECT_FALSE(read_stack(free).is_behind);
}

// A person may edit what the original does not know; lastUsed and stamp are the same then.
TEST(StackItem, IsNotLentAgainBecauseSomebodySpoilsItsClaim) {
  for (const char* claim : {R"({"S":"{}"})", R"({"S":"no json"})", R"({"N":"1"})"}) {
    Item item = written(claimed_stack());
    item.insert_or_assign("claim", json::parse(claim));
    const core::Stack stack = read_stack(item).stack;
    EXPECT_EQ(stack.state, State::claimed) << claim;
    EXPECT_FALSE(stack.claim) << claim;
    EXPECT_EQ(stack.last_used, at_noon + seconds{900}) << "nothing sweeps it before";
  }
  core::Stack held = claimed_stack();
  held.state = State::held;
  Item item = written(held);
  item.erase("claim");
  EXPECT_EQ(read_stack(item).stack.state, State::held) << "until somebody ends it";
}

TEST(StackItem, IsNotSweptBecauseSomebodyRemovesWhenItWasUsed) {
  core::Stack stack = claimed_stack();
  stack.claim.reset();
  Item item = written(stack);
  item.erase("usedAt");
  EXPECT_EQ(read_stack(item).stack.last_used, at_noon);
}

TEST(StackItem, HasAVersionThatCanBeCountedOn) {
  for (const char* number : {"-5", "9223372036854775807", "1e125", "0.5"}) {
    Item item = written(claimed_stack());
    item.insert_or_assign("version", digits_value(number));
    const core::Version version = read_stack(item).stack.version;
    EXPECT_GE(version, 1) << number;
    EXPECT_GT(version + 1, version) << number;
  }
}

// DynamoDB refuses the empty key of an index.
TEST(StackItem, WithoutARepoIsWrittenWithoutOne) {
  const StackItem odd = read_stack(from_json(R"({"stackName":{"S":"s"}})"));
  EXPECT_EQ(write_stack(odd.stack, 1, &odd.as_read).update.find("repoName"), std::string::npos);
}

}  // namespace
}  // namespace bddlock::stores::dynamodb
