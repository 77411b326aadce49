// A whole program that runs a command: streams, signals from outside, and its own violent end.
#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <map>

#include "probing.hpp"

namespace bddlock::process {
namespace {

using testing::comes_true;
using testing::Folder;
using testing::is_alive;
using testing::Probe;

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close(read_end);
    if (write_end >= 0) close(write_end);
  }
  void close_write() { close(std::exchange(write_end, -1)); }

  std::string all() {
    close_write();
    std::string text;
    std::array<char, 65'536> piece;
    for (ssize_t got = 0; (got = read(read_end, piece.data(), piece.size())) > 0;)
      text.append(piece.data(), static_cast<std::size_t>(got));
    return text;
  }
};

std::string random_bytes(std::size_t count) {
  std::string bytes;
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < count; ++i) {
    state = state * 1'664'525 + 1'013'904'223;
    bytes += static_cast<char>(state >> 24);
  }
  return bytes;
}

TEST(ProbeStreams, PassByteForByte) {
  const std::string sent = random_bytes(3'000'000);
  Folder folder;
  folder.put("in", sent);
  const int in = open(folder.file("in").c_str(), O_RDONLY | O_CLOEXEC);
  Pipe out;
  Probe probe({}, "cat", {in, out.write_end});
  EXPECT_TRUE(out.all() == sent);
  EXPECT_EQ(probe.exit_code(), 0);
  close(in);
}

TEST(ProbeStreams, TakeGigabytes) {
  constexpr std::size_t gigabytes = 2UL << 30;
  Pipe out;
  Probe probe({}, "head -c 2147483648 /dev/zero", {0, out.write_end});
  out.close_write();
  std::vector<char> piece(1UL << 20);
  std::size_t sum = 0;
  for (ssize_t got = 0; (got = read(out.read_end, piece.data(), piece.size())) > 0;)
    sum += static_cast<std::size_t>(got);
  EXPECT_EQ(sum, gigabytes);
  EXPECT_EQ(probe.exit_code(), 0);
}

TEST(ProbeStreams, EndWithTheCommandAlthoughAWatcherRuns) {
  Pipe out;
  Probe probe({}, "echo done; exec >&-; sleep 0.1", {0, out.write_end});
  EXPECT_EQ(out.all(), "done\n");
  EXPECT_EQ(probe.exit_code(), 0);
}

TEST(ProbeStreams, MayBeClosedAndStayClosed) {
  Folder folder;
  Probe probe({}, "{ readlink /proc/$$/fd/0; echo $?; } > " + folder.file("found"), {0, 1},
              [] { close(0); });
  EXPECT_EQ(probe.exit_code(), 0);
  EXPECT_EQ(folder.text("found"), "1\n");
}

TEST(ProbeStarts, SayWhatIsWrong) {
  Pipe out;
  const std::string script = "exec " PROCESS_PROBE " -- no-such-command 2>&1";
  Probe probe({}, script, {0, out.write_end});
  EXPECT_EQ(out.all(), "cannot run no-such-command: there is no such command in PATH\n");
  EXPECT_EQ(probe.exit_code(), 127);
}

TEST(ProbeSignals, ReachTheWholeGroup) {
  for (const auto& [number, name] : std::map<int, std::string>{
           {SIGINT, "INT"}, {SIGTERM, "TERM"}, {SIGHUP, "HUP"}, {SIGQUIT, "QUIT"}}) {
    Folder folder;
    // Bash in the background ignores SIGINT and SIGQUIT, and `trap` cannot change what was ignored:
    // the second member is a pipeline's.
    const std::string member = "trap 'echo " + name + " >> got; exit 0' " + name +
                               "; echo >> ready; while :; do sleep 0.01; done";
    Probe probe({"--grace", "60000"},
                "cd " + folder.file("") + "; (" + member + ") | (" + member + "); exit 8");
    ASSERT_TRUE(comes_true([&] { return folder.text("ready") == "\n\n"; }));
    probe.signal(number);
    // The shell in front has no trap: it dies of the signal, and the members had their time.
    EXPECT_EQ(probe.exit_code(), 128 + number);
    EXPECT_EQ(folder.text("got"), name + "\n" + name + "\n");
  }
}

// As GitHub cancels: SIGINT, then SIGTERM, then SIGKILL.
TEST(ProbeSignals, OfACancelEndTheGroupWithinItsGrace) {
  Folder folder;
  Probe probe(
      {"--grace", "100", "--report", folder.file("report")},
      "trap '' INT TERM; echo $$ > " + folder.file("pid") + "; while :; do sleep 1000; done");
  const pid_t command = folder.number("pid");
  probe.signal(SIGINT);
  EXPECT_EQ(probe.exit_code(), 137);
  EXPECT_FALSE(is_alive(command));
  EXPECT_TRUE(folder.text("report").starts_with("137\nkilled\n"));
}

