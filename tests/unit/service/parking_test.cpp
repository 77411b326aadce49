#include "service/parking.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "unit/service/lender_fixture.hpp"

namespace bddlock::service {
namespace {

class ParkingTest : public testing::Test {
 protected:
  static RequestKey key(const std::string& id) { return {RepoName{"repo"}, RequestId{id}}; }

  Ticket park(const std::string& id, Instant deadline = noon + 50s) {
    return parking_.open(key(id), deadline, [this, id](const Result<ClaimAnswer>& answer) {
      answers_ += id + ": " + to_words(answer) + "; ";
      EXPECT_TRUE(parking_.size() < 1000);  // it may be called: no lock is held
    });
  }
  std::string answers() { return std::exchange(answers_, {}); }

  std::string answers_;
  Parking parking_;
};

TEST_F(ParkingTest, AnswersACallOnce) {
  const Ticket ticket = park("r1");
  EXPECT_NE(ticket, 0u);
  EXPECT_TRUE(parking_.is_open(key("r1")));
  parking_.settle(ticket, Granted{});
  EXPECT_EQ(answers(), "r1: granted; ");
  EXPECT_FALSE(parking_.is_open(key("r1")));
  parking_.settle(ticket, Queued{});
  parking_.answer(key("r1"), Queued{});
  EXPECT_EQ(parking_.gone(ticket), std::nullopt);
  EXPECT_EQ(answers(), "");
  EXPECT_EQ(parking_.size(), 0u);
}

TEST_F(ParkingTest, AnswersEveryCallOfARequest) {
  park("r1");
  park("r1");
  park("r2");
  parking_.answer(key("r1"), Granted{});
  EXPECT_EQ(answers(), "r1: granted; r1: granted; ");
  EXPECT_TRUE(parking_.is_open(key("r2")));
}

TEST_F(ParkingTest, KeepsTheSameIdOfAnotherRepoApart) {
  park("r1");
  const RequestKey other{RepoName{"other"}, RequestId{"r1"}};
  EXPECT_FALSE(parking_.is_open(other));
  parking_.answer(other, Granted{});
  EXPECT_EQ(answers(), "");
}

TEST_F(ParkingTest, HandsOutACallAtItsDeadlineAndNotBefore) {
  park("late", noon + 20s);
  park("early", noon + 10s);
  EXPECT_TRUE(parking_.expired(noon + 10s - 1us).empty());
  auto calls = parking_.expired(noon + 10s);
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].key, key("early"));
  EXPECT_FALSE(parking_.is_open(key("early")));
  parking_.answer(key("early"), Granted{});  // too late: whoever took it answers
  EXPECT_EQ(answers(), "");
  calls[0].done(ClaimAnswer{Queued{}});
  EXPECT_EQ(answers(), "early: queued; ");
  EXPECT_EQ(parking_.expired(noon + 20s).size(), 1u);
}

TEST_F(ParkingTest, SaysUntilWhenAnotherCallOfTheRequestIsOpen) {
  const Ticket first = park("r1", noon + 10s);
  const Ticket second = park("r1", noon + 30s);
  const Ticket third = park("r1", noon + 20s);
  EXPECT_EQ(parking_.gone(first)->open_until, noon + 30s);
  EXPECT_EQ(parking_.gone(second)->open_until, noon + 20s);
  EXPECT_TRUE(parking_.is_open(key("r1")));
  const auto last = parking_.gone(third);
  EXPECT_EQ(last->open_until, std::nullopt);
  EXPECT_EQ(last->key, key("r1"));
  EXPECT_FALSE(parking_.is_open(key("r1")));
  EXPECT_EQ(answers(), "");
}

TEST_F(ParkingTest, LetsNobodyInOnceItIsClosed) {
  park("r1");
  EXPECT_EQ(parking_.close().size(), 1u);
  Done<ClaimAnswer> done = [](const Result<ClaimAnswer>&) {};
  EXPECT_EQ(parking_.open(key("r2"), noon, std::move(done)), 0u);
  EXPECT_TRUE(done);  // left to whoever called
}

TEST_F(ParkingTest, AnswersEachOfManyCallsOnceWhoeverIsFirst) {
  constexpr int calls = 10'000;
  std::vector<std::atomic<int>> answered(calls);
  std::vector<Ticket> tickets;
  for (std::size_t i = 0; i < calls; ++i)
    tickets.push_back(parking_.open(key(std::to_string(i % 1000)),
                                    noon + core::seconds{static_cast<int>(i % 50)},
                                    [&answered, i](const Result<ClaimAnswer>&) { ++answered[i]; }));
  std::atomic<int> taken_out = 0;
  std::thread settles{[&] {
    for (std::size_t i = 0; i < calls; i += 3) parking_.settle(tickets[i], Granted{});
  }};
  std::thread wakes{[&] {
    for (std::size_t i = 0; i < 1000; i += 2) parking_.answer(key(std::to_string(i)), Granted{});
  }};
  std::thread leaves{[&] {
    for (std::size_t i = 0; i < calls; i += 7)
      if (parking_.gone(tickets[i])) ++taken_out;
  }};
  std::thread expires{[&] {
    for (int i = 0; i < 50; ++i) {
      auto over = parking_.expired(noon + core::seconds{i});
      for (Parking::Call& call : over) call.done(ClaimAnswer{Queued{}});
    }
  }};
  for (std::thread* thread : {&settles, &wakes, &leaves, &expires}) thread->join();
  int sum = 0;
  for (const std::atomic<int>& times : answered) {
    EXPECT_LE(times, 1);
    sum += times;
  }
  EXPECT_EQ(sum + taken_out, calls);
  EXPECT_EQ(parking_.size(), 0u);
}

}  // namespace
}  // namespace bddlock::service
