#include "stores/dynamodb/event_ids.hpp"

#include <gtest/gtest.h>

namespace bddlock::stores {
namespace {

const core::Instant monday{core::seconds{1'574'291'428}};
constexpr std::int64_t monday_us = 1'574'291'428'000'000;

TEST(EventIds, AreTheTimeOrTheNextThatIsFree) {
  EventIds ids(id_by_time);
  EXPECT_EQ(ids.take(monday), monday_us);
  EXPECT_EQ(ids.take(monday), monday_us + 1);
  EXPECT_EQ(ids.take(monday - core::seconds{9}), monday_us + 2) << "the clock was set back";
  EXPECT_EQ(ids.take(monday + core::seconds{1}), monday_us + 1'000'000);
}

TEST(EventIds, ThatWereNotUsedAreFreeAgainUnlessALaterOneWasTaken) {
  EventIds ids([](std::int64_t last, core::Instant) { return last + 1; });
  EXPECT_EQ(ids.take(monday), 1);
  EXPECT_EQ(ids.take(monday), 2);
  ids.give_back(1, 2);
  EXPECT_EQ(ids.take(monday), 1);
  EXPECT_EQ(ids.take(monday), 2);
  ids.give_back(1, 1);
  EXPECT_EQ(ids.take(monday), 3);
}

}  // namespace
}  // namespace bddlock::stores
