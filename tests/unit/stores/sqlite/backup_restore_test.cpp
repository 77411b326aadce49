#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <limits>
#include <thread>

#include "stores/sqlite/database.hpp"
#include "stores/sqlite/schema.hpp"
#include "unit/stores/sqlite/table_steps.hpp"

namespace bddlock::tests {
namespace {

using core::StackName;
using stores::backup_sqlite_table;
using stores::restore_sqlite_table;
using stores::sqlite::Access;
using stores::sqlite::Database;

void save(service::Store& store, const service::Changes& changes) {
  const auto saved = store.save(changes);
  ASSERT_TRUE(saved) << saved.error().detail;
  ASSERT_EQ(*saved, service::Saved::yes);
}
void save(service::Store& store, const service::StackChange& change) {
  save(store, service::Changes{.stacks = {change}});
}

class Copies : public testing::Test {
 protected:
  void make_table(const std::vector<std::string>& names) {
    auto table = open_or_fail(file_);
    ASSERT_TRUE(commit_stacks(*table.store, names));
  }
  void make_backup() {
    const auto made = backup_sqlite_table(file_, backup_);
    ASSERT_TRUE(made) << made.error();
  }
  std::string backup_refusal() {
    const auto made = backup_sqlite_table(file_, backup_);
    return made ? "" : made.error();
  }
  std::string restore_refusal() {
    const auto made = restore_sqlite_table(backup_, file_);
    return made ? "" : made.error();
  }
  // Makes the table anew, with a change that only its WAL holds, as a killed server leaves it.
  void leave_in_the_wal(const std::string& name) {
    for (const std::string& file : names_in_folder()) {
      if (folder_.file(file) != backup_) std::filesystem::remove(folder_.file(file));
    }
    const std::string killed = folder_.file("killed.db");
    auto table = open_or_fail(killed);
    ASSERT_TRUE(commit_stacks(*table.store, {"a", name}));
    for (const char* suffix : {"", "-wal"})
      std::filesystem::copy_file(killed + suffix, file_ + suffix);
  }
  bool some_old_table_has(const std::string& name) {
    for (const std::string& file : names_in_folder()) {
      const bool is_old = file.starts_with("table.db.before-restore-") && !file.ends_with("-wal") &&
                          !file.ends_with("-shm");
      if (!is_old) continue;
      // A copy: after a restore that was interrupted and run again it has two names.
      const TableFolder copies;
      for (const std::string suffix : {"", "-wal"}) {
        if (!std::filesystem::exists(folder_.file(file) + suffix)) continue;
        std::filesystem::copy_file(folder_.file(file) + suffix, copies.file() + suffix);
      }
      const auto old = open_or_fail(copies.file());
      if (has(*old.reader, name)) return true;
    }
    return false;
  }
  std::vector<std::string> names_in_folder() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
  }

