#include "core/request.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace bddlock::core {
namespace {

using namespace std::chrono_literals;

Request waiting(int priority, std::int64_t arrival) {
  Request request;
  request.wish.priority = priority;
  request.arrival = arrival;
  return request;
}

TEST(Order, IsByPriorityAndThenByArrival) {
  EXPECT_TRUE(before(waiting(0, 1), waiting(0, 2)));
  EXPECT_FALSE(before(waiting(0, 2), waiting(0, 1)));
  EXPECT_TRUE(before(waiting(1, 9), waiting(0, 1)));
  EXPECT_TRUE(before(waiting(-99, 9), waiting(-100, 1)));
  EXPECT_FALSE(before(waiting(0, 1), waiting(1, 9)));
  EXPECT_FALSE(before(waiting(0, 1), waiting(0, 1)));
}

TEST(AsksTheSame, WhateverItsHolderAndPreference) {
  Request request;
  request.wish = {.count = 2, .labels = {{"a", "1"}}, .priority = 5};
  request.asked_priority = 5;
  Wish repeated = request.wish;
  repeated.holder = Holder{.job = "another"};
  repeated.prefer_branch = "main";
  repeated.prefer_commit = "abc";
  EXPECT_TRUE(asks_the_same(request, repeated));
}

TEST(AsksTheSame, EvenIfAnAdminChangedItsPriority) {
  Request request;
  request.wish.priority = 100;
  request.asked_priority = 5;
  EXPECT_TRUE(asks_the_same(request, Wish{.priority = 5}));
  EXPECT_FALSE(asks_the_same(request, Wish{.priority = 100}));
}

TEST(AsksTheSame, NotIfAnythingElseDiffers) {
  const Request request;
  for (const Wish& other : {Wish{.count = 2}, Wish{.stack_name = StackName{"a"}},
                            Wish{.labels = {{"a", "1"}}}, Wish{.create_if_none = true},
                            Wish{.name_prefix = "x"}, Wish{.lease = 901s}, Wish{.priority = 1}})
    EXPECT_FALSE(asks_the_same(request, other));
}

TEST(Suits, OnlyIfAllLabelsAreEqual) {
  const Stack stack{.stack_name = StackName{"alpha"}, .labels = {{"size", "xl"}, {"os", ""}}};
  EXPECT_TRUE(suits(Wish{}, stack));
  EXPECT_TRUE(suits(Wish{.labels = {{"size", "xl"}}}, stack));
  EXPECT_TRUE(suits(Wish{.labels = {{"size", "xl"}, {"os", ""}}}, stack));
  EXPECT_FALSE(suits(Wish{.labels = {{"size", "XL"}}}, stack));
  EXPECT_FALSE(suits(Wish{.labels = {{"size", "xl"}, {"os", "x"}}}, stack));
  EXPECT_FALSE(suits(Wish{.labels = {{"gpu", ""}}}, stack));
}

TEST(Suits, OnlyTheStackThatIsNamed) {
  const Stack stack{.stack_name = StackName{"alpha"}};
  EXPECT_TRUE(suits(Wish{.stack_name = StackName{"alpha"}}, stack));
  EXPECT_FALSE(suits(Wish{.stack_name = StackName{"beta"}}, stack));
}

TEST(Fit, PutsTheCommitBeforeTheBranch) {
  const Wish wish{.prefer_branch = "main", .prefer_commit = "abc"};
  const auto with = [&](const char* branch, const char* commit) {
    return fit(wish, Stack{.deployed = Deployed{branch, commit, {}}});
  };
  EXPECT_GT(with("main", "abc"), with("other", "abc"));
  EXPECT_GT(with("other", "abc"), with("main", "other"));
  EXPECT_GT(with("main", "other"), with("other", "other"));
  EXPECT_EQ(with("other", "other"), fit(wish, Stack{}));
}

TEST(Fit, IsTheSameForAllWithoutAPreference) {
  EXPECT_EQ(fit(Wish{}, Stack{.deployed = Deployed{}}), 0);
  EXPECT_EQ(fit(Wish{}, Stack{.deployed = Deployed{"main", "abc", {}}}), 0);
}

}  // namespace
}  // namespace bddlock::core
