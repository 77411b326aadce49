// Which of the free stacks of a repo are lent, and which are kept for those in line.
#include <gtest/gtest.h>

#include <set>

#include "core/request.hpp"
#include "service/line.hpp"
#include "stores/memory/memory_store.hpp"

namespace bddlock::service {
namespace {

constexpr core::Instant long_ago{};

class FreeStacksTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(table_.store->begin());
    Changes changes;
    for (int i = 0; i < 12; ++i)
      changes.stacks.push_back({.next = {.stack_name = core::StackName{std::to_string(i)},
                                         .repo_name = repo_,
                                         .last_used = long_ago}});
    ASSERT_EQ(table_.store->save(changes), Saved::yes);
    ASSERT_TRUE(table_.store->commit());
  }

  // What one of several servers, or calls of one, would give or keep.
  std::string first(std::uint64_t seed, bool keeps) {
    std::uint64_t state = seed;
    const FreeStacks::Random random = [&state] { return state = state * 6364136223846793005U + 1; };
    FreeStacks free{*table_.reader, repo_, random, {.among = 8}};
    EXPECT_TRUE(free.read());
    const auto picked = keeps ? free.pick_to_keep({}) : free.pick({});
    EXPECT_EQ(picked->size(), 1u);
    return picked->empty() ? std::string() : picked->front().stack_name.text();
  }

  const core::RepoName repo_{"r"};
  stores::MemoryTable table_ = stores::make_memory_table();
};

TEST_F(FreeStacksTest, AreLentAtRandomWhereOthersLendThemToo) {
  std::set<std::string> lent;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) lent.insert(first(seed, false));
  EXPECT_GT(lent.size(), 3u);
}

TEST_F(FreeStacksTest, AreKeptWithoutChanceSoThatAllKeepTheSame) {
  std::set<std::string> kept;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) kept.insert(first(seed, true));
  EXPECT_EQ(kept, std::set<std::string>{"0"});
}

TEST_F(FreeStacksTest, WhatAnotherJobIsLendingIsPassedOver) {
  Taken taken;
  const FreeStacks::Random random = [] { return 0U; };
  for (int i = 0; i < 11; ++i)
    taken.note(*table_.reader->find(core::StackName{std::to_string(i)}).value());
  FreeStacks free{*table_.reader, repo_, random, {.among = 8, .taken = &taken}};
  const auto picked = free.pick({});
  ASSERT_EQ(picked->size(), 1u);
  EXPECT_EQ(picked->front().stack_name.text(), "11");
}

}  // namespace
}  // namespace bddlock::service