  TableFolder folder_;
  const std::string file_ = folder_.file();
  const std::string backup_ = folder_.file("backup.db");
};

using Backup = Copies;
using Restore = Copies;

void expect_in(const std::string& words, const std::string& sentence) {
  EXPECT_NE(sentence.find(words), std::string::npos) << sentence;
}

TEST_F(Backup, HoldsWhatWasCommittedAndIsOneFile) {
  auto table = open_or_fail(file_);
  ASSERT_TRUE(commit_stacks(*table.store, {"a", "b"}));
  make_backup();
  EXPECT_EQ(names_in_folder(), (std::vector<std::string>{"backup.db", "table.db", "table.db-shm",
                                                         "table.db-wal", "table.db.lock"}));
  EXPECT_TRUE(has(*open_or_fail(backup_).reader, "b"));
}

TEST_F(Backup, OfATableThatNobodyServesWorksToo) {
  make_table({"a"});
  make_backup();
  EXPECT_TRUE(has(*open_or_fail(backup_).reader, "a"));
  EXPECT_TRUE(has(*open_or_fail(file_).reader, "a"));
}

TEST_F(Backup, NeitherStopsAServerNorIsKeptFromItsEnd) {
  auto table = open_or_fail(file_);
  std::vector<std::string> names;
  for (int i = 0; i < 20'000; ++i) names.push_back("stack-" + std::to_string(i));
  ASSERT_TRUE(commit_stacks(*table.store, names));
  std::atomic<bool> stop{false};
  std::atomic<std::int64_t> committed{0};
  std::thread writer([&] {
    for (std::int64_t i = 1; !stop; ++i) {
      EXPECT_TRUE(table.store->put_mark("counter", i));
      committed = i;
    }
  });
  for (int i = 0; i < 5; ++i) {
    const std::string target = folder_.file("copy-" + std::to_string(i));
    const std::int64_t before = committed;
    const auto made = backup_sqlite_table(file_, target);
    EXPECT_TRUE(made) << made.error();
    const auto copy = open_or_fail(target);
    EXPECT_GE((*copy.reader->mark("counter")).value_or(0), before);
    EXPECT_TRUE(has(*copy.reader, "stack-19999"));
  }
  stop = true;
  writer.join();
}

TEST_F(Backup, RefusesATargetThatExistsAndLeavesIt) {
  make_table({"a"});
  std::ofstream(backup_) << "precious";
  expect_in("exists already", backup_refusal());
  EXPECT_EQ(std::filesystem::file_size(backup_), 8U);
  EXPECT_EQ(names_in_folder().size(), 3U);
}

TEST_F(Backup, RefusesWhatIsNotThereOrNotOurs) {
  expect_in("there is no file", backup_refusal());
  EXPECT_FALSE(std::filesystem::exists(file_));
  run_sql(file_, "CREATE TABLE x (y)");
  expect_in("another program", backup_refusal());
  std::ofstream(file_) << "no database at all";
  expect_in("not a database", backup_refusal());
  EXPECT_EQ(names_in_folder(), (std::vector<std::string>{"table.db"}));
}

TEST_F(Backup, RefusesATargetInAFolderThatIsNotThere) {
  make_table({"a"});
  const auto made = backup_sqlite_table(file_, folder_.path() + "/none/backup.db");
  ASSERT_FALSE(made);
  expect_in("there is no folder", made.error());
}

void damage(const std::string& file, int page) {
  std::fstream(file, std::ios::binary | std::ios::in | std::ios::out)
      .seekp(4096L * page + 200)
      .write(std::string(2000, 'x').data(), 2000);
}

TEST_F(Backup, OfADamagedTableFailsAndSaysSo) {
  std::vector<std::string> names;
  for (int i = 0; i < 2000; ++i) names.push_back("stack-" + std::to_string(i));
  make_table(names);
  damage(file_, 12);
  expect_in("damaged", backup_refusal());
  EXPECT_FALSE(std::filesystem::exists(backup_));
}

TEST_F(Restore, BringsTheRecordsBackAndKeepsTheOldTable) {
  make_table({"a"});
  make_backup();
  {
    auto table = open_or_fail(file_);
    ASSERT_TRUE(commit_stacks(*table.store, {"later"}));
  }
  const auto old = restore_sqlite_table(backup_, file_);
  ASSERT_TRUE(old) << old.error();
  EXPECT_EQ(old->find(file_ + ".before-restore-"), 0U);
  const auto table = open_or_fail(file_);
  EXPECT_TRUE(has(*table.reader, "a"));
  EXPECT_FALSE(has(*table.reader, "later"));
  EXPECT_TRUE(has(*open_or_fail(*old).reader, "later"));
  EXPECT_TRUE(has(*open_or_fail(backup_).reader, "a"));
}

TEST_F(Restore, RaisesEachTokenByAMillion) {
  {
    auto table = open_or_fail(file_);
    save(*table.store, new_stack("a", 7));
    save(*table.store, new_stack("gone", 3));
    save(*table.store,
         service::StackChange{.next = new_stack("gone", 3).next, .expected = 1, .remove = true});
  }
  make_backup();
  std::filesystem::remove(file_);
  ASSERT_TRUE(restore_sqlite_table(backup_, file_));
  const auto table = open_or_fail(file_);
  EXPECT_EQ(found(*table.reader, "a")->fencing_token, 1'000'007);
  EXPECT_EQ(*table.reader->retired_token(StackName("gone")), 1'000'003);
  EXPECT_EQ(*table.reader->retired_token(StackName("created-after-the-backup")), 1'000'000);
}

// A claim that was live when the back-up was made goes on until its time comes.
TEST_F(Restore, KeepsLiveClaimsAndTheirRequestsTogether) {
  auto stack = new_stack("a", 7).next;
  stack.state = core::State::claimed;
  stack.claim = core::Claim{.request_id = core::RequestId("r"),
                            .expires_at = core::Instant(core::seconds(900))};
  stack.claim->key.bytes.fill(5);
  core::Request granted{.repo_name = stack.repo_name,
                        .request_id = core::RequestId("r"),
                        .state = core::RequestState::granted,
                        .arrival = 1,
                        .claims = {{stack.stack_name, stack.claim->key, 7}}};
  core::Request waits{
      .repo_name = stack.repo_name, .request_id = core::RequestId("w"), .arrival = 2};
  {
    auto table = open_or_fail(file_);
    save(*table.store,
         {.stacks = {{.next = stack}}, .requests = {{.next = granted}, {.next = waits}}});
  }
  make_backup();
  ASSERT_TRUE(restore_sqlite_table(backup_, file_));
  const auto table = open_or_fail(file_);
  const auto restored = found(*table.reader, "a");
  EXPECT_EQ(restored->claim, stack.claim);
  EXPECT_EQ(restored->fencing_token, 1'000'007);
  EXPECT_EQ(restored->version, 2);
  granted.version = waits.version = 1;
  granted.claims[0].fencing_token = 1'000'007;
  EXPECT_EQ(**table.reader->find_request(stack.repo_name, granted.request_id), granted);
  EXPECT_EQ(*table.reader->waiting(stack.repo_name, {}, 9), std::vector{waits});
  EXPECT_EQ(table.reader->due(core::Instant(core::seconds(900)), 9)->size(), 1U);
  EXPECT_EQ(table.reader->totals(stack.repo_name)->claimed, 1);
  EXPECT_EQ(*table.reader->last_arrival(stack.repo_name), 2);
}

// Who remembers an event's id from after the back-up must not find another event under it.
TEST_F(Restore, GivesNoEventIdAgain) {
  const core::Event event{.stack_name = StackName("a"), .repo_name = core::RepoName("repo")};
  const auto tell = [&](int count) {
    auto table = open_or_fail(file_);
    for (int i = 0; i < count; ++i) save(*table.store, {.events = {event}});
    return table.reader->events({.stack_name = StackName("a")})->items;
  };
  EXPECT_EQ(tell(3).front().id, 3);
  make_backup();
  EXPECT_EQ(tell(2).front().id, 5);
  ASSERT_TRUE(restore_sqlite_table(backup_, file_));
  const auto told = tell(2);
  EXPECT_EQ(told[0].id, 1'000'005);
  EXPECT_EQ(told[1].id, 1'000'004);
  EXPECT_EQ(told[2].id, 3);
  ASSERT_EQ(told.size(), 5U);
  ASSERT_TRUE(restore_sqlite_table(backup_, file_));
  EXPECT_EQ(tell(1).front().id, 1'000'006) << "not one of the table that was replaced";
  // The ids that were skipped are no events: they count for no retention, and hide no time.
  auto table = open_or_fail(file_);
  EXPECT_EQ(*table.store->forget_events(core::Instant::min(), 3, 99), 1);
  EXPECT_EQ(table.reader->events({.since = event.at})->items.size(), 3U);
  EXPECT_EQ(table.reader->events({.before = 500'000})->items.size(), 2U);
  EXPECT_EQ(table.reader->events({.stack_name = StackName("a"), .before = 500'000})->items.size(),
            2U);
}

// One back-up restored twice: the grants between the two are in no back-up.
TEST_F(Restore, NeverGoesBelowATokenOfTheTableThatItReplaces) {
  {
    auto table = open_or_fail(file_);
    save(*table.store, new_stack("a", 7));
  }
  make_backup();
  ASSERT_TRUE(restore_sqlite_table(backup_, file_));
  {
    auto table = open_or_fail(file_);
    auto stack = *found(*table.reader, "a");
    stack.fencing_token += 5;
    save(*table.store, service::StackChange{.next = stack, .expected = stack.version});
    save(*table.store, new_stack("new", 2'000'000));
    ASSERT_TRUE(table.store->put_mark("fencing_token_floor", 3'000'000));
  }
  ASSERT_TRUE(restore_sqlite_table(backup_, file_));
  const auto table = open_or_fail(file_);
  EXPECT_EQ(found(*table.reader, "a")->fencing_token, 1'000'012);
  EXPECT_EQ(**table.reader->mark("fencing_token_floor"), 3'000'000);
  EXPECT_EQ(*table.reader->retired_token(StackName("new")), 3'000'000);
}

TEST_F(Restore, RefusesATokenThatCannotBeRaised) {
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  {
    auto table = open_or_fail(file_);
    save(*table.store, new_stack("a", largest - 1'000'000));
  }
  make_backup();
  EXPECT_EQ(restore_refusal(), "");
  EXPECT_EQ(found(*open_or_fail(file_).reader, "a")->fencing_token, largest);
  std::filesystem::remove(backup_);
  make_backup();
  expect_in("too large to be raised", restore_refusal());
}

TEST_F(Restore, RefusesWhileAServerHoldsTheTable) {
  make_table({"a"});
  make_backup();
  auto table = open_or_fail(file_);
  expect_in("held by another bdd-lock", restore_refusal());
  EXPECT_TRUE(commit_stacks(*table.store, {"b"}));
}

TEST_F(Restore, RefusesWhatIsNoBackup) {
  make_table({"a"});
  const auto before = names_in_folder();
  expect_in("there is no back-up", restore_refusal());
  EXPECT_EQ(names_in_folder(), before);
  std::ofstream(backup_) << "";
  expect_in("another program", restore_refusal());
  std::ofstream(backup_) << std::string(5000, 'x');
  expect_in("not a database", restore_refusal());
  const auto itself = restore_sqlite_table(file_, file_);
  ASSERT_FALSE(itself);
  expect_in("is the table itself", itself.error());
  EXPECT_TRUE(has(*open_or_fail(file_).reader, "a"));
}

TEST_F(Restore, RefusesABackupOfANewerVersionOrADamagedOne) {
  std::vector<std::string> names;
  for (int i = 0; i < 2000; ++i) names.push_back("stack-" + std::to_string(i));
  make_table(names);
  make_backup();
  run_sql(backup_, "PRAGMA user_version = 99");
  expect_in("newer bdd-lock", restore_refusal());
  run_sql(backup_, "PRAGMA user_version = " + std::to_string(stores::sqlite::schema_version()));
  damage(backup_, 12);
  expect_in("damaged", restore_refusal());
  EXPECT_TRUE(has(*open_or_fail(file_).reader, "stack-1999"));
}

TEST_F(Restore, TakesTheWalOfTheOldTableAlongWithIt) {
  make_table({"a"});
  make_backup();
  {
    auto table = open_or_fail(file_);
    ASSERT_TRUE(commit_stacks(*table.store, {"only-in-the-wal"}));
    for (const char* suffix : {"", "-wal"}) {
      std::filesystem::copy_file(file_ + suffix, folder_.file("killed.db") + suffix);
    }
  }
  for (const char* suffix : {"", "-wal"}) {
    std::filesystem::rename(folder_.file("killed.db") + suffix, file_ + suffix);
  }
  const auto old = restore_sqlite_table(backup_, file_);
  ASSERT_TRUE(old) << old.error();
  EXPECT_FALSE(has(*open_or_fail(file_).reader, "only-in-the-wal"));
  EXPECT_TRUE(has(*open_or_fail(*old).reader, "only-in-the-wal"));
}

TEST_F(Restore, OverADamagedTableAndWhereNoneWasWorks) {
  make_table({"a"});
  make_backup();
  std::ofstream(file_) << "rubbish";
  const auto old = restore_sqlite_table(backup_, file_);
  ASSERT_TRUE(old) << old.error();
  EXPECT_EQ(std::filesystem::file_size(*old), 7U);
  std::filesystem::remove(file_);
  const auto none = restore_sqlite_table(backup_, file_);
  ASSERT_TRUE(none) << none.error();
  EXPECT_EQ(*none, "");
  EXPECT_TRUE(has(*open_or_fail(file_).reader, "a"));
}

TEST_F(Restore, MayBeRunAgainAfterItWasInterruptedAtAnyStep) {
  make_table({"a"});
  make_backup();
  std::ofstream(file_ + ".unfinished") << "half";
  EXPECT_EQ(refusal(file_), "");
  std::ofstream(file_ + ".restoring") << "whole";
  expect_in("was interrupted", refusal(file_));
  EXPECT_EQ(restore_refusal(), "");
  EXPECT_EQ(refusal(file_), "");
  std::ofstream(file_ + ".restoring") << "whole";
  std::filesystem::remove(file_);
  EXPECT_EQ(restore_refusal(), "");
  EXPECT_TRUE(has(*open_or_fail(file_).reader, "a"));
  EXPECT_FALSE(std::filesystem::exists(file_ + ".unfinished"));
  EXPECT_FALSE(std::filesystem::exists(file_ + ".restoring"));
}

// Stopped between the announcement and the end: a folder cannot be unlinked as FILE-shm is.
TEST_F(Restore, ThatStopsHalfWayLetsNoServerStartAndKeepsTheOldTableWhole) {
  make_table({"a"});
  make_backup();
  leave_in_the_wal("only-in-the-wal");
  std::filesystem::create_directory(file_ + "-shm");
  EXPECT_NE(restore_refusal(), "");
  EXPECT_FALSE(std::filesystem::exists(file_ + "-wal"));
  std::filesystem::remove(file_ + "-shm");
  expect_in("was interrupted", refusal(file_));
  EXPECT_TRUE(some_old_table_has("only-in-the-wal"));
  EXPECT_EQ(restore_refusal(), "");
  EXPECT_EQ(found(*open_or_fail(file_).reader, "a")->fencing_token, 1'000'000);
}

// Killed anywhere: the old table serves on with all that it had, or no server starts until the
// restore was run again, and says so.
TEST_F(Restore, MayBeKilledAtAnyMoment) {
  make_table({"a"});
  make_backup();
  for (int round = 0; round < 60; ++round) {
    const std::string name = "only-in-the-wal-" + std::to_string(round);
    leave_in_the_wal(name);
    const pid_t child = fork();
    if (child == 0) _exit(restore_refusal().empty() ? 0 : 1);
    usleep(static_cast<useconds_t>(round * 60));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const bool interrupted = !refusal(file_).empty();
    if (interrupted) {
      expect_in("interrupted", refusal(file_));
      expect_in("run it again", refusal(file_));
      EXPECT_EQ(restore_refusal(), "");
    }
    const auto table = open_or_fail(file_);
    EXPECT_TRUE(has(*table.reader, "a"));
    const bool restored = found(*table.reader, "a")->fencing_token > 0;
    EXPECT_EQ(has(*table.reader, name), !restored) << round;
    EXPECT_TRUE(restored || !interrupted) << round;
    EXPECT_TRUE(!restored || some_old_table_has(name)) << round;
  }
}

TEST_F(Restore, BringsAnOlderBackupUpToDate) {
  run_sql(backup_, "PRAGMA application_id = " + std::to_string(stores::sqlite::application_id));
  EXPECT_EQ(restore_refusal(), "");
  EXPECT_TRUE(commit_stacks(*open_or_fail(file_).store, {"a"}));
}

}  // namespace
}  // namespace bddlock::tests
