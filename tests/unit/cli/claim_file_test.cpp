#include "cli/claim_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "cli/job_lock.hpp"
#include "temporary_folder.hpp"

namespace bddlock::cli {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

ClaimFile example() {
  return {.job_key = "gitlab:gitlab.com:50",
          .endpoint = "https://locks.example.com/dev",
          .repo = "paymentService",
          .request_id = "gitlab:gitlab.com:50",
          .claims = {{"abc.def", "pay-1", 42, "2026-01-02T03:04:05.678Z"},
                     {"ghi.jkl", "pay-2", 7, "2026-01-02T03:04:05.678Z"}},
          .extender = Extender{4711, 123'456}};
}

struct ClaimFiles : ::testing::Test {
  TemporaryFolder temporary;
  std::map<std::string, std::string> variables = {{"XDG_RUNTIME_DIR", temporary.path()}};
  uid_t owner = geteuid();

  ci::Lookup lookup = [this](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };

  ClaimPlace place(const std::string& named = "") {
    return claim_place(lookup, owner, "gitlab:gitlab.com:50", named);
  }

  auto read(const ClaimPlace& where) { return read_claim_file(where, "gitlab:gitlab.com:50"); }

  static void put(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

  static mode_t mode_of(const std::string& path) {
    struct stat found{};
    EXPECT_EQ(stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 07777;
  }

  static const std::string& sentence_of(const std::string& fault) { return fault; }
  static const std::string& sentence_of(const LockFault& fault) { return fault.sentence; }
  static void expect_fault(const auto& result, const std::string& part) {
    ASSERT_FALSE(result);
    const std::string& sentence = sentence_of(result.error());
    EXPECT_NE(sentence.find(part), std::string::npos) << sentence;
  }
};

TEST_F(ClaimFiles, AreReadAsTheyWereWritten) {
  ASSERT_TRUE(write_claim_file(place(), example()));
  const auto file = read(place());
  ASSERT_TRUE(file) << file.error();
  EXPECT_EQ(*file, example());
}

TEST_F(ClaimFiles, AreForTheirOwnerAlone) {
  const mode_t before = umask(0);
  ASSERT_TRUE(write_claim_file(place(), example()));
  umask(before);
  EXPECT_EQ(mode_of(place().path()), 0600u);
  EXPECT_EQ(mode_of(place().folder), 0700u);
}

TEST_F(ClaimFiles, OfARequestThatIsNotGrantedHaveNoClaims) {
  ClaimFile asked = example();
  asked.claims.clear();
  asked.extender.reset();
  ASSERT_TRUE(write_claim_file(place(), asked));
  EXPECT_EQ(*read(place()), asked);
}

TEST_F(ClaimFiles, TakeTheOldOnesPlace) {
  ASSERT_TRUE(write_claim_file(place(), example()));
  ClaimFile next = example();
  next.claims.pop_back();
  ASSERT_TRUE(write_claim_file(place(), next));
  EXPECT_EQ(*read(place()), next);
  EXPECT_EQ(std::distance(fs::directory_iterator(place().folder), {}), 1);
}

TEST_F(ClaimFiles, ThatAreMissingAreNoError) {
  EXPECT_EQ(*read(place()), std::nullopt);
  EXPECT_TRUE(remove_claim_file(place()));
  ASSERT_TRUE(write_claim_file(place(), example()));
  EXPECT_TRUE(remove_claim_file(place()));
  EXPECT_EQ(*read(place()), std::nullopt);
  EXPECT_TRUE(remove_claim_file(place()));
}

TEST_F(ClaimFiles, AreInTheFirstFolderThatIsThere) {
  EXPECT_EQ(place().path(), temporary.path() + "/bdd-lock/gitlab:gitlab.com:50.json");
  variables["XDG_RUNTIME_DIR"] = "/nonexistent";
  variables["TMPDIR"] = temporary.path();
  const std::string number = std::to_string(owner);
  EXPECT_EQ(place().folder, temporary.path() + "/bdd-lock-" + number);
  variables["TMPDIR"] = "relative";
  variables["HOME"] = temporary.path();
  EXPECT_EQ(place().folder, temporary.path() + "/.cache/bdd-lock");
  ASSERT_TRUE(write_claim_file(place(), example()));
  EXPECT_EQ(*read(place()), example());
  variables.clear();
  EXPECT_EQ(place().folder, "/tmp/bdd-lock-" + number);
}

TEST_F(ClaimFiles, OfAnotherUserByNameAreNotInTheFirstOnesRuntimeFolder) {
  variables["TMPDIR"] = temporary.path();
  const auto other = claim_place(lookup, owner + 1, "key", "");
  EXPECT_EQ(other.folder, temporary.path() + "/bdd-lock-" + std::to_string(owner + 1));
}

TEST_F(ClaimFiles, AreWhereTheyAreNamed) {
  const std::string named = temporary.path() + "/mine.json";
  EXPECT_EQ(place(named).path(), named);
  ASSERT_TRUE(write_claim_file(place(named), example()));
  EXPECT_EQ(*read(place(named)), example());
  EXPECT_EQ(mode_of(named), 0600u);
  EXPECT_EQ(place("mine.json").path(), "./mine.json");
  EXPECT_EQ(place("/mine.json").folder, "/");
}

TEST_F(ClaimFiles, OfAnotherJobAreNotBelieved) {
  ASSERT_TRUE(write_claim_file(place(), example()));
  const auto file = read_claim_file(place(), "gitlab:gitlab.com:51");
  expect_fault(file, "is of another job (gitlab:gitlab.com:50) and not of this one");
}

TEST_F(ClaimFiles, ThatAreDamagedAreNotBelieved) {
  ASSERT_TRUE(write_claim_file(place(), example()));
  const std::string whole = to_text(example());
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
    put(place().path(), whole.substr(0, length));
    expect_fault(read(place()), "is damaged");
  }
}

TEST_F(ClaimFiles, SayWhatIsMissingInThem) {
  ASSERT_TRUE(write_claim_file(place(), example()));
  const std::vector<std::pair<std::string, std::string>> faults = {
      {R"({})", "has no jobKey"},
      {R"({"jobKey":"k","endpoint":"e","repoName":"r","requestId":1,"claims":[]})", "no requestId"},
      {R"({"jobKey":"k","endpoint":"e","repoName":"r","requestId":"i"})", "has no claims"},
      {R"({"jobKey":"k","endpoint":"e","repoName":"r","requestId":"i","claims":[1]})", "no object"},
      {R"({"jobKey":"k","endpoint":"e","repoName":"r","requestId":"i","claims":[{}]})",
       "has no claimId"},
      {R"({"jobKey":"k","endpoint":"e","repoName":"r","requestId":"i","claims":[],"extender":7})",
       "has no extender"},
      {R"({"jobKey":"k","endpoint":"e","repoName":"r","requestId":"i","claims":[],)"
       R"("extender":{"pid":-1,"started":5}})",
       "extender that can be none"},
      {R"({"jobKey":"k","endpoint":"e","repoName":"r","requestId":"i","claims":[],)"
       R"("extender":{"pid":1,"started":5}})",
       "extender that can be none"}};
  for (const auto& [text, part] : faults) {
    put(place().path(), text);
    expect_fault(read(place()), part);
  }
}

TEST_F(ClaimFiles, OfAnotherOwnerAreNotBelieved) {
  ASSERT_TRUE(write_claim_file(place(), example()));
  ClaimPlace others = place();
  others.owner = owner + 1;
  const std::string sentence = "belongs to another user (number " + std::to_string(owner) + ")";
  expect_fault(read(others), sentence);
  expect_fault(write_claim_file(others, example()), sentence);
  expect_fault(remove_claim_file(others), sentence);
  others.is_own_folder = false;
  expect_fault(read(others), sentence);
}

TEST_F(ClaimFiles, ThatOthersCanWriteAreNotBelieved) {
  ASSERT_TRUE(write_claim_file(place(), example()));
  ASSERT_EQ(chmod(place().path().c_str(), 0620), 0);
  expect_fault(read(place()), "can be written by other users");
  ASSERT_EQ(chmod(place().path().c_str(), 0600), 0);
  ASSERT_EQ(chmod(place().folder.c_str(), 0777), 0);
  expect_fault(read(place()), "the folder " + place().folder + " can be written by other users");
  expect_fault(write_claim_file(place(), example()), "can be written by other users");
}

TEST_F(ClaimFiles, AreNotReadThroughALink) {
  ASSERT_TRUE(write_claim_file(place(), example()));
  const std::string real = temporary.path() + "/real.json";
  fs::rename(place().path(), real);
  fs::create_symlink(real, place().path());
  expect_fault(read(place()), "is a link");
}

TEST_F(ClaimFiles, TakeALinksPlaceAndLeaveWhatItNames) {
  ASSERT_TRUE(write_claim_file(place(), example()));
  const std::string real = temporary.path() + "/real";
  put(real, "precious");
  fs::remove(place().path());
  fs::create_symlink(real, place().path());
  ASSERT_TRUE(write_claim_file(place(), example()));
  EXPECT_FALSE(fs::is_symlink(place().path()));
  std::stringstream text;
  text << std::ifstream(real).rdbuf();
  EXPECT_EQ(text.str(), "precious");
}

TEST_F(ClaimFiles, AreNotMadeInAFolderThatIsALink) {
  fs::create_directory(temporary.path() + "/elsewhere");
  fs::create_directory_symlink(temporary.path() + "/elsewhere", place().folder);
  expect_fault(write_claim_file(place(), example()), "cannot open the folder");
}

TEST_F(ClaimFiles, AreNoDevicesPipesOrFolders) {
  ASSERT_TRUE(write_claim_file(place(), example()));
  fs::remove(place().path());
  ASSERT_EQ(mkfifo(place().path().c_str(), 0600), 0);
  expect_fault(read(place()), "is no file");
  fs::remove(place().path());
  fs::create_directory(place().path());
  expect_fault(read(place()), "is no file");
  expect_fault(write_claim_file(place(), example()), "cannot write the claim file");
}

TEST_F(ClaimFiles, OfAnyOtherKindAreNotReadWhole) {
  ASSERT_TRUE(write_claim_file(place(), example()));
  fs::resize_file(place().path(), 1UL << 33);  // a hole: takes no room
  expect_fault(read(place()), "is no claim file");
}

// What a full disk does: the write fails half way.
TEST_F(ClaimFiles, StayAsTheyWereWhenTheDiskIsFull) {
  ASSERT_TRUE(write_claim_file(place(), example()));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{64, before.rlim_max};
  const auto old_action = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  ClaimFile next = example();
  next.request_id = "next";
  const auto written = write_claim_file(place(), next);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_action);
  expect_fault(written, "cannot write the claim file " + place().path());
  expect_fault(written, "name another file with --claim-file");
  EXPECT_EQ(*read(place()), example());
  EXPECT_EQ(std::distance(fs::directory_iterator(place().folder), {}), 1);
}

TEST_F(ClaimFiles, AreWrittenOverTheDraftOfAKilledProcess) {
  ASSERT_TRUE(write_claim_file(place(), example()));
  put(place().folder + "/." + place().name + "." + std::to_string(getpid()), "half");
  ASSERT_TRUE(write_claim_file(place(), example()));
  EXPECT_EQ(*read(place()), example());
}

using JobLocks = ClaimFiles;

TEST_F(JobLocks, AreHeldByOne) {
  const auto first = JobLock::take(place());
  ASSERT_TRUE(first) << first.error().sentence;
  expect_fault(JobLock::take(place()), "another command is running");
  EXPECT_TRUE(JobLock::take(place()).error().is_held);
  EXPECT_TRUE(JobLock::take(place(temporary.path() + "/other.json")));
}

TEST_F(JobLocks, AreFreeAgainAndLeaveNothing) {
  for (int i = 0; i < 3; ++i) {
    const auto lock = JobLock::take(place());
    ASSERT_TRUE(lock) << lock.error().sentence;
  }
  EXPECT_TRUE(fs::is_empty(place().folder));
}

TEST_F(JobLocks, AreTakenOverFromAProcessThatWasKilled) {
  put(temporary.path() + "/x", "");
  ASSERT_TRUE(JobLock::take(place()));
  put(place().folder + "/" + place().name + ".lock", "");
  EXPECT_TRUE(JobLock::take(place()));
}

TEST_F(JobLocks, AreNotThroughALink) {
  ASSERT_TRUE(JobLock::take(place()));
  put(temporary.path() + "/x", "");
  fs::create_symlink(temporary.path() + "/x", place().folder + "/" + place().name + ".lock");
  expect_fault(JobLock::take(place()), "cannot write the lock file");
  EXPECT_FALSE(JobLock::take(place()).error().is_held);
}

}  // namespace
}  // namespace bddlock::cli
