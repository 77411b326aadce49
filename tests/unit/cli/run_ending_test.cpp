#include "cli/run_ending.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "fake_world.hpp"

namespace bddlock::cli::testing {
namespace {

RunEnd by_itself(int code) { return {.by = EndedBy::itself, .ending = {.exit_code = code}}; }

ci::CiJob job_on_main() {
  ci::CiJob job;
  job.branch = "main";
  job.commit = "abc";
  return job;
}

TEST(RunsExitCode, IsTheCommandsOwn) {
  for (const int code : {0, 1, 76, 255}) EXPECT_EQ(exit_code_of(by_itself(code)), code);
  EXPECT_EQ(exit_code_of({.by = EndedBy::signal, .ending = {.exit_code = 143}}), 143);
}

TEST(RunsExitCode, Is76WhereTheClaimWasLost) {
  EXPECT_EQ(exit_code_of({.by = EndedBy::lost, .ending = {.exit_code = 0}}), 76);
  EXPECT_EQ(exit_code_of({.by = EndedBy::lease, .ending = {.exit_code = 143}}), 76);
}

TEST(ReleaseAfterARun, NamesWhatIsDeployedOnlyWhereTheCommandPassed) {
  const core::Release passed = release_after(by_itself(0), seconds(60), job_on_main());
  EXPECT_EQ(passed.outcome, core::Outcome::passed);
  ASSERT_TRUE(passed.deployed);
  EXPECT_EQ(passed.deployed->branch, "main");
  EXPECT_EQ(passed.deployed->commit, "abc");
  EXPECT_FALSE(release_after(by_itself(1), seconds(60), job_on_main()).deployed);
}

TEST(ReleaseAfterARun, KeepsTheStackOnlyOfACommandThatFailed) {
  EXPECT_EQ(release_after(by_itself(0), seconds(60), {}).keep, seconds(0));
  EXPECT_EQ(release_after(by_itself(1), seconds(60), {}).keep, seconds(60));
  const RunEnd stopped{.by = EndedBy::signal, .ending = {.exit_code = 143}};
  EXPECT_EQ(release_after(stopped, seconds(60), {}).keep, seconds(0));
}

TEST(ReleaseAfterARun, IsCancelledByASignalToRunByCtrlCOrWithTheClaim) {
  process::Ending interrupted{.exit_code = 130, .signal = SIGINT};
  EXPECT_EQ(release_after({EndedBy::itself, interrupted}, seconds(0), {}).outcome,
            core::Outcome::cancelled);
  for (const EndedBy by : {EndedBy::signal, EndedBy::lost, EndedBy::lease})
    EXPECT_EQ(release_after({.by = by}, seconds(0), {}).outcome, core::Outcome::cancelled);
}

TEST(WordsOnAnEnding, NameWhatWasLeftKilledAndUnended) {
  EXPECT_TRUE(words_on({}, seconds(4)).empty());
  const process::Ending bad{
      .was_killed = true, .left_behind = {"7 (java)"}, .unended = {"8 (nfs)"}};
  const auto words = words_on(bad, seconds(4));
  ASSERT_EQ(words.size(), 3u);
  expect_in("left 1 process behind, which was ended: 7 (java)", words[0]);
  expect_in("within --grace 4s", words[1]);
  expect_in("8 (nfs). The stack is not given back", words[2]);
}

}  // namespace
}  // namespace bddlock::cli::testing
