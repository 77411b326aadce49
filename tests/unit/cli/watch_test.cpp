// watch: a line for each change, or a page that is redrawn, from scripted answers of a server.
#include <gtest/gtest.h>

#include "cli/watch_page.hpp"
#include "cli/watched.hpp"
#include "fake_world.hpp"

namespace bddlock::cli::testing {
namespace {

const std::string stacks_target = "GET /v1/stacks?limit=1000&repoName=pay";
const std::string line_target = "GET /v1/repos/pay/requests?limit=100";

std::string request_json(const std::string& id, const std::string& position,
                         const std::string& status = "waiting") {
  return R"({"requestId":")" + id + R"(","repoName":"pay","status":")" + status +
         R"(","position":)" + position +
         R"(,"ready":true,"arrivedAt":"2026-01-02T03:04:06.000Z","endedAt":null,"priority":0,)"
         R"("count":1,"stackName":null,"labels":{},"prefer":{},"createIfNone":false,)"
         R"("leaseSeconds":900,"holder":{"job":"job of )" +
         id + R"("},"claims":[]})";
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::size_t count_of(const std::string& part, const std::string& text) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Ends a watch without a terminal after so many looks, as a full disk behind it would.
void end_after(FakeWorld& world, int looks) {
  world.on_sleep = [&world, looks, seen = 0]() mutable {
    if (++seen == looks) world.out.setstate(std::ios::badbit);
  };
}

int watch_lines(FakeWorld& world, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"watch", "--repo", "pay"};
  words.insert(words.end(), more.begin(), more.end());
  return world.run(words);
}

TEST(Watch, FirstTellsWhatIsThere) {
  FakeWorld world;
  world.answer(stacks_target, {page({stack_json("a"), claimed_json("b")})});
  world.answer(line_target,
               {page({request_json("r1", "1"), request_json("old", "null", "ended")})});
  end_after(world, 1);
  EXPECT_EQ(watch_lines(world), 1);
  EXPECT_EQ(world.out.str(),
            "2027-01-15T08:00:00.000Z\tstack\ta\t->available\t7\t\t\n"
            "2027-01-15T08:00:00.000Z\tstack\tb\t->claimed\t7\t2026-01-02T04:04:05.678Z\t4711\n"
            "2027-01-15T08:00:00.000Z\trequest waits\tr1\t->1\t1\t2026-01-02T03:04:06.000Z\t"
            "job of r1\n");
  EXPECT_EQ(world.sleeps, std::vector<milliseconds>{seconds(2)});
}

TEST(Watch, ThenTellsALineForEachChangeAndNothingElse) {
  FakeWorld world;
  world.answer(stacks_target,
               {page({stack_json("a"), stack_json("b")}), page({stack_json("a"), stack_json("b")}),
                page({claimed_json("a"), stack_json("c")})});
  world.answer(line_target, {page({request_json("r1", "1"), request_json("r2", "2")}),
                             page({request_json("r1", "1"), request_json("r2", "2")}),
                             page({request_json("r2", "1")})});
  end_after(world, 3);
  watch_lines(world, {"--interval", "5s"});
  const std::string all = world.out.str();
  EXPECT_EQ(count_of("\n", all), 4u + 5u) << all;
  expect_in("\tstack changed\ta\tavailable>claimed\t7\t2026-01-02T04:04:05.678Z\t4711\n", all);
  expect_in("\tstack removed\tb\tavailable>-\t7\t\t\n", all);
  expect_in("\tstack\tc\t->available\t", all);
  expect_in("\trequest moved\tr2\t2>1\t", all);
  expect_in("\trequest left\tr1\t1>-\t", all);
  EXPECT_EQ(world.slept(), seconds(15));
}

TEST(Watch, TakesAHeartbeatForNoChange) {
  FakeWorld world;
  const std::string later =
      with(claimed_json("a"), "2026-01-02T04:04:05.678Z", "2026-01-02T04:34:05.678Z");
  world.answer(stacks_target, {page({claimed_json("a")}), page({later})});
  world.answer(line_target, {page({})});
  end_after(world, 2);
  watch_lines(world);
  EXPECT_EQ(count_of("\n", world.out.str()), 1u) << world.out.str();
}

TEST(Watch, TellsThatAHoldIsExtended) {
  FakeWorld world;
  const std::string held = with(claimed_json("a"), R"("state":"claimed")", R"("state":"held")");
  const std::string later = with(held, "2026-01-02T04:04:05.678Z", "2026-01-02T04:34:05.678Z");
  world.answer(stacks_target, {page({held}), page({later})});
  world.answer(line_target, {page({})});
  end_after(world, 2);
  watch_lines(world);
  expect_in("\tstack changed\ta\theld>held\t7\t2026-01-02T04:34:05.678Z\t", world.out.str());
}

