// Two servers on one table of DynamoDB Local, as their stores see it.
#include "unit/stores/dynamodb/beside_original.hpp"

namespace bddlock::stores {
namespace {

using namespace std::chrono_literals;
using core::Stack;
using service::Saved;

constexpr core::Instant lease_end{std::chrono::sys_days{2026y / 3 / 1}};
const core::StackName the_stack{"s"};
const core::RepoName the_repo{"r"};

class Neighbours : public testing::Test {
 protected:
  DynamoDbTable server(const std::string& id, std::size_t stores = 1) {
    DynamoDbOptions options{
        .table = harness_.name, .random = [this] { return random_(); }, .server = id};
    options.clock_skew = 5s;
    options.stores = stores;
    options.sleep = [this](std::chrono::milliseconds time) { sleeps_.push_back(time); };
    return make_dynamodb_table(harness_.client, options);
  }
  static Stack free_stack() { return {.stack_name = the_stack, .repo_name = the_repo}; }
  static Stack claimed(Stack stack, core::Instant until = lease_end) {
    stack.state = core::State::claimed;
    ++stack.fencing_token;
    stack.claim = core::Claim{.claimed_at = until - 60s, .expires_at = until};
    stack.claim->key.bytes[0] = 1;
    return stack;
  }
  static Stack found(DynamoDbTable& at) { return at.reader->find(the_stack).value().value(); }
  static Saved save(service::Store& store, const Stack& next, core::Version expected) {
    const auto saved = store.save({.stacks = {{.next = next, .expected = expected}}});
    EXPECT_TRUE(saved) << saved.error().detail;
    return saved.value_or(Saved::version_moved);
  }
  static bool is_due(DynamoDbTable& at, core::Instant now) {
    return !at.reader->due(now, 10).value().empty();
  }

