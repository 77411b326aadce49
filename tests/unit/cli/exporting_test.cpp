#include "cli/exporting.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "fake_world.hpp"
#include "temporary_folder.hpp"

namespace bddlock::cli {
namespace {

namespace fs = std::filesystem;
using testing::FakeWorld;

struct Exporting : ::testing::Test {
  testing::TemporaryFolder temporary;
  FakeWorld world;
  Environment env = world.environment();

  [[nodiscard]] std::string path(const std::string& name) const {
    return temporary.path() + "/" + name;
  }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    std::stringstream all;
    all << std::ifstream(path(name)).rdbuf();
    return all.str();
  }
  // A program of that name, first in PATH until the end of the test.
  void put_program(const std::string& name, const std::string& script) {
    put(name, "#!/bin/sh\n" + script + "\n");
    ASSERT_EQ(chmod(path(name).c_str(), 0755), 0);
    path_before = std::getenv("PATH");
    setenv("PATH", (temporary.path() + ":" + path_before).c_str(), 1);
  }
  void TearDown() override {
    if (!path_before.empty()) setenv("PATH", path_before.c_str(), 1);
  }
  std::string path_before;
};

TEST_F(Exporting, AddsToTheEndOfTheCisFiles) {
  put("env", "A=1\n");
  ASSERT_TRUE(carry_out({.files = {{path("env"), "B=2\n"}}}, env));
  EXPECT_EQ(text("env"), "A=1\nB=2\n");
}

TEST_F(Exporting, BeginsALineOfItsOwn) {
  put("env", "A=1");
  ASSERT_TRUE(append_to_file(path("env"), "B=2\n"));
  EXPECT_EQ(text("env"), "A=1\nB=2\n");
}

TEST_F(Exporting, MakesAFileForItsOwnerAlone) {
  ASSERT_TRUE(append_to_file(path("bash_env"), "export A='1'\n"));
  struct stat found{};
  ASSERT_EQ(stat(path("bash_env").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(Exporting, WritesItsOwnFilesAnew) {
  put("bdd-lock.env", "STACK_NAME=old\n");
  ASSERT_TRUE(carry_out({.files = {{path("bdd-lock.env"), "STACK_NAME=new\n", true}}}, env));
  EXPECT_EQ(text("bdd-lock.env"), "STACK_NAME=new\n");
}

TEST_F(Exporting, ForgetsAnEarlierClaimsOwnFileOnly) {
  const std::function<std::uint64_t()> random = [] { return 0U; };
  world.variables["WORKSPACE"] = temporary.path();
  const ci::ExportMeans means{env.variable, random};
  put("bdd-lock.properties", "STACK_NAME=old\n");
  EXPECT_TRUE(forget_export(ci::ExportForm::github, means));
  EXPECT_TRUE(fs::exists(path("bdd-lock.properties")));
  EXPECT_TRUE(forget_export(ci::ExportForm::jenkins, means));
  EXPECT_FALSE(fs::exists(path("bdd-lock.properties")));
  EXPECT_TRUE(forget_export(ci::ExportForm::jenkins, means));
}

TEST_F(Exporting, ForgetsWhatALinkLeadsToAndRemovesNoLinkDeviceOrFifo) {
  world.variables["WORKSPACE"] = temporary.path();
  const ci::ExportMeans means{env.variable, random};
  put("target", "STACK_NAME=old\n");
  fs::create_symlink(path("target"), path("bdd-lock.properties"));
  EXPECT_TRUE(forget_export(ci::ExportForm::jenkins, means));
  EXPECT_TRUE(fs::is_symlink(path("bdd-lock.properties")));
  EXPECT_EQ(text("target"), "");
  fs::remove(path("bdd-lock.properties"));
  ASSERT_EQ(mkfifo(path("bdd-lock.properties").c_str(), 0600), 0);
  EXPECT_TRUE(forget_export(ci::ExportForm::jenkins, means));
  EXPECT_TRUE(fs::is_fifo(path("bdd-lock.properties")));
}

TEST_F(Exporting, PrintsAndSaysWhatWasLeftOut) {
  ASSERT_TRUE(carry_out({.out = "export A='1'\n",
                         .err = "::add-mask::x\n",
                         .left_out = {"B has a ##[x] in it; it was left out"}},
                        env));
  EXPECT_EQ(world.out.str(), "export A='1'\n");
  EXPECT_EQ(world.err.str(), "bdd-lock: B has a # #[x] in it; it was left out\n::add-mask::x\n");
}

TEST_F(Exporting, CallsTheCisProgram) {
  put_program("buildkite-agent", "echo \"$@\" > " + path("words") + "; cat > " + path("input"));
  ASSERT_TRUE(carry_out({.calls = {{{"buildkite-agent", "env", "set", "-"}, "{}"}}}, env));
  EXPECT_EQ(text("words"), "env set -\n");
  EXPECT_EQ(text("input"), "{}");
}

TEST_F(Exporting, SaysThatTheCisProgramFailed) {
  put_program("buildkite-agent", "exit 3");
  const auto done = carry_out({.out = "x", .calls = {{{"buildkite-agent"}, ""}}}, env);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), "buildkite-agent ended with 3 and did not take the values");
  EXPECT_EQ(world.out.str(), "");
}

TEST_F(Exporting, SaysThatTheCisProgramIsMissing) {
  const auto done = carry_out({.calls = {{{"no-such-agent"}, ""}}}, env);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), "cannot run no-such-agent: there is no such command in PATH");
}

TEST_F(Exporting, SaysThatAFileCannotBeWritten) {
  const auto done = carry_out({.files = {{path("no/such/env"), "A=1\n"}}}, env);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), "cannot write " + path("no/such/env") + ": No such file or directory");
}

TEST_F(Exporting, LeavesNoHalfVariableOnAFullDisk) {
  put("env", "A=1");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{64, before.rlim_max};
  const auto old_action = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto done = append_to_file(path("env"), "B=" + std::string(100, 'x') + "\n");
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_action);
  ASSERT_FALSE(done);
  EXPECT_EQ(text("env"), "A=1");
}

TEST_F(Exporting, SaysThatNobodyHears) {
  world.out.setstate(std::ios::badbit);
  const auto done = carry_out({.out = "x"}, env);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), "the output could not be written");
}

}  // namespace
}  // namespace bddlock::cli
