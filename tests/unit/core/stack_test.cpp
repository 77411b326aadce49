#include "core/stack.hpp"

#include <gtest/gtest.h>

namespace bddlock::core {
namespace {

TEST(State, IsReadFromItsOwnText) {
  for (const State state : {State::available, State::claimed, State::held, State::disabled})
    EXPECT_EQ(parse_state(to_text(state)), state);
  EXPECT_EQ(to_text(State::claimed), "claimed");
}

TEST(State, IsNotReadFromAnythingElse) {
  for (const char* text : {"", "x", "Available", "available ", "claim"})
    EXPECT_EQ(parse_state(text), std::nullopt) << text;
}

}  // namespace
}  // namespace bddlock::core
