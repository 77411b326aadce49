#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "fake_world.hpp"

namespace bddlock::cli::testing {
namespace {

Answer lines(std::string text) {
  return net::ClientResponse{200, {{"Content-Type", "application/x-ndjson"}}, std::move(text)};
}

std::string line_of(const std::string& name) {
  return R"({"stackName":")" + name + R"(","repoName":"pay"})" + "\n";
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct TemporaryPath {
  TemporaryPath() = default;
  ~TemporaryPath() { std::filesystem::remove(path); }
  TemporaryPath(const TemporaryPath&) = delete;
  TemporaryPath& operator=(const TemporaryPath&) = delete;
  std::string path = ::testing::TempDir() + "cli-export-" + std::to_string(getpid());
};

TEST(Export, WritesTheTableAsItCame) {
  FakeWorld world;
  world.answer("GET /v1/export", {lines(line_of("a") + line_of("b"))});
  EXPECT_EQ(world.run({"export"}), 0) << world.said();
  EXPECT_EQ(world.out.str(), line_of("a") + line_of("b"));
  const TemporaryPath file;
  EXPECT_EQ(world.run({"export", file.path}), 0) << world.said();
  EXPECT_EQ(read(file.path), line_of("a") + line_of("b"));
  expect_in("exported 2 stacks to " + file.path, world.said());
}

TEST(Export, LeavesTheFileAloneWhenItFails) {
  const TemporaryPath file;
  std::ofstream(file.path) << "last week's";
  for (const Answer& bad : {cut_off(), lines("{\"stackName\":\"a\""), json(200, "{}"),
                            problem(500, "internal_error")}) {
    FakeWorld world;
    world.answer("GET /v1/export", {bad});
    EXPECT_EQ(world.run({"export", file.path}), 69);
    EXPECT_EQ(read(file.path), "last week's");
  }
}

TEST(Import, SendsTheLinesAndPrintsTheCounts) {
  FakeWorld world;
  world.in.str(line_of("a") + line_of("b"));
  world.answer("POST /v1/import", {json(200, R"({"created":2,"replaced":0})")});
  EXPECT_EQ(world.run({"import", "-"}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "created 2\nreplaced 0\n");
  EXPECT_EQ(world.requests.front().body, line_of("a") + line_of("b"));
  EXPECT_EQ(header_of(world.requests.front(), "Content-Type"), "application/x-ndjson");
}

TEST(Import, SendsNothingWhenALineIsBad) {
  FakeWorld world;
  world.in.str(line_of("a") + "nonsense\n");
  EXPECT_EQ(world.run({"import", "-"}), 64);
  EXPECT_TRUE(world.requests.empty());
  expect_in("nothing was imported", world.said());
  expect_in("  line 2: ", world.said());
}

TEST(Import, SaysWhenThereIsNothingToImport) {
  FakeWorld world;
  EXPECT_EQ(world.run({"import", "-"}), 64);
  expect_in("has no lines", world.said());
  EXPECT_EQ(world.run({"import", "/no/such/file"}), 64);
  expect_in("cannot read /no/such/file", world.said());
}

// Three slices.
std::string many_lines() {
  std::string text;
  for (int i = 0; text.size() < 130'000; ++i) text += line_of("stack-" + std::to_string(i));
  return text;
}

TEST(Import, SaysItsProgressSliceBySlice) {
  FakeWorld world;
  world.in.str(many_lines());
  world.answer("POST /v1/import?replace=true", {json(200, R"({"created":5,"replaced":10})")});
  EXPECT_EQ(world.run({"import", "-", "--replace"}), 0) << world.said();
  ASSERT_EQ(world.requests.size(), 3u);
  std::string joined;
  for (const auto& request : world.requests) joined += request.body;
  EXPECT_EQ(joined, many_lines());
  EXPECT_EQ(world.out.str(), "created 15\nreplaced 30\n");
  expect_in("lines 1 to ", world.said());
}

TEST(Import, ThatIsRefusedNamesTheStacksAndTheLines) {
  FakeWorld world;
  world.in.str(many_lines());
  world.answer("POST /v1/import",
               {json(200, R"({"created":5,"replaced":0})"),
                problem(409, "stack_exists", R"(,"stackNames":["stack-2000","stack-2001"])")});
  EXPECT_EQ(world.run({"import", "-"}), 1);
  expect_in("already: stack-2000, stack-2001. --replace overwrites them", world.said());
  expect_in("In the table: lines 1 to ", world.said());
  expect_in("Not: lines ", world.said());
  expect_not_in("Perhaps", world.said());
  expect_in("again with --replace is safe", world.said());
  EXPECT_EQ(world.requests.size(), 2u);
  EXPECT_EQ(world.out.str(), "");
}

TEST(Import, OfUnknownOutcomeSaysWhichLinesMayBeIn) {
  FakeWorld world;
  world.in.str(many_lines());
  world.answer("POST /v1/import", {cut_off()});
  EXPECT_EQ(world.run({"import", "-"}), 69);
  EXPECT_EQ(world.requests.size(), 1u);
  expect_in("In the table: none of the lines", world.said());
  const auto sent = std::ranges::count(world.requests.front().body, '\n');
  expect_in("Perhaps: lines 1 to " + std::to_string(sent) + "\n", world.said());
  expect_in("Not: lines " + std::to_string(sent + 1) + " to ", world.said());
}

TEST(Import, WithReplaceIsRepeatedAfterAnUnknownOutcome) {
  FakeWorld world;
  world.in.str(line_of("a"));
  world.answer("POST /v1/import?replace=true",
               {cut_off(), json(200, R"({"created":0,"replaced":1})")});
  EXPECT_EQ(world.run({"import", "-", "--replace"}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "created 0\nreplaced 1\n");
}

}  // namespace
}  // namespace bddlock::cli::testing
