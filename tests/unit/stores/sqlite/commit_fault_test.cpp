// A fault before, in and after COMMIT, and what a crash at any moment then leaves.
#include <sqlite3.h>

#include <fstream>
#include <random>

#include "stores/sqlite/database.hpp"
#include "unit/stores/sqlite/faulty_vfs.hpp"
#include "unit/stores/sqlite/table_steps.hpp"

namespace bddlock::tests {
namespace {

using core::Errc;

constexpr int forever = 1 << 30;

class CommitFault : public testing::Test {
 protected:
  CommitFault() { EXPECT_TRUE(commit_stacks(*table_.store, {"before-1", "before-2"})); }

  core::Result<void> commit(const std::vector<std::string>& names) {
    return commit_stacks(*table_.store, names);
  }

  Errc failed_commit(const std::vector<std::string>& names, FaultPlan plan) {
    vfs_.plan(std::move(plan));
    const auto committed = commit(names);
    EXPECT_FALSE(committed);
    EXPECT_EQ(vfs_.failed(), 1);
    vfs_.clear();
    return committed ? Errc{} : committed.error().code;
  }

  // Runs `check` on a copy of the table as each of many crashes would leave it.
  template <class Check>
  void after_each_crash(Check check) {
    std::mt19937 random(7);
    const auto look = [&](const std::string& how) {
      SCOPED_TRACE(how);
      auto copy = open_or_fail(folder_.file("copy.db"));
      check(*copy.store);
      copy = {};
      remove_copy();
    };
    vfs_.copy_after_kill(file_, folder_.file("copy.db"));
    look("kill");
    vfs_.copy_after_power_loss(file_, folder_.file("copy.db"), [] { return false; });
    look("power loss, nothing unsynced on the disk");
    for (int round = 0; round < 20; ++round) {
      vfs_.copy_after_power_loss(file_, folder_.file("copy.db"), [&] { return random() % 2 == 0; });
      look("power loss, round " + std::to_string(round));
    }
  }

  void remove_copy() {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(folder_.file("copy.db") + suffix);
    }
  }

  void expect_settled(const std::string& lost, const std::vector<std::string>& acknowledged) {
    const bool there = has(*table_.store, lost);
    EXPECT_EQ(has(*table_.reader, lost), there);
    after_each_crash([&](service::Store& store) {
      EXPECT_EQ(has(store, lost), there) << lost;
      for (const auto& name : acknowledged) EXPECT_TRUE(has(store, name)) << name;
    });
  }

  TableFolder folder_;
  const std::string file_ = folder_.file();
  FaultyVfs vfs_;
  stores::SqliteTable table_ = open_or_fail(file_, vfs_.name());
};

TEST_F(CommitFault, BeforeCommitIsUnavailableAndChangesNothing) {
  table_ = {};
  table_ = open_or_fail(file_, vfs_.name());
  ASSERT_TRUE(table_.store->begin());
  vfs_.plan({.call = FileCall::read, .file_suffix = ".db", .code = SQLITE_IOERR_READ});
  const auto change = new_stack("lost");
  const auto saved = save_one(*table_.store, change);
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, Errc::store_unavailable);
  EXPECT_NE(saved.error().detail.find("SQLite error 266"), std::string::npos)
      << saved.error().detail;
  table_.store->rollback();
  vfs_.clear();
  EXPECT_FALSE(has(*table_.store, "lost"));
  EXPECT_TRUE(commit({"next"}));
  expect_settled("lost", {"before-1", "before-2", "next"});
}

TEST_F(CommitFault, AnotherProgramThatWritesMakesBeginUnavailable) {
  auto other = stores::sqlite::Database::open(file_, stores::sqlite::Access::read_write);
  ASSERT_TRUE(other && other->run("BEGIN IMMEDIATE"));
  const auto begun = table_.store->begin();
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, Errc::store_unavailable);
  ASSERT_TRUE(other->run("COMMIT"));
  EXPECT_TRUE(commit({"next"}));
}

TEST_F(CommitFault, NothingIsServedUntilItIsSettled) {
  EXPECT_EQ(failed_commit({"lost"}, {.call = FileCall::sync, .code = SQLITE_IOERR_FSYNC}),
            Errc::outcome_unknown);
  EXPECT_EQ(table_.store->begin().error().code, Errc::store_unavailable);
  EXPECT_EQ(table_.store->find(core::StackName("lost")).error().code, Errc::store_unavailable);
  const auto change = new_stack("x");
  EXPECT_EQ(save_one(*table_.store, change).error().code, Errc::store_unavailable);
  EXPECT_TRUE(table_.store->recover());
  EXPECT_TRUE(commit({"next"}));
}

