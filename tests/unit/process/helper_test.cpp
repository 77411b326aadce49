#include "process/helper.hpp"

#include <gtest/gtest.h>

#include "probing.hpp"

namespace bddlock::process {
namespace {

using testing::Folder;

constexpr milliseconds long_limit{60'000};

TEST(Helpers, ReadTheirInputToItsEnd) {
  const Folder folder;
  const std::string input = "{\"a\": \"b\"}\n" + std::string(1'000'000, 'x');
  EXPECT_EQ(run_helper({"sh", "-c", "cat > " + folder.file("got")}, input, long_limit), 0);
  EXPECT_TRUE(folder.text("got") == input);
}

TEST(Helpers, MayLeaveTheirInputUnread) {
  EXPECT_EQ(run_helper({"sh", "-c", "exit 3"}, std::string(1'000'000, 'x'), long_limit), 3);
}

TEST(Helpers, ThatASignalEndsHave128AndItsNumber) {
  EXPECT_EQ(run_helper({"sh", "-c", "kill -TERM $$"}, "", long_limit), 143);
}

TEST(Helpers, ThatDoNotExistSaySo) {
  const auto result = run_helper({"no-such-command"}, "", long_limit);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), "cannot run no-such-command: there is no such command in PATH");
}

TEST(Helpers, ThatHangAreKilled) {
  const auto result =
      run_helper({"sh", "-c", "trap '' TERM; exec sleep 1000"}, "", milliseconds(0));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), "sh did not end within 0 s and was killed");
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
}

}  // namespace
}  // namespace bddlock::process
