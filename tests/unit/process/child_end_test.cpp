// How commands end, and what they leave behind.
#include <gtest/gtest.h>

#include "commands.hpp"

namespace bddlock::process {
namespace {

using testing::comes_true;
using testing::is_alive;
using testing::long_grace;
using testing::short_grace;

using Endings = testing::Commands;

TEST_F(Endings, MayTakeTheirTimeToStopAndKeepTheirExitCode) {
  const auto child = script("trap 'sleep 0.2; exit 3' TERM; echo > ready; sleep 1000 & wait");
  ASSERT_TRUE(comes_true([&] { return !folder.text("ready").empty(); }));
  const Ending ending = child->stop(SIGTERM, long_grace);
  EXPECT_EQ(ending.exit_code, 3);
  EXPECT_FALSE(ending.was_killed);
}

TEST_F(Endings, ThatIgnoreSignalsAreKilled) {
  const auto child = script("trap '' INT TERM; echo > ready; while :; do sleep 1000; done");
  ASSERT_TRUE(comes_true([&] { return !folder.text("ready").empty(); }));
  const Ending ending = child->stop(SIGINT, short_grace);
  EXPECT_EQ(ending.exit_code, 137);
  EXPECT_TRUE(ending.was_killed);
  EXPECT_TRUE(ending.unended.empty());
}

TEST_F(Endings, ThatStoppedThemselvesAreEnded) {
  const auto child = script("trap 'exit 5' TERM; echo > ready; kill -STOP $$; exit 6");
  ASSERT_TRUE(comes_true([&] {
    const auto entry = process_entry(child->group());
    return entry && entry->state == 'T';
  }));
  const Ending ending = child->stop(SIGTERM, long_grace);
  EXPECT_EQ(ending.exit_code, 5);
  EXPECT_FALSE(ending.was_killed);
}

TEST_F(Endings, ThatAreStoppedAndIgnoreSignalsAreKilled) {
  const auto child = script("trap '' TERM; echo > ready; while :; do kill -STOP $$; done");
  ASSERT_TRUE(comes_true([&] { return !folder.text("ready").empty(); }));
  EXPECT_EQ(child->stop(SIGTERM, short_grace).exit_code, 137);
}

TEST_F(Endings, ThatCloseTheirFilesAreEnded) {
  const auto child = script("echo > ready; exec sleep 1000 <&- >&- 2>&-");
  ASSERT_TRUE(comes_true([&] { return !folder.text("ready").empty(); }));
  EXPECT_EQ(child->stop(SIGTERM, long_grace).exit_code, 143);
}

TEST_F(Endings, AreOverOnlyWhenTheirGroupIs) {
  const auto child = script("sleep 1000 & echo $! > pid; exit 4");
  const pid_t left = folder.number("pid");
  const Ending ending = ending_of(*child);
  EXPECT_EQ(ending.exit_code, 4);
  EXPECT_EQ(ending.left_behind, std::vector{std::to_string(left) + " (sleep)"});
  EXPECT_FALSE(ending.was_killed);
  EXPECT_FALSE(is_alive(left));
}

TEST_F(Endings, AreOverWhenTheirGroupIgnoresSignalsToo) {
  const auto child = script(
      "sh -c 'trap \"\" TERM; echo $$ > pid; while :; do sleep 1000; done' & "
      "until [ -s pid ]; do sleep 0.01; done");
  const pid_t left = folder.number("pid");
  const Ending ending = ending_of(*child, short_grace);
  EXPECT_EQ(ending.exit_code, 0);
  EXPECT_TRUE(ending.was_killed);
  EXPECT_FALSE(is_alive(left));
}

TEST_F(Endings, MayLeaveSomebodyWhoWritesOnForAMoment) {
  const auto child = script("( sleep 0.1; echo whole > log ) & exit 0");
  const Ending ending = ending_of(*child);
  EXPECT_TRUE(ending.left_behind.empty());
  EXPECT_EQ(folder.text("log"), "whole\n");
}

// What a descendant does that wants to outlive its parent: a daemon, a browser that a test started.
TEST_F(Endings, AreOverOnlyWhenTheirDaemonsAre) {
  const auto child = script(
      "setsid sleep 1000 & setsid sh -c 'echo $$ > pid; exec sleep 1000' & "
      "until [ -s pid ]; do sleep 0.01; done; exit 0");
  const pid_t stray = folder.number("pid");
  const Ending ending = ending_of(*child);
  EXPECT_EQ(ending.left_behind.size(), 2u);
  EXPECT_FALSE(ending.was_killed);
  EXPECT_FALSE(is_alive(stray));
}

TEST_F(Endings, AreOverOnlyWhenDaemonsOfTheirDaemonsAre) {
  const auto child = script(
      "setsid sh -c 'trap \"\" TERM; setsid sh -c \"trap \\\"\\\" TERM; echo \\$\\$ > pid; "
      "while :; do sleep 1000; done\" & while :; do sleep 1000; done' & "
      "until [ -s pid ]; do sleep 0.01; done; exec sleep 1000");
  const pid_t stray = folder.number("pid");
  const Ending ending = child->stop(SIGTERM, short_grace);
  EXPECT_EQ(ending.exit_code, 143);
  EXPECT_TRUE(ending.was_killed);
  EXPECT_TRUE(ending.unended.empty());
  EXPECT_FALSE(is_alive(stray));
}

TEST_F(Endings, AreOverAlthoughADaemonNeverAsksForItsDeadChild) {
  // The daemon's child stays in the command's group, as a zombie, until the daemon is dead.
  const auto child = script(
      "python3 -c 'import os, time\n"
      "if os.fork() == 0: os._exit(0)\n"
      "if os.fork() == 0:\n"
      "  if os.fork() == 0: os._exit(0)\n"
      "  os.setsid(); open(\"pid\", \"w\").write(str(os.getpid()) + \"\\n\"); time.sleep(1000)\n"
      "while not os.path.exists(\"pid\"): time.sleep(0.01)'");
  const pid_t daemon = folder.number("pid");
  const Ending ending = ending_of(*child);
  EXPECT_EQ(ending.exit_code, 0);
  EXPECT_FALSE(is_alive(daemon));
}

TEST_F(Endings, WithJobControlAreOverWithTheirJobs) {
  const auto child =
      started({{"bash", "-c", "set -m; sleep 1000 & echo $! > " + folder.file("pid") + "; wait"}});
  const pid_t job = folder.number("pid");
  EXPECT_NE(getpgid(job), child->group());
  const Ending ending = child->stop(SIGTERM, long_grace);
  EXPECT_EQ(ending.exit_code, 143);
  EXPECT_FALSE(is_alive(job));
}

// Each process of it lives for a moment and has one successor.
TEST_F(Endings, ThatAlwaysMoveOnToANewProcessAreEnded) {
  folder.put("mover", "#!/bin/sh\ntrap '' TERM\n\"$0\" & exit 0\n", 0755);
  const auto child = script("exec ./mover");
  const Ending ending = ending_of(*child, short_grace);
  EXPECT_EQ(ending.exit_code, 0);
  EXPECT_TRUE(ending.was_killed);
  EXPECT_TRUE(ending.unended.empty());
}

}  // namespace
}  // namespace bddlock::process