// The reason for recover(): a commit that failed and was rolled back is there after a crash.
TEST_F(CommitFault, ACommitReportedAsRolledBackIsThereAfterAKill) {
  EXPECT_EQ(failed_commit({"lost"}, {.call = FileCall::sync, .code = SQLITE_IOERR_FSYNC}),
            Errc::outcome_unknown);
  EXPECT_FALSE(has(*table_.reader, "lost"));
  vfs_.copy_after_kill(file_, folder_.file("copy.db"));
  EXPECT_TRUE(has(*open_or_fail(folder_.file("copy.db")).reader, "lost"));
}

struct CommitFaultCase {
  const char* name;
  FaultPlan plan;
};
void PrintTo(const CommitFaultCase& fault, std::ostream* out) { *out << fault.name; }

class CommitFaultOf : public CommitFault, public testing::WithParamInterface<CommitFaultCase> {};

TEST_P(CommitFaultOf, IsUnknownAndAfterRecoveryNoCrashChangesTheAnswer) {
  // Two pages' worth of names, so that a marker of one page cannot cover the lost batch.
  std::vector<std::string> batch{"lost"};
  for (int i = 0; i < 60; ++i) batch.push_back("lost-" + std::string(100, 'x') + std::to_string(i));
  EXPECT_EQ(failed_commit(batch, GetParam().plan), Errc::outcome_unknown);
  after_each_crash([](service::Store& store) {  // both worlds are allowed, half of one is not
    EXPECT_TRUE(has(store, "before-1") && has(store, "before-2"));
    EXPECT_EQ(has(store, "lost"), has(store, "lost-" + std::string(100, 'x') + "59"));
  });
  ASSERT_TRUE(table_.store->recover());
  expect_settled("lost", {"before-1", "before-2"});
  ASSERT_TRUE(commit({"after-1"}));
  ASSERT_TRUE(commit({"after-2"}));
  expect_settled("lost", {"before-1", "before-2", "after-1", "after-2"});
}

TEST_P(CommitFaultOf, MayHitTheRecoveryTooAndItsRepeatSettlesIt) {
  EXPECT_EQ(failed_commit({"lost"}, GetParam().plan), Errc::outcome_unknown);
  FaultPlan plan = GetParam().plan;
  plan.times = forever;
  vfs_.plan(plan);
  for (int i = 0; i < 3; ++i) {
    const auto recovered = table_.store->recover();
    ASSERT_FALSE(recovered);
    EXPECT_EQ(recovered.error().code, Errc::store_unavailable);
    after_each_crash([](service::Store& store) { EXPECT_TRUE(has(store, "before-1")); });
  }
  vfs_.clear();
  ASSERT_TRUE(table_.store->recover());
  ASSERT_TRUE(commit({"after"}));
  expect_settled("lost", {"before-1", "before-2", "after"});
}

// The next commit after a whole checkpoint starts the WAL over: it writes the header anew, syncs
// it, and its frames go over the old ones.
TEST_P(CommitFaultOf, MayHitTheFirstCommitOfAWalThatIsStartedOver) {
  ASSERT_TRUE(commit({"before-3"}));
  {
    auto other =
        stores::sqlite::Database::open(file_, stores::sqlite::Access::read_write, vfs_.name());
    ASSERT_TRUE(other && other->run("PRAGMA wal_checkpoint(PASSIVE)"));
  }
  EXPECT_EQ(failed_commit({"lost"}, GetParam().plan), Errc::outcome_unknown);
  after_each_crash([](service::Store& store) { EXPECT_TRUE(has(store, "before-3")); });
  ASSERT_TRUE(table_.store->recover());
  expect_settled("lost", {"before-1", "before-2", "before-3"});
  ASSERT_TRUE(commit({"after"}));
  expect_settled("lost", {"before-1", "before-2", "before-3", "after"});
}

TEST_P(CommitFaultOf, IsSettledWithoutTheReaderToo) {
  table_.reader.reset();
  EXPECT_EQ(failed_commit({"lost"}, GetParam().plan), Errc::outcome_unknown);
  FaultPlan plan = GetParam().plan;
  plan.times = forever;
  vfs_.plan(plan);
  EXPECT_FALSE(table_.store->recover());
  vfs_.clear();
  ASSERT_TRUE(table_.store->recover());
  ASSERT_TRUE(commit({"after"}));
  const bool there = has(*table_.store, "lost");
  after_each_crash([&](service::Store& store) {
    EXPECT_EQ(has(store, "lost"), there);
    EXPECT_TRUE(has(store, "after"));
  });
}