TEST(Watch, PrintsAnObjectALineAsJson) {
  FakeWorld world;
  world.answer(stacks_target, {page({stack_json("a")}), page({})});
  world.answer(line_target, {page({request_json("r1", "1")})});
  end_after(world, 2);
  watch_lines(world, {"--output", "json"});
  const std::string all = world.out.str();
  EXPECT_EQ(count_of("\n", all), 3u) << all;
  expect_in(R"({"at":"2027-01-15T08:00:00.000Z","what":"stack","stack":{"stackName":"a",)", all);
  expect_in(R"("what":"request waits","request":{"requestId":"r1",)", all);
  expect_in(R"("what":"stack removed","stack":{"stackName":"a",)", all);
}

TEST(Watch, ReadsTheWholeLineAndNotTheRequestsThatAreOver) {
  FakeWorld world;
  world.answer(stacks_target, {page({})});
  world.answer(line_target, {page({request_json("r1", "1")}, "\"next\"")});
  world.answer(line_target + "&cursor=next",
               {page({request_json("r2", "2"), request_json("old", "null", "ended")}, "\"more\"")});
  end_after(world, 1);
  watch_lines(world);
  EXPECT_EQ(count_of("\n", world.out.str()), 2u) << world.out.str();
}

TEST(Watch, OfARepoThatNobodyKnowsWaitsForItsFirstStack) {
  FakeWorld world;
  world.answer(stacks_target, {page({}), page({stack_json("a")})});
  world.answer(line_target, {problem(404, "repo_unknown"), page({})});
  end_after(world, 2);
  watch_lines(world);
  EXPECT_EQ(count_of("\tstack\ta\t", world.out.str()), 1u);
  EXPECT_EQ(count_of("\n", world.out.str()), 1u);
}

TEST(Watch, GoesOnWhileTheServerIsAwayAndSaysSoOnce) {
  FakeWorld world;
  world.answer(stacks_target, {page({stack_json("a")}),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               not_sent(),
                               page({stack_json("b")})});
  world.answer(line_target, {page({})});
  world.on_sleep = [&world] {
    if (count_of("\n", world.out.str()) == 3) world.out.setstate(std::ios::badbit);
  };
  watch_lines(world);
  EXPECT_EQ(count_of("cannot reach a server", world.said()), 1u) << world.said();
  EXPECT_EQ(count_of("watching on\n", world.said()), 1u) << world.said();
  EXPECT_EQ(count_of("the server answers again\n", world.said()), 1u) << world.said();
  EXPECT_EQ(count_of("trying again", world.said()), 0u) << world.said();
  expect_in("\tstack removed\ta\t", world.out.str());
}

TEST(Watch, EndsWhereThereIsNoServerAtFirst) {
  FakeWorld world;
  world.answer(stacks_target, {not_sent()});
  EXPECT_EQ(watch_lines(world), 69);
  expect_in("cannot reach a server", world.said());
}

TEST(Watch, EndsWhenTheTokenIsAcceptedNoLonger) {
  FakeWorld world;
  world.variables["BDD_LOCK_AUTH_TOKEN"] = "t";
  world.answer(stacks_target, {page({}), problem(403, "forbidden")});
  world.answer(line_target, {page({})});
  EXPECT_EQ(watch_lines(world), 77);
  expect_in("does not accept the token", world.said());
}

TEST(Watch, NeedsARepo) {
  FakeWorld world;
  EXPECT_EQ(world.run({"watch"}), 64);
  expect_in("which repo's stacks? Give --repo or set REPO_NAME", world.said());
}

TEST(Watch, DrawsNoTableWhereThereIsNoTerminal) {
  FakeWorld world;
  EXPECT_EQ(watch_lines(world, {"--output", "table"}), 64);
  expect_in("--output table is for a terminal", world.said());
}

struct TerminalWorld : FakeWorld {
  TerminalWorld() {
    out_is_terminal = true;
    variables["TERM"] = "xterm";
  }
};

TEST(WatchOnATerminal, DrawsItsPageAndAgainOnlyWhenSomethingChanged) {
  TerminalWorld world;
  world.answer(stacks_target, {page({stack_json("a")}), page({stack_json("a")}),
                               page({claimed_json("a")}), page({claimed_json("a")})});
  world.answer(line_target, {page({})});
  world.stirs = {Stir::none, Stir::none, Stir::none, Stir::none};
  EXPECT_EQ(watch_lines(world), 0) << world.said();
  const std::string all = world.out.str();
  EXPECT_EQ(count_of("\x1b[H", all), 2u) << all;
  EXPECT_EQ(count_of("a      available  2026-01-02T03:04:05Z", all), 1u) << all;
  expect_in("claimed (then disabled)", all);
  expect_in("pay at http://127.0.0.1:8080", all);
  EXPECT_TRUE(world.was_live);
  EXPECT_EQ(world.live, 0);
}

