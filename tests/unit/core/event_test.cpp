#include "core/event.hpp"

#include <gtest/gtest.h>

namespace bddlock::core {
namespace {

TEST(EventKind, IsReadFromItsOwnText) {
  for (int i = 1; i <= static_cast<int>(EventKind::swept); ++i) {
    const auto kind = static_cast<EventKind>(i);
    EXPECT_NE(to_text(kind), "");
    EXPECT_EQ(parse_event_kind(to_text(kind)), kind);
  }
  EXPECT_EQ(parse_event_kind("Claimed"), std::nullopt);
}

TEST(By, IsReadFromItsOwnText) {
  for (const By by : {By::owner, By::admin, By::seed, By::time, By::import})
    EXPECT_EQ(parse_by(to_text(by)), by);
  EXPECT_EQ(parse_by(""), std::nullopt);
}

}  // namespace
}  // namespace bddlock::core
