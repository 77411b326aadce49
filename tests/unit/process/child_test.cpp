// Starting commands and passing on what comes while they run; probe_test.cpp has what needs a whole
// program.
#include <gtest/gtest.h>

#include "commands.hpp"

namespace bddlock::process {
namespace {

using testing::comes_true;
using testing::is_alive;
using testing::long_grace;
using testing::short_grace;

using testing::Commands;

TEST_F(Commands, EndWithTheirOwnExitCode) {
  for (const int code : {0, 1, 42, 255}) {
    const Ending ending = run("exit " + std::to_string(code));
    EXPECT_EQ(ending.exit_code, code);
    EXPECT_EQ(ending.signal, std::nullopt);
    EXPECT_FALSE(ending.was_killed);
    EXPECT_TRUE(ending.left_behind.empty());
    EXPECT_TRUE(ending.unended.empty());
  }
}

TEST_F(Commands, ThatASignalEndsHave128AndItsNumber) {
  const Ending ending = run("kill -TERM $$");
  EXPECT_EQ(ending.exit_code, 128 + SIGTERM);
  EXPECT_EQ(ending.signal, SIGTERM);
  EXPECT_EQ(run("kill -KILL $$").exit_code, 137);
}

TEST_F(Commands, ThatDoNotExistAre127) {
  EXPECT_EQ(fault({{"no-such-command"}}).exit_code, 127);
  EXPECT_EQ(fault({{"no-such-command"}}).sentence,
            "cannot run no-such-command: there is no such command in PATH");
  EXPECT_EQ(fault({{"/no/such"}}).exit_code, 127);
  EXPECT_EQ(fault({{"/no/such"}}).sentence, "cannot run /no/such: there is no such file");
  EXPECT_EQ(fault({{""}}).exit_code, 127);
}

TEST_F(Commands, ThatCannotBeExecutedAre126) {
  folder.put("plain", "#!/bin/sh\n");
  EXPECT_EQ(fault({{folder.file("plain")}}).exit_code, 126);
  EXPECT_NE(fault({{folder.file("plain")}}).sentence.find("chmod +x"), std::string::npos);
  EXPECT_EQ(fault({{folder.file("")}}).exit_code, 126);
  EXPECT_NE(fault({{folder.file("")}}).sentence.find("is a folder"), std::string::npos);
  folder.put("orphan", "#!/no/such/interpreter\n", 0755);
  EXPECT_EQ(fault({{folder.file("orphan")}}).exit_code, 126);
  EXPECT_NE(fault({{folder.file("orphan")}}).sentence.find("interpreter"), std::string::npos);
  const auto too_long = fault({{"true", std::string(8UL << 20, 'x')}});
  EXPECT_EQ(too_long.exit_code, 126);
  EXPECT_NE(too_long.sentence.find("too long"), std::string::npos);
}

TEST_F(Commands, ThatAreInThisFolderAreHintedAt) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.file(""));
  folder.put("deploy.sh", "", 0755);
  EXPECT_NE(fault({{"deploy.sh"}}).sentence.find("did you mean ./deploy.sh?"), std::string::npos);
  std::filesystem::current_path(before);
}

TEST_F(Commands, WithoutAFirstLineAreRunBySh) {
  folder.put("bare", "exit 7\n", 0755);
  EXPECT_EQ(ending_of(*started({{folder.file("bare")}})).exit_code, 7);
}

TEST_F(Commands, GetTheVariablesInThePlaceOfOldOnes) {
  setenv("OLD", "old", 1);
  setenv("KEPT", "kept", 1);
  const auto child = started({{"sh", "-c", "echo \"$OLD,$NEW,$KEPT\" > " + folder.file("out")},
                              {{"OLD", "new"}, {"NEW", "a=b\nc"}}});
  EXPECT_EQ(ending_of(*child).exit_code, 0);
  EXPECT_EQ(folder.text("out"), "new,a=b\nc,kept\n");
  unsetenv("OLD");
  unsetenv("KEPT");
}