  // No two transactions of ten minutes may have the same token, in whatever test.
  std::mt19937_64 random_{std::random_device{}()};
  std::vector<std::chrono::milliseconds> sleeps_;
  fakes::DynamoDbHarness harness_;
  DynamoDbTable one_ = server("one");
  DynamoDbTable other_ = server("other");
};

TEST_F(Neighbours, ALeaseOfTheOtherEndsLateAndItsOwnInTime) {
  ASSERT_EQ(save(*one_.store, claimed(free_stack()), 0), Saved::yes);
  EXPECT_FALSE(is_due(one_, lease_end - 1us));
  EXPECT_TRUE(is_due(one_, lease_end));
  EXPECT_FALSE(is_due(other_, lease_end + 5s - 1us));
  EXPECT_TRUE(is_due(other_, lease_end + 5s));
  EXPECT_EQ(found(other_).claim->expires_at, lease_end) << "what clients are told is the same";
}

TEST_F(Neighbours, ALeaseIsOfTheServerThatSetItsTimeLast) {
  ASSERT_EQ(save(*one_.store, claimed(free_stack()), 0), Saved::yes);
  Stack described = found(other_);
  described.note = "only that";
  ASSERT_EQ(save(*other_.store, described, 1), Saved::yes);
  EXPECT_TRUE(is_due(one_, lease_end));
  EXPECT_FALSE(is_due(other_, lease_end));

  Stack extended = found(other_);
  extended.claim->expires_at = lease_end + 60s;
  ASSERT_EQ(save(*other_.store, extended, 2), Saved::yes);
  EXPECT_TRUE(is_due(other_, lease_end + 60s));
  EXPECT_FALSE(is_due(one_, lease_end + 65s - 1us));
  EXPECT_TRUE(is_due(one_, lease_end + 65s));
}

TEST_F(Neighbours, AServerRecallsWhatItSavedLastAndIsRefusedIfThatIsThePast) {
  EXPECT_EQ(one_.store->recall(the_stack), std::nullopt);
  ASSERT_EQ(save(*one_.store, free_stack(), 0), Saved::yes);
  const auto recalled = one_.store->recall(the_stack);
  ASSERT_TRUE(recalled);
  EXPECT_EQ(*recalled, found(one_));

  ASSERT_EQ(save(*one_.store, claimed(*recalled), 1), Saved::yes);
  EXPECT_EQ(*one_.store->recall(the_stack), found(one_));

  Stack freed = found(other_);
  freed.state = core::State::available;
  freed.claim.reset();
  ASSERT_EQ(save(*other_.store, freed, 2), Saved::yes);
  const Stack past = *one_.store->recall(the_stack);
  EXPECT_EQ(past.version, 2);
  EXPECT_EQ(save(*one_.store, past, 2), Saved::version_moved);
  EXPECT_EQ(one_.store->recall(the_stack), std::nullopt);
}

TEST_F(Neighbours, WhatWasRecalledIsNotSavedOverTheOriginal) {
  ASSERT_EQ(save(*one_.store, free_stack(), 0), Saved::yes);
  Original original{harness_};
  ASSERT_TRUE(original.claim(the_stack.text(), "2026-02-01T00:00:00.000001"));
  const auto recalled = one_.store->recall(the_stack);
  ASSERT_TRUE(recalled);
  EXPECT_EQ(save(*one_.store, claimed(*recalled), 1), Saved::version_moved);
  EXPECT_EQ(found(one_).claim, std::nullopt);
}

TEST_F(Neighbours, ASaveThatLostARaceWaitsLongerEachTimeWithinItsJob) {
  ASSERT_EQ(save(*one_.store, free_stack(), 0), Saved::yes);
  ASSERT_TRUE(one_.store->begin());
  for (int i = 0; i < 12; ++i) EXPECT_EQ(save(*one_.store, free_stack(), 7), Saved::version_moved);
  ASSERT_EQ(sleeps_.size(), 12u);
  std::chrono::milliseconds limit{10};
  for (const auto slept : sleeps_) {
    EXPECT_LE(slept, limit);
    limit = std::min(limit * 2, std::chrono::milliseconds{320});
  }
  EXPECT_GT(*std::ranges::max_element(sleeps_), std::chrono::milliseconds{20}) << "it doubles";
  sleeps_.clear();
  ASSERT_TRUE(one_.store->begin());
  EXPECT_EQ(save(*one_.store, free_stack(), 7), Saved::version_moved);
  EXPECT_LE(sleeps_.at(0), std::chrono::milliseconds{10});
}

TEST_F(Neighbours, TheStoresOfOneServerGiveNoEventIdTwice) {
  DynamoDbTable many = server("many", 3);
  ASSERT_EQ(many.more.size(), 2u);
  const core::Event event{.at = lease_end, .stack_name = the_stack, .repo_name = the_repo};
  for (int round = 0; round < 2; ++round)
    for (service::Store* store : {many.store.get(), many.more[0].get(), many.more[1].get()})
      ASSERT_EQ(store->save({.events = {event}}), Saved::yes);
  const auto page = many.reader->events({.limit = 100});
  ASSERT_TRUE(page);
  std::set<std::int64_t> ids;
  for (const core::Event& told : page->items) ids.insert(told.id);
  EXPECT_EQ(ids.size(), 6u);
}

// A grant at once is no line that anybody could come back to.
TEST_F(Neighbours, OnlyWhoWaitsCountsAsAnArrival) {
  core::Request request{.repo_name = the_repo,
                        .request_id = core::RequestId{"a"},
                        .state = core::RequestState::granted,
                        .arrival = 9};
  ASSERT_EQ(one_.store->save({.requests = {{.next = request}}}), Saved::yes);
  EXPECT_EQ(one_.reader->last_arrival(the_repo), 0);
  EXPECT_EQ(one_.reader->repos(std::nullopt, 10), std::vector{the_repo});
  request.request_id = core::RequestId{"b"};
  request.state = core::RequestState::waiting;
  ASSERT_EQ(other_.store->save({.requests = {{.next = request}}}), Saved::yes);
  EXPECT_EQ(one_.reader->last_arrival(the_repo), 9);
}

}  // namespace
}  // namespace bddlock::stores
