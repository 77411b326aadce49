#include "api/client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace bddlock::api {
namespace {

TEST(Client, TellsThoseWhoWatchOnce) {
  Client client;
  int told = 0;
  const auto watch = client.begin();
  client.watch(watch, [&] { ++told; });
  EXPECT_EQ(told, 0);
  client.note_gone();
  client.note_gone();
  EXPECT_EQ(told, 1);
  client.end(watch);
}

TEST(Client, TellsAtOnceWhereItHasGoneAlready) {
  Client client;
  int told = 0;
  const auto before = client.begin();
  client.note_gone();
  client.watch(before, [&] { ++told; });
  const auto after = client.begin();
  client.watch(after, [&] { ++told; });
  EXPECT_EQ(told, 2);
}

TEST(Client, TellsNobodyWhoseRequestIsAnswered) {
  Client client;
  int told = 0;
  const auto watched = client.begin();
  client.watch(watched, [&] { ++told; });
  client.end(watched);
  const auto answered_first = client.begin();
  client.end(answered_first);
  client.watch(answered_first, [&] { ++told; });
  client.note_gone();
  EXPECT_EQ(told, 0);
}

TEST(Client, MayBeCalledFromACallback) {
  Client client;
  const auto watch = client.begin();
  client.watch(watch, [&client, watch] { client.end(watch); });
  client.note_gone();
}

TEST(Client, TellsEachWatchAtMostOnceFromManyThreads) {
  for (int round = 0; round < 100; ++round) {
    Client client;
    std::atomic<int> told = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        const auto watch = client.begin();
        client.watch(watch, [&] { ++told; });
        client.end(watch);
      });
    threads.emplace_back([&] { client.note_gone(); });
    for (std::thread& thread : threads) thread.join();
    EXPECT_LE(told, 4);
  }
}

}  // namespace
}  // namespace bddlock::api
