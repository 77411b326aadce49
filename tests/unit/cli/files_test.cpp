#include "cli/files.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace bddlock::cli {
namespace {

namespace fs = std::filesystem;

class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("cli-files-" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(Files, AreReadAsTheyWereWritten) {
  const std::string path = folder_ / "a";
  ASSERT_TRUE(replace_file(path, std::string("one\0two\n", 8)));
  ASSERT_TRUE(replace_file(path, "three\n"));
  EXPECT_EQ(read_file(path), "three\n");
}

TEST_F(Files, LeaveNoDraftBehind) {
  ASSERT_TRUE(replace_file(folder_ / "a", "x"));
  ASSERT_FALSE(replace_file(folder_, "x"));  // a folder is there: the rename fails
  int entries = 0;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    ++entries;
    EXPECT_EQ(entry.path().filename(), "a");
  }
  EXPECT_EQ(entries, 1);
  for (const auto& entry : fs::directory_iterator(folder_.parent_path())) {
    EXPECT_FALSE(
        entry.path().filename().string().starts_with(folder_.filename().string() + ".part"));
  }
}

TEST_F(Files, SayWhichFileAndWhy) {
  const auto missing = read_file(folder_ / "none");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().find("none: No such file"), std::string::npos);
  EXPECT_FALSE(read_file(folder_));
  EXPECT_FALSE(replace_file(folder_ / "no" / "folder", "x"));
}

}  // namespace
}  // namespace bddlock::cli
