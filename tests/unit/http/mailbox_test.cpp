#include <gtest/gtest.h>

#include <thread>

#include "http/hub.hpp"

namespace bddlock::http {
namespace {

struct Box {
  int wakes = 0;
  std::shared_ptr<Mailbox> box = std::make_shared<Mailbox>([this] { ++wakes; });

  Answer<api::Response> answer(std::uint64_t exchange) { return {box, {}, exchange}; }
  std::vector<Delivery> take() {
    std::vector<Delivery> taken;
    box->take(taken);
    return taken;
  }
};

TEST(Mailbox, WakesOnceForAllThatComesBeforeItIsEmptied) {
  Box box;
  box.answer(1)({});
  box.answer(2)({});
  EXPECT_EQ(box.wakes, 1);
  EXPECT_EQ(box.take().size(), 2U);
  box.answer(3)({});
  EXPECT_EQ(box.wakes, 2);
}

TEST(Mailbox, KeepsTheOrder) {
  Box box;
  for (std::uint64_t i = 0; i < 5; ++i) box.answer(i)({});
  const auto taken = box.take();
  for (std::uint64_t i = 0; i < 5; ++i) EXPECT_EQ(taken[i].exchange, i);
}

TEST(Mailbox, DropsWhatComesAfterItsEnd) {
  Box box;
  box.box->close();
  box.answer(1)({});
  EXPECT_EQ(box.wakes, 0);
  EXPECT_TRUE(box.take().empty());
}

// An answer that counts when it is destroyed.
api::Response counting(int& destroyed) {
  api::Response response;
  response.more =
      [part = std::shared_ptr<void>(nullptr, [&destroyed](void*) { ++destroyed; })](auto) {};
  return response;
}

TEST(Mailbox, KeepsWrittenAnswersForWhoeverPutsTheNextOne) {
  Box box;
  int destroyed = 0;
  std::vector<api::Response> written;
  for (int i = 0; i < 3; ++i) written.push_back(counting(destroyed));
  box.box->give_back(written);
  EXPECT_TRUE(written.empty());
  EXPECT_EQ(destroyed, 0);
  box.answer(1)({});
  EXPECT_EQ(destroyed, 3);
}

TEST(Mailbox, KeepsNoWrittenAnswersBehindItsEnd) {
  Box box;
  int destroyed = 0;
  for (const bool closed : {false, true}) {
    std::vector<api::Response> written;
    written.push_back(counting(destroyed));
    box.box->give_back(written);
    if (!closed) box.box->close();
  }
  EXPECT_EQ(destroyed, 2);
}

// Refusals are answers that nobody put into the mailbox, and no delivery may ever come.
TEST(Mailbox, GetsNoMoreBackThanGoesAtOnce) {
  Hub hub;
  int destroyed = 0;
  for (int i = 0; i < 1000; ++i) {
    auto response = counting(destroyed);
    hub.note_written(std::move(response));
  }
  EXPECT_EQ(destroyed, 1000 - 64);
  auto long_one = counting(destroyed);
  long_one.body.assign(10'000, 'a');
  hub.written.clear();
  hub.note_written(std::move(long_one));
  EXPECT_TRUE(hub.written.empty());
}

TEST(Mailbox, KeepsNoMoreWrittenAnswersThanABusyServerHas) {
  Box box;
  int destroyed = 0;
  for (int i = 0; i < 1000; ++i) {
    std::vector<api::Response> written;
    written.push_back(counting(destroyed));
    box.box->give_back(written);
  }
  EXPECT_EQ(destroyed, 1000 - 512);
}

TEST(Mailbox, LosesNothingBetweenThreads) {
  Box box;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&box] {
      for (std::uint64_t i = 0; i < 1000; ++i) box.answer(i)({});
    });
  threads.clear();
  EXPECT_EQ(box.take().size(), 4000U);
}

TEST(Answer, ThatIsDestroyedUnusedIsAnInternalError) {
  Box box;
  {
    const auto dropped = box.answer(7);
  }
  const auto taken = box.take();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].exchange, 7U);
  EXPECT_EQ(std::get<api::Response>(taken[0].what).status, 500U);
  EXPECT_EQ(std::get<api::Response>(taken[0].what).code, "internal_error");
}

TEST(Answer, IsGivenOnceHoweverItIsMoved) {
  Box box;
  {
    auto first = box.answer(1);
    auto second = std::move(first);
    second({});
  }
  EXPECT_EQ(box.take().size(), 1U);
}

TEST(Answer, OfAPieceThatIsDestroyedUnusedIsAnError) {
  Box box;
  {
    const Answer<Piece> dropped(box.box, {}, 1);
  }
  const auto taken = box.take();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_FALSE(std::get<Piece>(taken[0].what).has_value());
}

}  // namespace
}  // namespace bddlock::http