TEST_F(Commands, AreInAGroupOfTheirOwn) {
  const auto child = script("cut -d' ' -f5 /proc/$$/stat > group");
  EXPECT_EQ(ending_of(*child).exit_code, 0);
  EXPECT_EQ(folder.number("group"), child->group());
  EXPECT_NE(child->group(), getpgrp());
}

std::vector<int> descriptors_of(pid_t pid) {
  std::vector<int> numbers;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd"))
    numbers.push_back(std::stoi(entry.path().filename()));
  std::ranges::sort(numbers);
  return numbers;
}

TEST_F(Commands, GetNoFileOfThisProgramAndAllThatItInherited) {
  const int own = open("/dev/null", O_RDONLY);  // without O_CLOEXEC, as some libraries do
  ASSERT_GE(own, 3);
  const auto child = started({{"sleep", "1000"}});
  std::vector<int> wanted = {0, 1, 2};
  for (const int number : signals->inherited().descriptors) wanted.push_back(number);
  // The loader of a program has its libraries open for a moment.
  EXPECT_TRUE(comes_true([&] { return descriptors_of(child->group()) == wanted; }));
  EXPECT_EQ(child->stop(SIGTERM, long_grace).exit_code, 143);
  close(own);
}

// Of the signals 1 to 31: what is above them is glibc's own, and it changes that as it likes.
unsigned long signals_in(const std::string& status, const std::string& name) {
  const auto at = status.find(name);
  return std::stoul(status.substr(at + name.size()), nullptr, 16) & 0x7FFFFFFFUL;
}

TEST_F(Commands, HaveTheSignalsAsThisProgramFoundThem) {
  signals.reset();
  signal(SIGHUP, SIG_IGN);
  ASSERT_EQ(system(("exec cat /proc/self/status > " + folder.file("wanted")).c_str()), 0);
  signals = std::move(*Signals::open());
  signal(SIGPIPE, SIG_IGN);  // as servers and clients do for themselves
  const std::string copy = "exec cat /proc/self/status > " + folder.file("found");
  EXPECT_EQ(ending_of(*started({{"sh", "-c", copy}})).exit_code, 0);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGHUP, SIG_DFL);
  for (const char* name : {"SigBlk:", "SigIgn:"})
    EXPECT_EQ(signals_in(folder.text("found"), name), signals_in(folder.text("wanted"), name));
  EXPECT_EQ(signals_in(folder.text("found"), "SigIgn:") & 1, 1U);
}

TEST_F(Commands, AreToldOfPokesAndTheTimeWhileTheyRun) {
  const auto child = script("exec sleep 1000");
  EXPECT_EQ(child->next(wakeup, boot_time()).kind, Happening::Kind::time_up);
  wakeup.poke();
  EXPECT_EQ(child->next(wakeup, std::nullopt).kind, Happening::Kind::poked);
  kill(getpid(), SIGTERM);
  EXPECT_EQ(child->next(wakeup, std::nullopt), (Happening{Happening::Kind::signal, SIGTERM}));
  EXPECT_EQ(child->stop(SIGTERM, long_grace).exit_code, 143);
}

TEST_F(Commands, GetEachOtherSignalWithoutBeingStopped) {
  const auto child = script(
      "trap 'echo usr1 >> got' USR1; trap 'echo usr2 >> got' USR2; trap 'echo winch >> got' WINCH; "
      "echo > ready; while :; do sleep 0.01; done");
  ASSERT_TRUE(comes_true([&] { return !folder.text("ready").empty(); }));
  for (const auto& [number, word] : std::vector<std::pair<int, std::string>>{
           {SIGUSR1, "usr1"}, {SIGUSR2, "usr2"}, {SIGWINCH, "winch"}}) {
    kill(getpid(), number);
    ASSERT_TRUE(comes_true([&] {
      EXPECT_EQ(child->next(wakeup, boot_time()).kind, Happening::Kind::time_up);
      return folder.text("got").find(word) != std::string::npos;
    })) << word;
  }
  EXPECT_EQ(child->stop(SIGKILL, long_grace).exit_code, 137);
}

