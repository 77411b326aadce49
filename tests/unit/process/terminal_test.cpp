#include <gtest/gtest.h>

#include "session.hpp"

namespace bddlock::process {
namespace {

using testing::comes_true;
using testing::Folder;
using testing::is_alive;
using testing::Session;

constexpr const char* ctrl_c = "\x03";
constexpr const char* ctrl_z = "\x1a";
// A shell that has just made a process with vfork cannot be stopped before that process goes on:
// where Ctrl-Z is typed, the command waits by itself.
void make_gate(const Folder& folder) { EXPECT_EQ(mkfifo(folder.file("go").c_str(), 0600), 0); }

constexpr const char* forever = "while :; do sleep 0.01; done";

TEST(OnATerminal, TheCommandHasItWhileItRuns) {
  Folder folder;
  Session session({"echo $$ > " + folder.file("pid") + "; echo ready; read line; exit 0"});
  ASSERT_TRUE(session.shows("ready"));
  EXPECT_EQ(session.foreground(), folder.number("pid"));
  session.type("\n");
  EXPECT_EQ(session.wait(), 0);
  EXPECT_EQ(session.foreground(), session.probe());
}

TEST(OnATerminal, TheCommandReadsWhatIsTyped) {
  Session session({"echo ready; read line; echo \"have $line\"; exit 4"});
  ASSERT_TRUE(session.shows("ready"));
  session.type("hello\n");
  ASSERT_TRUE(session.shows("have hello"));
  EXPECT_EQ(WEXITSTATUS(session.wait()), 4);
}

TEST(OnATerminal, CtrlCGoesToTheCommandAlone) {
  Session session({std::string("trap 'echo got; exit 7' INT; echo ready; ") + forever});
  ASSERT_TRUE(session.shows("ready"));
  session.type(ctrl_c);
  const int status = session.wait();
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
  ASSERT_TRUE(session.shows("got"));
  EXPECT_EQ(session.shown().find("got"), session.shown().rfind("got"));
}

TEST(OnATerminal, CtrlZStopsBothAndTheShellContinuesThem) {
  Folder folder;
  Session session(
      {"echo $$ > " + folder.file("pid") + "; echo ready; read line; echo \"have $line\""});
  ASSERT_TRUE(session.shows("ready"));
  const pid_t command = folder.number("pid");
  for (int i = 0; i < 3; ++i) {
    session.type(ctrl_z);
    const int status = session.wait();
    ASSERT_TRUE(WIFSTOPPED(status)) << status;
    EXPECT_EQ(process_entry(command)->state, 'T');
    session.to_foreground();
    ASSERT_TRUE(comes_true([&] { return session.foreground() == command; }));
  }
  session.type("again\n");
  ASSERT_TRUE(session.shows("have again"));
  EXPECT_EQ(session.wait(), 0);
}

TEST(OnATerminal, ACommandInTheBackgroundRunsOnAndIsStoppedWhenItReads) {
  Folder folder;
  make_gate(folder);
  Session session({"echo $$ > " + folder.file("pid") + "; read x < " + folder.file("go") +
                   "; read line; echo \"have $line\""});
  const pid_t command = folder.number("pid");
  session.type(ctrl_z);
  ASSERT_TRUE(WIFSTOPPED(session.wait()));
  session.to_background();
  ASSERT_TRUE(comes_true([&] { return process_entry(command)->state != 'T'; }));
  folder.put("go", "\n", 0600);
  ASSERT_TRUE(WIFSTOPPED(session.wait()));
  session.to_foreground();
  ASSERT_TRUE(comes_true([&] { return session.foreground() == command; }));
  session.type("late\n");
  ASSERT_TRUE(session.shows("have late"));
  EXPECT_EQ(session.wait(), 0);
}

TEST(OnATerminal, InTheBackgroundFromTheStartTheShellKeepsIt) {
  Folder folder;
  Session session({.script = "echo > " + folder.file("ready") + "; until [ -e " +
                             folder.file("go") + " ]; do sleep 0.01; done; exit 3",
                   .in_background = true});
  const pid_t shell = session.foreground();
  ASSERT_TRUE(comes_true([&] { return !folder.text("ready").empty(); }));
  EXPECT_EQ(session.foreground(), shell);
  folder.put("go", "");
  EXPECT_EQ(WEXITSTATUS(session.wait()), 3);
  EXPECT_EQ(session.foreground(), shell);
}

// As in `bdd-lock run ... | tee log`: the one behind the pipe may want the keyboard.
TEST(WithItsOutputElsewhere, TheCommandHasTheTerminalOnceItReadsIt) {
  Folder folder;
  Session session({.script = "echo $$ > " + folder.file("pid") + "; until [ -e " +
                             folder.file("go") +
                             " ]; do sleep 0.01; done; read line; echo \"have $line\"",
                   .out = folder.file("out")});
  const pid_t command = folder.number("pid");
  EXPECT_EQ(session.foreground(), session.probe());
  folder.put("go", "");
  ASSERT_TRUE(comes_true([&] { return session.foreground() == command; }));
  session.type("me\n");
  EXPECT_EQ(session.wait(), 0);
  EXPECT_EQ(folder.text("out"), "have me\n");
}

TEST(WithItsOutputElsewhere, CtrlCIsPassedOn) {
  Folder folder;
  Session session({.script = std::string("trap 'echo got; exit 7' INT; echo > ") +
                             folder.file("ready") + "; " + forever,
                   .out = folder.file("out")});
  ASSERT_TRUE(comes_true([&] { return !folder.text("ready").empty(); }));
  session.type(ctrl_c);
  EXPECT_EQ(WEXITSTATUS(session.wait()), 7);
  EXPECT_EQ(folder.text("out"), "got\n");
}

TEST(WithItsOutputElsewhere, CtrlZStopsBoth) {
  Folder folder;
  make_gate(folder);
  Session session(
      {.script = "echo $$ > " + folder.file("pid") + "; read x < " + folder.file("go") + "; exit 5",
       .out = folder.file("out")});
  const pid_t command = folder.number("pid");
  session.type(ctrl_z);
  ASSERT_TRUE(WIFSTOPPED(session.wait()));
  EXPECT_EQ(process_entry(command)->state, 'T');
  session.to_foreground();
  folder.put("go", "\n", 0600);
  EXPECT_EQ(WEXITSTATUS(session.wait()), 5);
}

TEST(OnATerminal, ItsModesAreBackAfterTheCommandWasKilled) {
  Session session({"stty raw -echo; echo ready; kill -KILL $$"});
  const tcflag_t usual = ICANON | ECHO | ISIG;
  ASSERT_TRUE(session.shows("ready"));
  EXPECT_EQ(WEXITSTATUS(session.wait()), 137);
  EXPECT_EQ(session.local_modes() & usual, usual);
}

TEST(OnATerminal, ACommandThatEndsWellMayLeaveItsModes) {
  Session session({"stty -echo; echo ready"});
  ASSERT_TRUE(session.shows("ready"));
  EXPECT_EQ(session.wait(), 0);
  EXPECT_EQ(session.local_modes() & static_cast<tcflag_t>(ECHO), 0U);
}

TEST(OnATerminal, ItsLossEndsTheCommand) {
  Folder folder;
  pid_t command = 0;
  {
    Session session({"echo $$ > " + folder.file("pid") + "; exec sleep 1000"});
    command = folder.number("pid");
  }
  EXPECT_TRUE(comes_true([&] { return !is_alive(command); }));
}

}  // namespace
}  // namespace bddlock::process
