#include "app/program_output.hpp"

#include <gtest/gtest.h>
#include <signal.h>

namespace bddlock::app {
namespace {

using std::chrono::milliseconds;

std::expected<std::string, std::string> output_of_sh(const std::string& script,
                                                     milliseconds limit = std::chrono::minutes{1}) {
  return program_output({"sh", "-c", script}, limit);
}

TEST(ProgramOutput, IsAllThatItPrints) {
  EXPECT_EQ(program_output({"printf", "%s|", "a b", ""}), "a b||");
  EXPECT_EQ(output_of_sh("exec 3>&1; printf x; sleep 0.01; printf y >&3"), "xy");
  EXPECT_EQ(output_of_sh("cat"), "") << "nothing to read";
  EXPECT_EQ(output_of_sh("true"), "");
}

TEST(ProgramOutput, IsNoneOfAProgramThatFails) {
  EXPECT_EQ(output_of_sh("echo top-secret; exit 3").error(), "ends with 3");
  EXPECT_EQ(output_of_sh("kill -9 $$").error(), "is ended by signal 9");
  EXPECT_NE(
      program_output({"/nonexistent/program"}).error().find("cannot be started: No such file"),
      std::string::npos);
  EXPECT_EQ(output_of_sh("head -c 100000 /dev/zero").error(), "prints more than 64 KiB");
}

TEST(ProgramOutput, IsNotWaitedForLongerThanTheLimit) {
  EXPECT_EQ(output_of_sh("sleep 1000 & wait", milliseconds{50}).error(), "does not end");
  EXPECT_EQ(output_of_sh("exec >&-; sleep 1000", milliseconds{50}).error(), "is ended by signal 9");
}

// The server blocks signals for its own use and ignores SIGPIPE.
TEST(ProgramOutput, ComesFromAProgramWithTheUsualSignals) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  const auto pipe_before = signal(SIGPIPE, SIG_IGN);
  const auto masks = output_of_sh("grep -E '^Sig(Blk|Ign)' /proc/self/status");
  signal(SIGPIPE, pipe_before);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(masks) << masks.error();
  EXPECT_NE(masks->find("SigBlk:\t0000000000000000"), std::string::npos) << *masks;
  const auto ignored = std::stoull(masks->substr(masks->find("SigIgn:\t") + 8), nullptr, 16);
  EXPECT_EQ(ignored & (1ull << (SIGPIPE - 1)), 0u) << *masks;
}

}  // namespace
}  // namespace bddlock::app