TEST_F(Commands, GetSignalsThatComeWhileTheyAreStopping) {
  const auto child =
      script("trap '' INT; trap 'exit 9' TERM; echo > ready; while :; do sleep 0.01; done");
  ASSERT_TRUE(comes_true([&] { return !folder.text("ready").empty(); }));
  kill(getpid(), SIGTERM);
  const Ending ending = child->stop(SIGINT, long_grace);
  EXPECT_EQ(ending.exit_code, 9);
  EXPECT_FALSE(ending.was_killed);
}

TEST_F(Commands, AreKilledAtADeadlineThatNobodyMoves) {
  const auto child = script("trap '' TERM; exec sleep 1000");
  child->set_deadline(boot_time());
  EXPECT_EQ(ending_of(*child).exit_code, 137);
}

TEST_F(Commands, AreNotKilledAtADeadlineThatWasMoved) {
  const auto child = script("until [ -e go ]; do sleep 0.01; done; exit 0");
  for (int i = 0; i < 100; ++i) child->set_deadline(boot_time() + std::chrono::hours(1));
  child->set_deadline(std::nullopt);
  folder.put("go", "");
  EXPECT_EQ(ending_of(*child).exit_code, 0);
}

pid_t watcher_of(const Child& child) {
  for (const Entry& entry : process_table()) {
    if (entry.parent == getpid() && entry.group != child.group() && entry.name == "bdd-lock-watch")
      return entry.pid;
  }
  return 0;
}

TEST_F(Commands, GoOnWithoutTheirWatcher) {
  const auto child = script("until [ -e go ]; do sleep 0.01; done; exit 6");
  pid_t watcher = 0;
  ASSERT_TRUE(comes_true([&] { return (watcher = watcher_of(*child)) != 0; }));
  kill(watcher, SIGKILL);
  EXPECT_EQ(child->next(wakeup, boot_time()).kind, Happening::Kind::time_up);
  child->set_deadline(boot_time());
  folder.put("go", "");
  EXPECT_EQ(ending_of(*child).exit_code, 6);
}

TEST_F(Commands, HaveAWatcherThatHoldsNoFilesAndNoFolder) {
  const auto child = script("exec sleep 1000");
  pid_t watcher = 0;
  ASSERT_TRUE(comes_true([&] { return (watcher = watcher_of(*child)) != 0; }));
  const std::string proc = "/proc/" + std::to_string(watcher);
  const auto entries = [&] {
    return std::distance(std::filesystem::directory_iterator(proc + "/fd"), {});
  };
  EXPECT_TRUE(comes_true([&] { return entries() == 2; }));  // its channel and its timer
  EXPECT_EQ(std::filesystem::read_symlink(proc + "/cwd"), "/");
  EXPECT_EQ(process_entry(watcher)->group, watcher);
  EXPECT_EQ(child->stop(SIGTERM, long_grace).exit_code, 143);
  EXPECT_FALSE(is_alive(watcher));
}

TEST_F(Commands, AreKilledWithTheirOwner) {
  auto child = script("trap '' TERM; sleep 1000 & echo $! > pid; wait");
  const pid_t left = folder.number("pid");
  const pid_t group = child->group();
  child.reset();
  EXPECT_FALSE(is_alive(left));
  EXPECT_FALSE(is_alive(group));
}

TEST_F(Commands, LeaveNothingOpenAndNoProcess) {
  const auto before = open_descriptors();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(run("exit 0").exit_code, 0);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(fault({{"no-such-command"}}).exit_code, 127);
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(Commands, DoNotTakeChildrenThatWereThereBefore) {
  signals.reset();
  const pid_t earlier = fork();
  if (earlier == 0) {
    execlp("sleep", "sleep", "1000", nullptr);
    _exit(99);
  }
  signals = std::move(*Signals::open());
  EXPECT_EQ(run("exit 0").exit_code, 0);
  EXPECT_TRUE(is_alive(earlier));
  kill(earlier, SIGKILL);
  waitpid(earlier, nullptr, 0);
}

}  // namespace
}  // namespace bddlock::process
