#include "cli/files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
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

TEST_F(Files, BehindALinkAreReplacedAndTheLinkStays) {
  fs::create_directory(folder_ / "sub");
  ASSERT_TRUE(replace_file(folder_ / "sub" / "there", "old"));
  fs::create_symlink("sub/there", folder_ / "link");
  fs::create_symlink("sub/not-yet", folder_ / "early");
  ASSERT_TRUE(replace_file(folder_ / "link", "new"));
  ASSERT_TRUE(replace_file(folder_ / "early", "first"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "early"));
  EXPECT_EQ(read_file(folder_ / "sub" / "there"), "new");
  EXPECT_EQ(read_file(folder_ / "sub" / "not-yet"), "first");
}

TEST_F(Files, ThatAreFifosAreWrittenIntoAndStay) {
  const std::string path = folder_ / "fifo";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int reader = open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  ASSERT_TRUE(replace_file(path, "text"));
  EXPECT_TRUE(fs::is_fifo(path));
  std::array<char, 8> got{};
  EXPECT_EQ(read(reader, got.data(), got.size()), 4);
  EXPECT_STREQ(got.data(), "text");
  close(reader);
}

TEST_F(Files, ThatCouldNotBeReplacedAreSaidToBeAsTheyWere) {
  const auto failed = replace_file(folder_, "x");
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().find("the file is as it was"), std::string::npos);
}

}  // namespace
}  // namespace bddlock::cli
