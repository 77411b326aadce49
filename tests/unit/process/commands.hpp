// Commands that the test process itself runs.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "probing.hpp"
#include "process/child.hpp"

namespace bddlock::process::testing {

inline constexpr milliseconds long_grace{60'000};
inline constexpr milliseconds short_grace{50};

struct Commands : ::testing::Test {
  Folder folder;
  std::unique_ptr<Signals> signals = std::move(*Signals::open());
  Wakeup wakeup;

  std::unique_ptr<Child> started(const Command& command) {
    auto child = Child::start(command, *signals);
    EXPECT_TRUE(child) << child.error().sentence;
    return child ? std::move(*child) : nullptr;
  }

  std::unique_ptr<Child> script(const std::string& text) {
    return started({{"sh", "-c", "cd " + folder.file("") + "; " + text}});
  }

  Ending ending_of(Child& child, milliseconds grace = long_grace) {
    const Happening happening = child.next(wakeup, std::nullopt);
    EXPECT_EQ(happening.kind, Happening::Kind::ended);
    return child.finish(grace);
  }

  Ending run(const std::string& text) { return ending_of(*script(text)); }

  StartFault fault(const Command& command) {
    auto child = Child::start(command, *signals);
    EXPECT_FALSE(child);
    return child ? StartFault{} : child.error();
  }

  void TearDown() override {
    // Nothing of any test is left, not even a zombie.
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  }
};

}  // namespace bddlock::process::testing