TEST(WatchOnATerminal, DrawsAgainInANewSizeWithoutAnotherLook) {
  TerminalWorld world;
  world.answer(stacks_target, {page({stack_json("a")})});
  world.answer(line_target, {page({})});
  world.stirs = {Stir::resized, Stir::resized};
  world.on_sleep = [&world] { world.terminal.columns = 10; };
  EXPECT_EQ(watch_lines(world), 0) << world.said();
  EXPECT_EQ(count_of("\x1b[H", world.out.str()), 2u);
  EXPECT_EQ(world.requests.size(), 2u);
}

TEST(WatchOnATerminal, ShowsThatTheServerIsAwayAndTellsNothingBesides) {
  TerminalWorld world;
  world.answer(stacks_target, {page({stack_json("a")}), not_sent()});
  world.answer(line_target, {page({})});
  world.stirs.assign(30, Stir::none);
  EXPECT_EQ(watch_lines(world), 0) << world.said();
  EXPECT_EQ(count_of("no answer since 2027-01-15T08:00:00.000Z: cannot reach", world.out.str()), 1u)
      << world.out.str();
  EXPECT_EQ(world.said(), "");
  EXPECT_EQ(world.live, 0);
}

TEST(WatchOnATerminal, GivesItBackWhenItEndsWithAComplaint) {
  TerminalWorld world;
  world.variables["BDD_LOCK_AUTH_TOKEN"] = "t";
  world.answer(stacks_target, {page({}), problem(403, "forbidden")});
  world.answer(line_target, {page({})});
  world.stirs.assign(9, Stir::none);
  EXPECT_EQ(watch_lines(world), 77);
  EXPECT_EQ(world.live, 0);
}

TEST(WatchOnATerminal, ThatKnowsNoSequencesPrintsLines) {
  for (const std::string kind : {"", "dumb"}) {
    FakeWorld world;
    world.out_is_terminal = true;
    world.variables["TERM"] = kind;
    world.answer(stacks_target, {page({stack_json("a")})});
    world.answer(line_target, {page({})});
    end_after(world, 1);
    watch_lines(world);
    expect_not_in("\x1b", world.out.str());
    EXPECT_FALSE(world.was_live);
  }
}

Watched many(std::size_t stacks, std::size_t waiting) {
  Watched watched;
  for (std::size_t i = 0; i < stacks; ++i)
    watched.stacks.push_back({.stack_name = core::StackName("stack" + std::to_string(i)),
                              .repo_name = core::RepoName("pay")});
  for (std::size_t i = 0; i < waiting; ++i) {
    wire::ShownRequest shown;
    shown.request.request_id = core::RequestId("request" + std::to_string(i));
    shown.position = static_cast<std::int64_t>(i) + 1;
    watched.waiting.push_back(shown);
  }
  return watched;
}

std::string text_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(WatchPage, HasStacksAndLine) {
  const std::string text = text_of(watch_page(many(2, 1), "title", "", {}));
  EXPECT_EQ(text,
            "title\n"
            "2 stacks: 2 available; 1 request waits\n"
            "\n"
            "STACK   STATE      SINCE                 UNTIL  WHO\n"
            "stack0  available  1970-01-01T00:00:00Z\n"
            "stack1  available  1970-01-01T00:00:00Z\n"
            "\n"
            "PLACE  REQUEST   STACKS  SINCE                 WHO\n"
            "1      request0  1       1970-01-01T00:00:00Z\n"
            "\n"
            "q ends it\n");
}

TEST(WatchPage, CountsWhatDoesNotFit) {
  const auto page = watch_page(many(100, 50), "title", "", {.rows = 20, .columns = 80});
  EXPECT_EQ(page.size(), 20u);
  const std::string text = text_of(page);
  expect_in("... and 93 more\n", text);
  expect_in("... and 47 more\n", text);
  EXPECT_EQ(page.back(), "q ends it");
}

TEST(WatchPage, IsNeverLargerThanTheTerminal) {
  for (std::size_t rows = 1; rows < 40; ++rows) {
    for (const auto& [stacks, waiting] :
         {std::pair<std::size_t, std::size_t>{0, 0}, {1, 0}, {0, 30}, {12, 3}, {3, 12}, {60, 60}}) {
      const auto page =
          watch_page(many(stacks, waiting), "title", "trouble", {.rows = rows, .columns = 12});
      EXPECT_LE(page.size(), rows) << stacks << " " << waiting;
      for (const std::string& line : page) EXPECT_LE(line.size(), 12u);
      if (rows < 12) continue;
      EXPECT_EQ(page.back(), "trouble") << rows << " " << stacks << " " << waiting;
    }
  }
}

TEST(WatchPage, KeepsNamesFromSteeringTheTerminal) {
  Watched watched = many(1, 0);
  watched.stacks.front().stack_name = core::StackName("evil\x1b[2J");
  expect_not_in("\x1b", text_of(watch_page(watched, "title\x1b[H", "trouble\n", {})));
}

}  // namespace
}  // namespace bddlock::cli::testing
