#include <gtest/gtest.h>

#include <array>
#include <cstdio>

#include "fake_world.hpp"

namespace bddlock::cli::testing {
namespace {

TEST(ClaimByName, PrintsTheNameAlone) {
  FakeWorld world;
  world.answer("PUT /claim-stack/a%20b", {claimed()});
  EXPECT_EQ(world.run({"claim", "a b"}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "a b\n");
  EXPECT_EQ(world.said(), "");
}

TEST(ClaimByName, EndsWith75AndSaysSinceWhenItIsInUse) {
  FakeWorld world;
  world.answer("PUT /claim-stack/a", {cancelled()});
  world.answer("GET /v1/stacks/a", {stack("a", "claimed")});
  EXPECT_EQ(world.run({"claim", "a"}), 75);
  expect_in("the stack a is not free: it is claimed, last used 2026-01-02T03:04:05.678Z",
            world.said());
  expect_in("--wait", world.said());
  EXPECT_TRUE(world.sleeps.empty());
}

TEST(ClaimByName, EndsWith1WhenThereIsNoSuchStack) {
  FakeWorld world;
  world.answer("PUT /claim-stack/a", {cancelled()});
  world.answer("GET /v1/stacks/a", {problem(404, "stack_unknown")});
  EXPECT_EQ(world.run({"claim", "a", "--wait", "1h"}), 1);
  expect_in("no stack a is in the table", world.said());
  EXPECT_TRUE(world.sleeps.empty());
}

TEST(ClaimByName, WorksAgainstTheOriginalWhichHasNoLookUp) {
  FakeWorld world;
  world.answer("PUT /claim-stack/a", {cancelled()});
  world.answer("GET /v1/stacks/a", {json(403, R"({"message":"Missing Authentication Token"})")});
  EXPECT_EQ(world.run({"claim", "a"}), 75);
  expect_in("the stack a is not free", world.said());
}

TEST(ClaimByName, WaitsUntilTheStackIsFree) {
  FakeWorld world;
  world.answer("PUT /claim-stack/a", {cancelled(), cancelled(), cancelled(), claimed()});
  world.answer("GET /v1/stacks/a", {stack("a", "claimed")});
  EXPECT_EQ(world.run({"claim", "a", "--wait", "10m"}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "a\n");
  EXPECT_EQ(world.sleeps.size(), 3u);
  expect_in("waiting for up to 10m", world.said());
}

TEST(ClaimByName, WaitsExactlyAsLongAsToldAndTriesOnceMoreAtTheEnd) {
  FakeWorld world;
  world.answer("PUT /claim-stack/a", {cancelled()});
  world.answer("GET /v1/stacks/a", {stack("a", "claimed")});
  EXPECT_EQ(world.run({"claim", "a", "--wait", "3m"}), 75);
  EXPECT_EQ(world.slept(), seconds(180));
  expect_in("waited 3m", world.said());
  EXPECT_EQ(world.calls()[world.calls().size() - 2], "PUT /claim-stack/a");
}

TEST(ClaimByName, TellsOnceAMinuteThatItStillWaits) {
  FakeWorld world;
  world.answer("PUT /claim-stack/a", {cancelled()});
  world.answer("GET /v1/stacks/a", {stack("a", "claimed")});
  EXPECT_EQ(world.run({"claim", "a", "--wait", "10m"}), 75);
  std::istringstream lines(world.said());
  int told = 0;
  for (std::string line; std::getline(lines, line);)
    told += line.find("waiting for up to") != std::string::npos;
  EXPECT_GE(told, 9);
  EXPECT_LE(told, 11);
}

TEST(ClaimByName, OfUnknownOutcomeIsNeitherSuccessNorFailure) {
  FakeWorld world;
  world.answer("PUT /claim-stack/a", {cut_off(), claimed()});
  EXPECT_EQ(world.run({"claim", "a", "--wait", "10m"}), 69);
  EXPECT_EQ(world.requests.size(), 1u)
      << "a repeat would be refused by our own claim, or steal nothing for sure";
  EXPECT_EQ(world.out.str(), "");
  expect_in("it is not known whether the server carried it out", world.said());
  expect_in("bdd-lock show a", world.said());
}

TEST(ClaimAny, TakesTheFirstInTheServersOrderThatIsFree) {
  FakeWorld world;
  world.variables["REPO_NAME"] = "pay";
  world.answer("GET /get-available/pay", {available({"b", "a", "c"})});
  world.answer("PUT /claim-stack/b", {cancelled()});
  world.answer("PUT /claim-stack/a", {claimed()});
  EXPECT_EQ(world.run({"claim"}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "a\n");
  EXPECT_TRUE(world.sleeps.empty());
}

TEST(ClaimAny, ListsAgainAfterAPauseWhenAllWereTakenMeanwhile) {
  FakeWorld world;
  world.answer("GET /get-available/pay", {available({"a"}), available({"a"}), available({"b"})});
  world.answer("PUT /claim-stack/a", {cancelled()});
  world.answer("PUT /claim-stack/b", {claimed()});
  EXPECT_EQ(world.run({"claim", "--repo", "pay"}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "b\n");
  EXPECT_EQ(world.sleeps.size(), 2u);
}

TEST(ClaimAny, DoesNotLoseRacesForEver) {
  FakeWorld world;
  world.answer("GET /get-available/pay", {available({"a"})});
  world.answer("PUT /claim-stack/a", {cancelled()});
  world.answer("GET /v1/stacks?limit=1000&repoName=pay", {page({stack_json("a")})});
  EXPECT_EQ(world.run({"claim", "--repo", "pay"}), 75);
  EXPECT_EQ(world.slept(), seconds(30));
  expect_in("other jobs were faster", world.said());
}

TEST(ClaimAny, CreatesAClaimedStackWhenNoneIsFree) {
  FakeWorld world;
  world.answer("GET /get-available/pay", {available({})});
  world.answer("POST /create-stack", {created()});
  EXPECT_EQ(world.run({"claim", "--repo", "pay"}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "pay-abcdefgh\n");
  expect_in("pay-abcdefgh", world.requests.back().body);
  expect_in("false", world.requests.back().body);
  expect_in("created the new one", world.said());
}

TEST(ClaimAny, TriesAnotherNameOnAClash) {
  FakeWorld world;
  world.answer("GET /get-available/pay", {available({})});
  world.answer("POST /create-stack", {name_exists(), name_exists(), created()});
  EXPECT_EQ(world.run({"claim", "--repo", "pay", "--name-prefix", "t"}), 0) << world.said();
  ASSERT_EQ(world.requests.size(), 4u);
  EXPECT_NE(world.requests[1].body, world.requests[2].body);
  EXPECT_NE(world.requests[2].body, world.requests[3].body);
  EXPECT_TRUE(world.out.str().starts_with("t"));
}

TEST(ClaimAny, GivesUpWhenEveryNameClashes) {
  FakeWorld world;
  world.answer("GET /get-available/pay", {available({})});
  world.answer("POST /create-stack", {name_exists()});
  EXPECT_EQ(world.run({"claim", "--repo", "pay"}), 1);
  EXPECT_EQ(world.requests.size(), 11u);
  expect_in("--name-prefix", world.said());
}

TEST(ClaimAny, SaysWhyTheServerCreatesNone) {
  FakeWorld world;
  world.answer("GET /get-available/pay", {available({})});
  world.answer("POST /create-stack", {json(400, R"({"error": "no more than 5"})")});
  EXPECT_EQ(world.run({"claim", "--repo", "pay"}), 1);
  expect_in("no more than 5", world.said());
}

TEST(ClaimAny, WithoutCreatingSaysHowManyStacksThereAre) {
  FakeWorld world;
  world.answer("GET /get-available/pay", {available({})});
  world.answer("GET /v1/stacks?limit=1000&repoName=pay",
               {page({stack_json("a", "claimed"), stack_json("b", "claimed"),
                      stack_json("c", "disabled")})});
  EXPECT_EQ(world.run({"claim", "--repo", "pay", "--no-create"}), 75);
  expect_in("no stack of pay is free: the repo has 3 stacks (2 claimed, 1 disabled)", world.said());
  EXPECT_TRUE(world.sleeps.empty());
  EXPECT_EQ(world.out.str(), "");
}

TEST(ClaimAny, WithoutCreatingWaitsUntilOneIsFree) {
  FakeWorld world;
  world.variables["BDD_LOCK_NO_CREATE"] = "true";
  world.answer("GET /get-available/pay", {available({}), available({}), available({"a"})});
  world.answer("PUT /claim-stack/a", {claimed()});
  EXPECT_EQ(world.run({"claim", "--repo", "pay", "--wait", "10m"}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "a\n");
}

TEST(ClaimAny, WithoutCreatingGivesUpAtTheEndOfTheWait) {
  FakeWorld world;
  world.answer("GET /get-available/pay", {available({})});
  world.answer("GET /v1/stacks?limit=1000&repoName=pay", {page({})});
  EXPECT_EQ(world.run({"claim", "--repo", "pay", "--wait", "90s", "--no-create"}), 75);
  EXPECT_EQ(world.slept(), seconds(90));
  expect_in("Is the repo's name right?", world.said());
  expect_in("waited 90s", world.said());
}

TEST(ClaimAny, GoesOnWithAnotherStackAfterAnUnknownOutcome) {
  FakeWorld world;
  world.answer("GET /get-available/pay", {available({"a", "b"})});
  world.answer("PUT /claim-stack/a", {cut_off()});
  world.answer("PUT /claim-stack/b", {claimed()});
  EXPECT_EQ(world.run({"claim", "--repo", "pay"}), 0);
  EXPECT_EQ(world.out.str(), "b\n");
  expect_in("The stack a may have been claimed", world.said());
}

TEST(ClaimAny, StopsAfterThreeUnknownOutcomes) {
  FakeWorld world;
  world.answer("GET /get-available/pay", {available({"a", "b", "c", "d"})});
  for (const char* name : {"a", "b", "c"})
    world.answer(std::string("PUT /claim-stack/") + name, {cut_off()});
  EXPECT_EQ(world.run({"claim", "--repo", "pay"}), 69);
  EXPECT_EQ(world.out.str(), "");
  EXPECT_EQ(world.requests.size(), 4u);
}

TEST(ClaimAny, OfUnknownOutcomeWhileCreatingTakesAnotherName) {
  FakeWorld world;
  world.answer("GET /get-available/pay", {available({})});
  world.answer("POST /create-stack", {cut_off(), created()});
  EXPECT_EQ(world.run({"claim", "--repo", "pay"}), 0);
  EXPECT_EQ(world.out.str(), "pay-ijklmnop\n");
  expect_in("pay-abcdefgh may have been claimed", world.said());
}

TEST(ClaimAny, RidesOutARestartOfTheServer) {
  FakeWorld world;
  world.answer("GET /get-available/pay", {not_sent(), not_sent(), available({"a"})});
  world.answer("PUT /claim-stack/a",
               {with_header(problem(503, "store_unavailable"), "Retry-After", "1"), claimed()});
  EXPECT_EQ(world.run({"claim", "--repo", "pay"}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "a\n");
}

TEST(ClaimOutput, InJsonSaysWhetherItIsNew) {
  FakeWorld world;
  world.answer("PUT /claim-stack/a", {claimed()});
  EXPECT_EQ(world.run({"claim", "a", "--output", "json"}), 0);
  EXPECT_EQ(world.out.str(), "{\"stackName\":\"a\",\"created\":false}\n");
}

// What `eval "$(bdd-lock claim --output env)"` leaves in a script.
std::string after_eval(const std::string& output) {
  setenv("CLAIM_OUTPUT", output.c_str(), 1);
  FILE* pipe = popen(
      "eval \"$CLAIM_OUTPUT\"; printf '%s|%s|%s|%s\\n' \"$?\" \"$STACK_NAME\" \"$BDD_STACK_NAME\" "
      "\"$BDD_STACK_CREATED\"",
      "r");
  std::array<char, 1024> text{};
  const std::size_t got = fread(text.data(), 1, text.size(), pipe);
  pclose(pipe);
  return std::string(text.data(), got);
}

TEST(ClaimOutput, AsEnvIsReadBackByARealShell) {
  for (const std::string name :
       {"plain", "it's", "two  words", "$(touch x)", "a`b`c\"d\\e", "gr\xC3\xBCn;#&|"}) {
    FakeWorld world;
    std::string target = "PUT /claim-stack/";
    for (const char c : name) {
      std::array<char, 4> hex{};
      std::snprintf(hex.data(), hex.size(), "%%%02X",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      target += std::isalnum(static_cast<unsigned char>(c)) != 0 ? std::string(1, c)
                                                                 : std::string(hex.data());
    }
    world.answer(target, {claimed()});
    ASSERT_EQ(world.run({"claim", name, "--output", "env"}), 0) << world.said();
    EXPECT_EQ(after_eval(world.out.str()), "0|" + name + "|" + name + "|false\n");
  }
}

TEST(ClaimOutput, AsEnvSaysThatTheStackIsNew) {
  FakeWorld world;
  world.answer("GET /get-available/pay", {available({})});
  world.answer("POST /create-stack", {created()});
  ASSERT_EQ(world.run({"claim", "--repo", "pay", "--output", "env"}), 0);
  EXPECT_EQ(world.out.str(),
            "STACK_NAME=pay-abcdefgh\nBDD_STACK_NAME=pay-abcdefgh\nBDD_STACK_CREATED=true\n");
}

TEST(ClaimOutput, AsEnvMakesTheEvalFailWithTheExitCode) {
  FakeWorld world;
  world.answer("PUT /claim-stack/a", {cancelled()});
  world.answer("GET /v1/stacks/a", {stack("a", "claimed")});
  ASSERT_EQ(world.run({"claim", "a", "--output", "env"}), 75);
  EXPECT_EQ(after_eval(world.out.str()), "75|||\n");
}

}  // namespace
}  // namespace bddlock::cli::testing