constexpr auto name_of_case = [](const auto& info) { return std::string(info.param.name); };

INSTANTIATE_TEST_SUITE_P(
    EachCall, CommitFaultOf,
    testing::Values(
        CommitFaultCase{"FirstWrite", {FileCall::write, "-wal", 0, 1, SQLITE_IOERR_WRITE, false}},
        CommitFaultCase{"FirstWriteDone",
                        {FileCall::write, "-wal", 0, 1, SQLITE_IOERR_WRITE, true}},
        CommitFaultCase{"PartOfAPage",
                        {FileCall::write, "-wal", 0, 1, SQLITE_IOERR_WRITE, false, 1000}},
        CommitFaultCase{"DiskFull", {FileCall::write, "-wal", 0, 1, SQLITE_FULL, false, 4120}},
        CommitFaultCase{"Sync", {FileCall::sync, "-wal", 0, 1, SQLITE_IOERR_FSYNC, false}},
        CommitFaultCase{"SyncDone", {FileCall::sync, "-wal", 0, 1, SQLITE_IOERR_FSYNC, true}}),
    name_of_case);

// The successor of a server that was killed after a failed fsync reads frames that are not on the
// disk. Here it cannot fold them into the file at its start either.
TEST_F(CommitFault, WhatASuccessorCommitsSurvivesThoughItsPredecessorsFsyncFailed) {
  EXPECT_EQ(failed_commit({"lost"}, {.call = FileCall::sync, .code = SQLITE_IOERR_FSYNC}),
            Errc::outcome_unknown);
  const std::string heir = folder_.file("heir.db");
  vfs_.copy_after_kill(file_, heir);
  vfs_.plan({.call = FileCall::sync,
             .file_suffix = "heir.db",
             .times = forever,
             .code = SQLITE_IOERR_FSYNC});
  auto successor = open_or_fail(heir, vfs_.name());
  EXPECT_TRUE(has(*successor.store, "lost"));
  ASSERT_TRUE(commit_stacks(*successor.store, {"heir"}));
  EXPECT_GT(vfs_.failed(), 0);
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    vfs_.copy_after_power_loss(heir, folder_.file("copy.db"), [&] { return random() % 2 == 0; });
    {
      auto copy = open_or_fail(folder_.file("copy.db"));
      for (const char* name : {"heir", "lost", "before-1"}) EXPECT_TRUE(has(*copy.store, name));
    }
    remove_copy();
  }
}

// The same failure in a WAL of several writes' length: SQLite's file layer takes 128 KiB at most in
// one.
TEST_F(CommitFault, ALongWalIsFoundAgainAfterAKill) {
  std::vector<std::string> names;
  for (int i = 0; i < 60; ++i) {
    names.push_back("stack-" + std::to_string(i));
    ASSERT_TRUE(commit({names.back()}));
  }
  vfs_.copy_after_kill(file_, folder_.file("copy.db"));
  ASSERT_GT(std::filesystem::file_size(folder_.file("copy.db-wal")), 1 << 18);
  auto copy = open_or_fail(folder_.file("copy.db"));
  for (const auto& name : names) EXPECT_TRUE(has(*copy.store, name)) << name;
}

TEST_F(CommitFault, AFullDiskStopsItUntilThereIsRoom) {
  vfs_.plan({.call = FileCall::write, .times = forever, .code = SQLITE_FULL});
  EXPECT_EQ(commit({"lost"}).error().code, Errc::outcome_unknown);
  EXPECT_EQ(table_.store->recover().error().code, Errc::store_unavailable);
  EXPECT_EQ(table_.store->begin().error().code, Errc::store_unavailable);
  EXPECT_TRUE(has(*table_.reader, "before-1"));
  vfs_.clear();
  EXPECT_TRUE(table_.store->recover());
  EXPECT_TRUE(commit({"after"}));
  expect_settled("lost", {"before-1", "before-2", "after"});
}

TEST_F(CommitFault, AFailedCheckpointLosesNothing) {
  vfs_.plan(
      {.call = FileCall::sync, .file_suffix = ".db", .times = forever, .code = SQLITE_IOERR_FSYNC});
  std::vector<std::string> names;
  for (int i = 0; i < 1100; ++i) {
    names.push_back("stack-" + std::to_string(i));
    ASSERT_TRUE(commit({names.back()}));
  }
  EXPECT_GT(vfs_.failed(), 0);
  expect_settled("lost", names);
  vfs_.clear();
  ASSERT_TRUE(commit({"after"}));
  expect_settled("lost", names);
}