TEST(ProbeSignals, ThatAreIgnoredFromTheStartStayIgnored) {
  Folder folder;
  Probe probe({},
              "echo > " + folder.file("ready") + "; until [ -e " + folder.file("go") +
                  " ]; do sleep 0.01; done; exit 3",
              {0, 1}, [] { signal(SIGHUP, SIG_IGN); });
  ASSERT_TRUE(comes_true([&] { return !folder.text("ready").empty(); }));
  probe.signal(SIGHUP);
  folder.put("go", "");
  EXPECT_EQ(probe.exit_code(), 3);
}

TEST(ProbeKilled, TakesItsGroupWithIt) {
  for (int i = 0; i < 10; ++i) {
    Folder folder;
    Probe probe({}, "cd " + folder.file("") +
                        "; trap '' TERM INT HUP; sleep 1000 & echo $! > one; echo $$ > two; wait; "
                        "sleep 1000");
    const pid_t one = folder.number("one");
    const pid_t two = folder.number("two");
    probe.signal(SIGKILL);
    EXPECT_TRUE(comes_true([&] { return !is_alive(one) && !is_alive(two); }));
  }
}

// Orphans of a killed probe are this process's children while it is the subreaper.
struct Orphans {
  Orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1); }
  ~Orphans() {
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
};

TEST(ProbeKilled, AtAnyMomentLeavesNothing) {
  const Orphans orphans;
  for (int i = 0; i < 50; ++i) {
    Folder folder;
    Probe probe({}, "sleep 1000 & sleep 1000");
    std::this_thread::sleep_for(std::chrono::microseconds(i * 400));  // another moment each time
    probe.signal(SIGKILL);
    static_cast<void>(probe.status());
    EXPECT_TRUE(comes_true([] {
      for (const Entry& entry : process_table()) {
        if (entry.parent == getpid() && entry.is_alive()) return false;
      }
      return true;
    })) << i;
  }
}

// It takes its name some time after it is there.
pid_t watcher_of(pid_t probe) {
  pid_t watcher = 0;
  static_cast<void>(comes_true([&] {
    for (const Entry& entry : process_table())
      if (entry.parent == probe && entry.name == "bdd-lock-watch") watcher = entry.pid;
    return watcher != 0;
  }));
  return watcher;
}

TEST(ProbeKilled, LeavesNoWatcher) {
  Folder folder;
  Probe probe({}, "echo $$ > " + folder.file("pid") + "; exec sleep 1000");
  const pid_t command = folder.number("pid");
  const pid_t watcher = watcher_of(probe.pid());
  ASSERT_NE(watcher, 0);
  probe.signal(SIGKILL);
  EXPECT_TRUE(comes_true([&] { return !is_alive(watcher) && !is_alive(command); }));
}

TEST(ProbeKilled, WithItsWatcherStillTakesTheCommandWithIt) {
  Folder folder;
  Probe probe({}, "echo $$ > " + folder.file("pid") + "; exec sleep 1000");
  const pid_t command = folder.number("pid");
  const pid_t watcher = watcher_of(probe.pid());
  ASSERT_NE(watcher, 0);
  kill(watcher, SIGKILL);
  probe.signal(SIGKILL);
  EXPECT_TRUE(comes_true([&] { return !is_alive(command); }));
}

TEST(ProbeStopped, DoesNotKeepItsGroupPastTheDeadline) {
  Folder folder;
  Probe probe({"--deadline", "200"},
              "trap '' TERM; echo $$ > " + folder.file("pid") + "; while :; do sleep 1000; done");
  const pid_t command = folder.number("pid");
  probe.signal(SIGSTOP);
  EXPECT_TRUE(comes_true([&] { return !is_alive(command); }));
  probe.signal(SIGCONT);
  EXPECT_EQ(probe.exit_code(), 137);
}

TEST(ProbeSignals, ToItsOwnGroupAreNotTheCommands) {
  // A CI that signals the whole group of a step: the command gets it once, from the probe.
  Folder folder;
  Probe probe(
      {"--grace", "60000"},
      "cd " + folder.file("") +
          "; trap 'echo got >> log; exit 0' TERM; echo > ready; while :; do sleep 0.01; done",
      {0, 1}, [] { setpgid(0, 0); });
  ASSERT_TRUE(comes_true([&] { return !folder.text("ready").empty(); }));
  EXPECT_EQ(kill(-probe.pid(), SIGTERM), 0);
  EXPECT_EQ(probe.exit_code(), 0);
  EXPECT_EQ(folder.text("log"), "got\n");
}

}  // namespace
}  // namespace bddlock::process
