#include "cli/run_options.hpp"

#include <gtest/gtest.h>

#include "fake_world.hpp"

namespace bddlock::cli::testing {
namespace {

void expect_refused(const std::vector<std::string>& words, const std::string& part) {
  FakeWorld world;
  EXPECT_EQ(world.run(words), 64) << part;
  expect_in(part, world.said());
  EXPECT_TRUE(world.requests.empty());
}

TEST(RunOptionsAre, RefusedWhereTheyCannotBeMeant) {
  expect_refused({"run", "--", "true"}, "of which repo?");
  expect_refused({"run", "--repo", "r"}, "what is to be run?");
  expect_refused({"run", "--repo", "r", "--"}, "what is to be run?");
  expect_refused({"run", "--repo", "r", "true"}, "goes behind two hyphens");
  expect_refused({"run", "--repo", "r", "--", ""}, "the command behind -- is empty");
  expect_refused({"run", "--repo", "r", "--grace", "10s", "--lease", "21s", "--", "true"},
                 "--lease is too short");
  expect_refused({"run", "--repo", "a/b", "--", "true"}, "no stack can have a name");
  expect_refused({"run", "--repo", "r", "--label", "size", "--", "true"}, "write KEY=VALUE");
  expect_refused({"run", "--repo", "r", "--label", "a=1", "--label", "a=2", "--", "true"},
                 "given twice");
  expect_refused({"run", "--repo", "r", "--repo", "s", "--", "true"}, "is given 2 times");
  expect_refused({"run", "--repo", "r", "--on-lost", "x", "--", "true"}, "stop and warn");
  expect_refused({"run", "--repo", "r", "--request-id", "a b", "--", "true"}, "not allowed");
}

TEST(RunOptionsAre, ReadUpToTheHyphensAndNoFurther) {
  FakeWorld world;
  EXPECT_EQ(world.run({"run", "--repo", "r", "--lease", "9s", "--", "x", "--lease", "9m", "--"}),
            64);
  expect_in("--lease is too short", world.said());
}

TEST(RunOptionsAre, AllOfALabelsLines) {
  core::StringMap labels;
  const Option option = label_option(labels);
  EXPECT_FALSE(option.assign("a=1\nb=x=y\nc=z", Source::flag));
  EXPECT_EQ(labels, (core::StringMap{{"a", "1"}, {"b", "x=y"}, {"c", "z"}}));
}

TEST(RunOptionsAre, ShortestLeasesThatLeaveTimeForTheGrace) {
  RunOptions options;
  options.repo = "r";
  options.words = {"true"};
  options.grace = seconds(4);
  options.lease = seconds(10);
  EXPECT_FALSE(fault_in(options));
  options.lease = seconds(9);
  EXPECT_TRUE(fault_in(options));
}

}  // namespace
}  // namespace bddlock::cli::testing