TEST_F(CommitFault, AFileThatWasMovedAwayTakesNoMoreChanges) {
  std::filesystem::rename(file_, file_ + ".away");
  const auto begun = table_.store->begin();
  ASSERT_FALSE(begun);
  EXPECT_NE(begun.error().detail.find("moved or deleted"), std::string::npos);
  std::filesystem::rename(file_ + ".away", file_);
  EXPECT_TRUE(commit({"after"}));
}

TEST_F(CommitFault, RecoveryFailsWhileTheFileIsAwayThoughNothingIsUnsettled) {
  std::filesystem::rename(file_, file_ + ".away");
  const auto recovered = table_.store->recover();
  ASSERT_FALSE(recovered);
  EXPECT_EQ(recovered.error().code, Errc::store_unavailable);
  std::filesystem::rename(file_ + ".away", file_);
  EXPECT_TRUE(table_.store->recover());
  EXPECT_TRUE(commit({"after"}));
}

TEST_F(CommitFault, RecoveryFailsWhileTheFileIsAwayAndACommitIsUnsettled) {
  failed_commit({"lost"}, {.call = FileCall::sync, .code = SQLITE_IOERR_FSYNC});
  std::filesystem::rename(file_, file_ + ".away");
  EXPECT_FALSE(table_.store->recover());
  std::filesystem::rename(file_ + ".away", file_);
  EXPECT_TRUE(table_.store->recover());
  EXPECT_TRUE(commit({"after"}));
}

TEST_F(CommitFault, RecoveryFailsWhileTheDiskIsFullThoughNothingIsUnsettled) {
  vfs_.plan({.call = FileCall::write, .times = forever, .code = SQLITE_FULL});
  const auto recovered = table_.store->recover();
  ASSERT_FALSE(recovered);
  EXPECT_EQ(recovered.error().code, Errc::store_unavailable);
  vfs_.clear();
  EXPECT_TRUE(commit({"after"}));  // without a recovery: no outcome was unknown
  EXPECT_TRUE(table_.store->recover());
  expect_settled("lost", {"before-1", "before-2", "after"});
}

TEST_F(CommitFault, ALockFileThatIsNoLongerOursTakesNoMoreChanges) {
  std::filesystem::rename(file_ + ".lock", file_ + ".away");
  for (const bool replaced : {false, true}) {
    if (replaced) std::ofstream(file_ + ".lock") << "1\n";
    const auto begun = table_.store->begin();
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code, Errc::store_unavailable);
    EXPECT_NE(begun.error().detail.find("lock file"), std::string::npos);
    EXPECT_FALSE(table_.store->recover());
  }
  std::filesystem::rename(file_ + ".away", file_ + ".lock");
  EXPECT_TRUE(commit({"after"}));
}

// Every call that a small history makes fails once, in turn: nothing acknowledged is ever lost.
TEST(EachFileCall, MayFailOnceAndNothingAcknowledgedIsLost) {
  for (const FileCall call :
       {FileCall::write, FileCall::sync, FileCall::read, FileCall::truncate}) {
    for (int skip = 0, failed = 1; failed == 1; ++skip) {
      SCOPED_TRACE("call " + std::to_string(static_cast<int>(call)) + ", skip " +
                   std::to_string(skip));
      TableFolder folder;
      FaultyVfs vfs;
      std::vector<std::string> acknowledged;
      {
        auto table = open_or_fail(folder.file(), vfs.name());
        vfs.plan({.call = call, .skip = skip, .code = SQLITE_IOERR});
        for (int i = 0; i < 6; ++i) {
          const std::string name = "stack-" + std::to_string(i);
          if (commit_stacks(*table.store, {name})) acknowledged.push_back(name);
          // The fault may hit the recovery itself; its repeat goes well.
          EXPECT_TRUE(table.store->recover() || table.store->recover());
        }
        failed = vfs.failed();
        vfs.copy_after_power_loss(folder.file(), folder.file("copy.db"), [] { return false; });
      }
      EXPECT_GE(acknowledged.size(), 5U);
      auto whole = open_or_fail(folder.file());
      auto copy = open_or_fail(folder.file("copy.db"));
      for (const auto& name : acknowledged) {
        EXPECT_TRUE(has(*whole.store, name)) << name;
        EXPECT_TRUE(has(*copy.store, name)) << name;
      }
    }
  }
}

}  // namespace
}  // namespace bddlock::tests
