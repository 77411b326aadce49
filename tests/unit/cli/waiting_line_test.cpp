#include "cli/waiting_line.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace bddlock::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Place place(std::int64_t position, std::optional<seconds> estimate = std::nullopt) {
  return {.position = position, .estimate = estimate};
}

TEST(DurationWords, AreTheTwoLargestUnits) {
  EXPECT_EQ(duration_words(seconds(0)), "0 s");
  EXPECT_EQ(duration_words(seconds(-5)), "0 s");
  EXPECT_EQ(duration_words(seconds(45)), "45 s");
  EXPECT_EQ(duration_words(seconds(60)), "1 min");
  EXPECT_EQ(duration_words(seconds(250)), "4 min 10 s");
  EXPECT_EQ(duration_words(seconds(3599)), "59 min 59 s");
  EXPECT_EQ(duration_words(seconds(3601)), "1 h");
  EXPECT_EQ(duration_words(seconds(7505)), "2 h 5 min");
  EXPECT_EQ(duration_words(seconds(86'400 * 3 + 3600 * 4 + 59)), "3 d 4 h");
  EXPECT_EQ(duration_words(seconds(86'400 + 59)), "1 d");
}

TEST(PlaceText, TellsPlaceRepoAndEstimate) {
  EXPECT_EQ(place_text({.position = 3, .waiting = 5, .estimate = seconds(250)}, "paymentService"),
            "place 3 of 5 for paymentService, about 4 min 10 s");
}

TEST(PlaceText, LeavesOutWhatNobodyKnows) {
  EXPECT_EQ(place_text(place(3), "pay"), "place 3 for pay");
}

TEST(PlaceText, RoundsEstimatesUpToWhatTheyAreWorth) {
  const auto estimate = [](std::int64_t count) {
    return place_text(place(1, seconds(count)), "pay");
  };
  EXPECT_EQ(estimate(0), "place 1 for pay, any moment now");
  EXPECT_EQ(estimate(1), "place 1 for pay, about 5 s");
  EXPECT_EQ(estimate(56), "place 1 for pay, about 1 min");
  EXPECT_EQ(estimate(61), "place 1 for pay, about 1 min 10 s");
  EXPECT_EQ(estimate(600), "place 1 for pay, about 10 min");
  EXPECT_EQ(estimate(601), "place 1 for pay, about 11 min");
  EXPECT_EQ(estimate(3601), "place 1 for pay, about 1 h 5 min");
}

TEST(PlaceText, SaysWhyItCanNeverBeGranted) {
  EXPECT_EQ(place_text({.position = 1, .never = "no stack has os=bsd"}, "pay"),
            "place 1 for pay; no stack has os=bsd");
}

TEST(PlaceText, HasNoCommandsToATerminalOrACi) {
  EXPECT_EQ(place_text(place(1), "\x1b[31m##vso[x]"), "place 1 for \\x1b[31m# #vso[x]");
}

struct Log {
  std::ostringstream out;
  WaitingLine line{out, {}, "pay", milliseconds(1000)};
};

TEST(WaitingLineInALog, TellsEachChangeOnce) {
  Log log;
  log.line.show(place(3, seconds(100)), milliseconds(1000));
  log.line.show(place(3, seconds(95)), milliseconds(2000));
  log.line.show(place(3, seconds(90)), milliseconds(3000));
  log.line.show(place(2, seconds(90)), milliseconds(4000));
  EXPECT_EQ(log.out.str(),
            "bdd-lock: place 3 for pay, about 1 min 40 s\n"
            "bdd-lock: place 3 for pay, about 1 min 30 s\n"
            "bdd-lock: place 2 for pay, about 1 min 30 s\n");
}

TEST(WaitingLineInALog, IsNotSilentForMoreThanAMinute) {
  Log log;
  log.line.show(place(3), milliseconds(1000));
  log.line.show(place(3), milliseconds(60'999));
  EXPECT_EQ(log.out.str(), "bdd-lock: place 3 for pay\n");
  log.line.show(place(3), milliseconds(61'000));
  log.line.show(place(3), milliseconds(120'999));
  EXPECT_EQ(log.out.str(),
            "bdd-lock: place 3 for pay\n"
            "bdd-lock: place 3 for pay; waited 1 min so far\n");
}

TEST(WaitingLineInALog, SaysOtherThingsInLinesOfTheirOwn) {
  Log log;
  log.line.show(place(3), milliseconds(1000));
  log.line.say("the server is away");
  log.line.clear();
  EXPECT_EQ(log.out.str(), "bdd-lock: place 3 for pay\nbdd-lock: the server is away\n");
}

struct Terminal {
  std::ostringstream out;
  std::size_t columns = 80;
  WaitingLine line{out, {true, [this] { return columns; }}, "pay", milliseconds(0)};

  std::string drawn() {
    std::string text = out.str();
    out.str("");
    return text;
  }
};

TEST(WaitingLineOnATerminal, MovesInOneLine) {
  Terminal terminal;
  terminal.line.show(place(3, seconds(100)), milliseconds(0));
  EXPECT_EQ(terminal.drawn(), "\rbdd-lock: place 3 for pay, about 1 min 40 s\x1b[K");
  terminal.line.show(place(2), milliseconds(1));
  EXPECT_EQ(terminal.drawn(), "\rbdd-lock: place 2 for pay\x1b[K");
  terminal.line.clear();
  EXPECT_EQ(terminal.drawn(), "\r\x1b[K");
}

TEST(WaitingLineOnATerminal, IsCutBeforeItWouldWrap) {
  Terminal terminal;
  terminal.columns = 20;
  terminal.line.show(place(3), milliseconds(0));
  EXPECT_EQ(terminal.drawn(), "\rbdd-lock: place 3 f\x1b[K");
  terminal.columns = 0;  // it does not say
  terminal.line.show(place(3), milliseconds(0));
  EXPECT_EQ(terminal.drawn(), "\rbdd-lock: place 3 for pay\x1b[K");
}

TEST(WaitingLineOnATerminal, CutsBetweenCharacters) {
  std::ostringstream out;
  WaitingLine line{out, {true, [] { return std::size_t{24}; }}, "ää", milliseconds(0)};
  line.show(place(3), milliseconds(0));
  EXPECT_EQ(out.str(), "\rbdd-lock: place 3 for ä\x1b[K");
}

TEST(WaitingLineOnATerminal, ComesBackBelowOtherMessages) {
  Terminal terminal;
  terminal.line.say("before");
  EXPECT_EQ(terminal.drawn(), "bdd-lock: before\n");
  terminal.line.show(place(3), milliseconds(0));
  (void)terminal.drawn();
  terminal.line.say("the server is away");
  EXPECT_EQ(terminal.drawn(),
            "\r\x1b[Kbdd-lock: the server is away\n\rbdd-lock: place 3 for pay\x1b[K");
  terminal.line.clear();
  terminal.line.clear();
  EXPECT_EQ(terminal.drawn(), "\r\x1b[K");
}

}  // namespace
}  // namespace bddlock::cli
