// Each way in which a file cannot be opened has its own sentence, and leaves the file as it was.
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>

#include "stores/sqlite/database.hpp"
#include "stores/sqlite/schema.hpp"
#include "unit/stores/sqlite/faulty_vfs.hpp"
#include "unit/stores/sqlite/table_steps.hpp"

namespace bddlock::tests {
namespace {

using stores::sqlite::Access;
using stores::sqlite::Database;

std::string content_of(const std::string& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

void write_file(const std::string& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
}

testing::AssertionResult says(const std::string& sentence, const std::string& words) {
  if (sentence.find(words) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "\"" << words << "\" is not in: " << sentence;
}

// What `ask` answers in a process of a user who owns nothing, as root may do everything.
std::string as_nobody(const std::function<std::string()>& ask) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t nobody = 65534;
    if (geteuid() == 0 && (setgid(nobody) != 0 || setuid(nobody) != 0)) _exit(1);
    const std::string answer = ask();
    _exit(write(ends[1], answer.data(), answer.size()) < 0 ? 1 : 0);
  }
  close(ends[1]);
  std::string answer(4096, '\0');
  const ssize_t bytes = read(ends[0], answer.data(), answer.size());
  answer.resize(bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return answer;
}

class Opening : public testing::Test {
 protected:
  // Refused, with these words, and not changed.
  void expect_untouched(const std::string& words) {
    const std::string before = content_of(file_);
    EXPECT_TRUE(says(refusal(file_), words));
    EXPECT_EQ(content_of(file_), before);
  }

  TableFolder folder_;
  const std::string file_ = folder_.file();
};

TEST_F(Opening, CreatesAFileThatOnlyItsOwnerReads) {
  {
    auto table = open_or_fail(file_);
  }
  struct stat status{};
  ASSERT_EQ(stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(Opening, MakesALockFileThatOthersCannotHold) {
  const auto mode = [&] {
    EXPECT_EQ(refusal(file_), "");
    struct stat status{};
    EXPECT_EQ(stat((file_ + ".lock").c_str(), &status), 0);
    return status.st_mode & 0777;
  };
  EXPECT_EQ(mode(), 0600U);
  chmod((file_ + ".lock").c_str(), 0644);  // as older versions left it
  EXPECT_EQ(mode(), 0600U);
}

TEST_F(Opening, NamesTheOtherNameThatAnInterruptedRestoreLeaves) {
  EXPECT_EQ(refusal(file_), "");
  std::filesystem::create_hard_link(file_, file_ + ".before-restore-20200131T235959Z");
  EXPECT_TRUE(says(refusal(file_), "has 2 names"));
  EXPECT_TRUE(says(refusal(file_), file_ + ".before-restore-"));
}

TEST_F(Opening, LeavesOneFileAndItsLockWhenClosed) {
  {
    auto table = open_or_fail(file_);
    EXPECT_TRUE(commit_stacks(*table.store, {"a"}));
  }
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"table.db", "table.db.lock"}));
}

TEST_F(Opening, TakesAnEmptyFileForANewOneAndKeepsItsMode) {
  write_file(file_, "");
  chmod(file_.c_str(), 0640);
  {
    auto table = open_or_fail(file_);
  }
  struct stat status{};
  ASSERT_EQ(stat(file_.c_str(), &status), 0);
  EXPECT_GT(status.st_size, 0);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
}

TEST_F(Opening, GoesOnAfterACrashInTheMiddleOfCreating) {
  write_file(file_ + ".unfinished", "half a file");
  write_file(file_ + ".unfinished-journal", "half a journal");
  {
    auto table = open_or_fail(file_);
  }
  EXPECT_FALSE(std::filesystem::exists(file_ + ".unfinished"));
  EXPECT_FALSE(std::filesystem::exists(file_ + ".unfinished-journal"));
}

TEST_F(Opening, RefusesAnEmptyPath) { EXPECT_TRUE(says(refusal(""), "give one")); }

TEST_F(Opening, RefusesAFolderThatIsNotThere) {
  EXPECT_TRUE(says(refusal(folder_.path() + "/none/table.db"), "there is no folder"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/none"));
}

TEST_F(Opening, RefusesAPathThroughAFile) {
  write_file(file_, "x");
  EXPECT_TRUE(says(refusal(file_ + "/table.db"), "is not a folder"));
}

TEST_F(Opening, RefusesAFolder) { EXPECT_TRUE(says(refusal(folder_.path()), "is a folder")); }

TEST_F(Opening, RefusesADevice) { EXPECT_TRUE(says(refusal("/dev/null"), "no regular file")); }

TEST_F(Opening, RefusesWhatIsNoDatabase) {
  for (const std::string& content : {std::string("x"), std::string("stackName,repoName\na,b\n"),
                                     std::string(5000, '\0'), std::string("SQLite format 3")}) {
    write_file(file_, content);
    expect_untouched("is not a database");
  }
}

TEST_F(Opening, RefusesAnotherProgramsDatabase) {
  run_sql(file_, "CREATE TABLE stacks (x)");
  expect_untouched("a database of another program");
  run_sql(file_, "PRAGMA application_id = 7; PRAGMA journal_mode = WAL");
  expect_untouched("a database of another program");
}

TEST_F(Opening, RefusesANewerVersion) {
  {
    auto table = open_or_fail(file_);
  }
  run_sql(file_, "PRAGMA user_version = 99");
  EXPECT_TRUE(says(refusal(file_), "written by a newer bdd-lock (schema 99"));
  run_sql(file_, "PRAGMA user_version = " + std::to_string(stores::sqlite::schema_version()));
  EXPECT_EQ(refusal(file_), "");
}

TEST_F(Opening, RefusesAFileThatWasCutShort) {
  {
    auto table = open_or_fail(file_);
  }
  std::filesystem::resize_file(file_, 4096);
  expect_untouched("is damaged");
}

TEST_F(Opening, RefusesAFileWhosePagesAreOverwritten) {
  {
    auto table = open_or_fail(file_);
  }
  std::fstream(file_, std::ios::binary | std::ios::in | std::ios::out)
      .seekp(4096)
      .write(std::string(4096, 'x').data(), 4096);
  expect_untouched("is damaged");
}

TEST_F(Opening, RefusesAFileWithoutItsTables) {
  {
    auto table = open_or_fail(file_);
  }
  run_sql(file_, "DROP TABLE retired_tokens");
  EXPECT_TRUE(says(refusal(file_), "is damaged"));
}

TEST_F(Opening, RefusesToPutANewFileBesideTheChangesOfALostOne) {
  write_file(file_ + "-wal", "changes");
  EXPECT_TRUE(says(refusal(file_), "holds changes of it"));
  EXPECT_EQ(content_of(file_ + "-wal"), "changes");
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(Opening, RefusesWhileARestoreIsHalfDone) {
  write_file(file_ + ".restoring", "");
  EXPECT_TRUE(says(refusal(file_), "was interrupted: run it again"));
}

TEST_F(Opening, RefusesAFileThatIsReadOnly) {
  {
    auto table = open_or_fail(file_);
  }
  chmod(folder_.path().c_str(), 0777);
  std::filesystem::remove(file_ + ".lock");
  chmod(file_.c_str(), 0444);
  EXPECT_TRUE(says(as_nobody([&] { return refusal(file_); }), "table.db\" cannot be opened"));
  EXPECT_TRUE(says(as_nobody([&] { return refusal(file_); }), "read and write"));
}

TEST_F(Opening, RefusesAFolderThatIsReadOnly) {
  chmod(folder_.path().c_str(), 0555);
  EXPECT_TRUE(says(as_nobody([&] { return refusal(file_); }), "its folder"));
  EXPECT_FALSE(std::filesystem::exists(file_));
  chmod(folder_.path().c_str(), 0755);
}

TEST_F(Opening, RefusesAtAFullDiskAndLeavesNothingBehind) {
  FaultyVfs vfs;
  vfs.plan({.call = FileCall::write, .skip = 2, .times = 1000, .code = SQLITE_FULL});
  EXPECT_TRUE(says(refusal(file_, vfs.name()), "no room left"));
  EXPECT_FALSE(std::filesystem::exists(file_));
  EXPECT_FALSE(std::filesystem::exists(file_ + ".unfinished"));
  vfs.clear();
  EXPECT_EQ(refusal(file_, vfs.name()), "");
}

TEST_F(Opening, RefusesASecondServerAndNamesTheFirst) {
  auto table = open_or_fail(file_);
  EXPECT_TRUE(
      says(refusal(file_), "held by another bdd-lock (process " + std::to_string(getpid()) + ")"));
  EXPECT_TRUE(commit_stacks(*table.store, {"a"}));
}

TEST_F(Opening, RefusesASecondServerThroughALink) {
  auto table = open_or_fail(file_);
  std::filesystem::create_symlink(file_, folder_.file("link.db"));
  EXPECT_TRUE(says(refusal(folder_.file("link.db")), "held by another bdd-lock"));
}

TEST_F(Opening, RefusesASecondServerOfAnotherProcess) {
  auto table = open_or_fail(file_);
  EXPECT_TRUE(says(as_nobody([&] { return refusal(file_); }), "table.db"));
  const pid_t child = fork();
  if (child == 0) _exit(refusal(file_).find("held by another") != std::string::npos ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(Opening, HoldsTheLockUntilBothSidesAreGone) {
  auto table = open_or_fail(file_);
  table.store.reset();
  EXPECT_NE(refusal(file_), "");
  table.reader.reset();
  EXPECT_EQ(refusal(file_), "");
}

TEST_F(Opening, DoesNotWriteThroughALinkInPlaceOfTheLockFile) {
  write_file(folder_.file("precious"), "precious");
  std::filesystem::create_symlink(folder_.file("precious"), file_ + ".lock");
  EXPECT_NE(refusal(file_), "");
  EXPECT_EQ(content_of(folder_.file("precious")), "precious");
}

TEST_F(Opening, FollowsARelativePathAndIsNotMisledByOneThatLooksLikeAUri) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  EXPECT_EQ(refusal("file:table.db?mode=memory"), "");
  EXPECT_EQ(refusal(":memory:"), "");
  std::filesystem::current_path(before);
  EXPECT_TRUE(std::filesystem::exists(folder_.file("file:table.db?mode=memory")));
  EXPECT_TRUE(std::filesystem::exists(folder_.file(":memory:")));
}

}  // namespace
}  // namespace bddlock::tests
