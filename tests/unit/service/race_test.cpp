// Invariant 1 under many threads: of any number of claims of one stack at the same time exactly one
// succeeds.
#include <gtest/gtest.h>

#include <barrier>
#include <set>
#include <thread>

#include "fakes/await.hpp"
#include "fakes/fake_clock.hpp"
#include "service/service.hpp"
#include "stores/memory/memory_store.hpp"

namespace bddlock::service {
namespace {

using core::Reply;

TEST(Race, OfManyClaimsOfOneStackExactlyOneSucceeds) {
  constexpr int threads = 64;
  constexpr int rounds = 100;
  const core::StackName only{"alpha"};
  auto table = stores::make_memory_table();
  fakes::FakeClock clock;
  const auto writes = make_batching_lane(*table.store, clock, {});
  const auto reads = make_read_lane(*table.reader, 1, {});
  Service service{*writes, *reads, clock, [] { return 0; }};
  ASSERT_TRUE(fakes::await<Reply>(
      [&](auto done) { service.create({only, core::RepoName{"repo"}, true}, std::move(done)); }));

  std::atomic<int> won = 0;
  std::vector<int> winners_a_round;
  std::set<core::FencingToken> tokens;  // written by the one winner of a round
  std::barrier start{threads};
  std::barrier end{threads, [&]() noexcept { winners_a_round.push_back(won.exchange(0)); }};
  std::vector<std::thread> claimers;
  for (int t = 0; t < threads; ++t)
    claimers.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        start.arrive_and_wait();
        const auto reply = fakes::await<Reply>(
            [&](auto done) { service.apply(only, core::SeedClaim{}, std::move(done)); });
        const bool mine = reply && std::holds_alternative<core::Done>(*reply);
        if (mine && won++ == 0) tokens.insert(std::get<core::Done>(*reply).fencing_token);
        end.arrive_and_wait();
        if (mine)
          (void)fakes::await<Reply>(
              [&](auto done) { service.apply(only, core::SeedRelease{}, std::move(done)); });
      }
    });
  for (std::thread& thread : claimers) thread.join();
  EXPECT_EQ(winners_a_round, std::vector<int>(rounds, 1));
  EXPECT_EQ(tokens.size(), static_cast<std::size_t>(rounds));
  EXPECT_EQ(*tokens.rbegin(), rounds);
}

}  // namespace
}  // namespace bddlock::service
