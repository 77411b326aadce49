#include <gtest/gtest.h>

#include "fake_world.hpp"

namespace bddlock::cli::testing {
namespace {

TEST(Create, PutsAnAvailableStackIntoTheTable) {
  FakeWorld world;
  world.answer("POST /create-stack", {created()});
  EXPECT_EQ(world.run({"create", "stack1", "--repo", "pay"}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "stack1\n");
  EXPECT_EQ(world.said(), "");
  const std::string& body = world.requests.front().body;
  expect_in("\"stackName\"", body);
  expect_in("stack1", body);
  expect_in("true", body);
  EXPECT_EQ(header_of(world.requests.front(), "Content-Type"), "application/json");
}

TEST(Create, CanBeClaimedFromTheStart) {
  FakeWorld world;
  world.variables["REPO_NAME"] = "pay";
  world.answer("POST /create-stack", {created()});
  EXPECT_EQ(world.run({"create", "stack1", "--claimed"}), 0) << world.said();
  expect_in("false", world.requests.front().body);
}

TEST(Create, WarnsOfNamesThatCloudFormationRefuses) {
  FakeWorld world;
  world.answer("POST /create-stack", {created()});
  EXPECT_EQ(world.run({"create", "stack_1", "--repo", "pay"}), 0);
  expect_in("CloudFormation takes no stack of the name stack_1", world.said());
}

TEST(Create, SaysThatTheNameExists) {
  FakeWorld world;
  world.answer("POST /create-stack", {name_exists()});
  EXPECT_EQ(world.run({"create", "a", "--repo", "pay"}), 1);
  expect_in("a stack a is in the table already", world.said());
  EXPECT_EQ(world.out.str(), "");
}

TEST(Create, PassesOnWhyTheServerRefuses) {
  FakeWorld world;
  world.answer("POST /create-stack", {json(400, R"({"error": "repoName is too odd."})")});
  EXPECT_EQ(world.run({"create", "a", "--repo", "pay"}), 1);
  expect_in("the server does not create it: repoName is too odd\n", world.said());
}

TEST(Create, SaysThatTheOutcomeIsUnknown) {
  FakeWorld world;
  world.answer("POST /create-stack", {cut_off()});
  EXPECT_EQ(world.run({"create", "a b", "--repo", "pay"}), 69);
  expect_in("it is not known whether", world.said());
  expect_in("bdd-lock show 'a b'", world.said());
}

TEST(List, FollowsTheCursorOverAllPages) {
  FakeWorld world;
  world.answer("GET /v1/stacks?limit=1000", {page({stack_json("a"), stack_json("b")}, "\"c/1\"")});
  world.answer("GET /v1/stacks?limit=1000&cursor=c%2F1", {page({stack_json("c", "claimed")})});
  EXPECT_EQ(world.run({"list"}), 0) << world.said();
  EXPECT_EQ(world.out.str(),
            "a\tpay\tavailable\t2026-01-02T03:04:05.678Z\t7\t\t\t\n"
            "b\tpay\tavailable\t2026-01-02T03:04:05.678Z\t7\t\t\t\n"
            "c\tpay\tclaimed\t2026-01-02T03:04:05.678Z\t7\t\t\t\n");
}

TEST(List, SendsItsFilters) {
  FakeWorld world;
  world.variables["REPO_NAME"] = "pay & go";
  world.answer("GET /v1/stacks?limit=1000&repoName=pay%20%26%20go&state=claimed", {page({})});
  EXPECT_EQ(world.run({"list", "--state", "claimed"}), 0) << world.said();
  world.answer("GET /v1/stacks?limit=1000", {page({})});
  EXPECT_EQ(world.run({"list", "--repo", ""}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "");
}

TEST(List, IsATableForPeopleAndJsonForPrograms) {
  FakeWorld world;
  world.out_is_terminal = true;
  world.answer("GET /v1/stacks?limit=1000", {page({stack_json("a"), stack_json("b")})});
  EXPECT_EQ(world.run({"list"}), 0);
  EXPECT_TRUE(world.out.str().starts_with(
      "STACK  REPO  STATE      LAST USED                 TOKEN  UNTIL  WHO  LABELS\n"
      "a      pay   available  2026-01-02T03:04:05.678Z  7\n"))
      << world.out.str();
  world.out.str("");
  EXPECT_EQ(world.run({"list", "--output", "json"}), 0);
  EXPECT_EQ(world.out.str(), "[" + stack_json("a") + ",\n " + stack_json("b") + "]\n");
  world.out.str("");
  world.out_is_terminal = false;
  EXPECT_EQ(world.run({"list", "--output", "table"}), 0);
  EXPECT_TRUE(world.out.str().starts_with("STACK"));
}

TEST(List, KeepsNamesFromSteeringTheTerminal) {
  FakeWorld world;
  world.answer("GET /v1/stacks?limit=1000", {page({stack_json(R"(a\u001b[31m\tb)")})});
  EXPECT_EQ(world.run({"list"}), 0) << world.said();
  EXPECT_TRUE(world.out.str().starts_with("a\\x1b[31m\\tb\tpay\t")) << world.out.str();
}

TEST(List, DoesNotTakeNonsenseForAnEmptyList) {
  for (const Answer& nonsense :
       {json(200, "[]"), json(200, "{}"), json(200, "{\"items\":3}"), json(200, "")}) {
    FakeWorld world;
    world.answer("GET /v1/stacks?limit=1000", {nonsense});
    EXPECT_EQ(world.run({"list"}), 69) << nonsense->body;
    expect_in("is not a list of stacks", world.said());
    EXPECT_EQ(world.out.str(), "");
  }
}

TEST(List, EndsWhenACursorRepeatsItself) {
  FakeWorld world;
  world.answer("GET /v1/stacks?limit=1000", {page({stack_json("a")}, "\"x\"")});
  world.answer("GET /v1/stacks?limit=1000&cursor=x", {page({stack_json("a")}, "\"x\"")});
  EXPECT_EQ(world.run({"list"}), 69);
}

TEST(Show, ShowsOneStack) {
  FakeWorld world;
  world.answer("GET /v1/stacks/gr%C3%BCn%20%2F%201", {stack("x", "held")});
  EXPECT_EQ(world.run({"show", "gr\xC3\xBCn / 1"}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "x\tpay\theld\t2026-01-02T03:04:05.678Z\t7\t\t\t\n");
  world.out.str("");
  EXPECT_EQ(world.run({"show", "gr\xC3\xBCn / 1", "--output", "json"}), 0);
  EXPECT_EQ(world.out.str(), stack_json("x", "held") + "\n");
}

TEST(List, SaysWhoHasAStackAndUntilWhen) {
  FakeWorld world;
  world.answer("GET /v1/stacks?limit=1000", {page({claimed_json("a")})});
  EXPECT_EQ(world.run({"list"}), 0) << world.said();
  EXPECT_EQ(
      world.out.str(),
      "a\tpay\tclaimed\t2026-01-02T03:04:05.678Z\t7\t2026-01-02T04:04:05.678Z\t4711\tsize=large\n");
}

TEST(Show, TellsPeopleAllThatIsKnown) {
  FakeWorld world;
  world.answer("GET /v1/stacks/a", {json(200, claimed_json("a"))});
  EXPECT_EQ(world.run({"show", "a", "--output", "table"}), 0) << world.said();
  EXPECT_EQ(world.out.str(),
            "stack                   a\n"
            "repo                    pay\n"
            "state                   claimed\n"
            "last used               2026-01-02T03:04:05.678Z\n"
            "fencing token           7\n"
            "to be disabled because  upgrade\n"
            "claimed at              2026-01-02T03:04:05.678Z\n"
            "expires at              2026-01-02T04:04:05.678Z\n"
            "request                 build-1\n"
            "job                     4711\n"
            "branch                  main\n"
            "labels                  size=large\n"
            "attribute url           https://a\n"
            "note                    mind the gap\n"
            "deployed                main abc at 2026-01-01T00:00:00.000Z\n"
            "last claim              released, failed, at 2026-01-01T00:00:00.000Z\n"
            "its note                red\n");
  world.out.str("");
  EXPECT_EQ(world.run({"show", "a", "--output", "json"}), 0);
  EXPECT_EQ(world.out.str(), claimed_json("a") + "\n");
}

TEST(Show, SaysThatThereIsNoSuchStack) {
  FakeWorld world;
  world.answer("GET /v1/stacks/a", {problem(404, "stack_unknown")});
  EXPECT_EQ(world.run({"show", "a"}), 1);
  expect_in("no stack a is in the table", world.said());
}

TEST(Show, DoesNotTakeAnUnknownPathForAnUnknownStack) {
  FakeWorld world;
  world.answer("GET /v1/stacks/a", {problem(404, "path_unknown")});
  EXPECT_EQ(world.run({"show", "a"}), 1);
  expect_not_in("is in the table", world.said());
  expect_in("the detail of path_unknown", world.said());
}

TEST(Remove, SaysThatTheRealStackIsStillThere) {
  FakeWorld world;
  world.answer("DELETE /v1/stacks/a", {net::ClientResponse{204, {}, ""}});
  EXPECT_EQ(world.run({"remove", "a"}), 0) << world.said();
  expect_in("the real stack, if there is one, is still there", world.said());
}

TEST(Remove, PassesOnThatTheStackIsInUse) {
  FakeWorld world;
  world.answer("DELETE /v1/stacks/a", {problem(409, "stack_in_use")});
  EXPECT_EQ(world.run({"remove", "a"}), 1);
  expect_in("the stack a was not removed: the detail of stack_in_use", world.said());
}

TEST(Sweep, PrintsItsCounts) {
  FakeWorld world;
  world.answer("POST /v1/sweep",
               {json(200, R"({"released":3,"expired":2,"holdsEnded":4,"removed":1})")});
  EXPECT_EQ(world.run({"sweep"}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "released 3\nexpired 2\nholds ended 4\nremoved 1\n");
}

TEST(EveryCommand, EndsWith77WhenTheTokenIsNotAccepted) {
  FakeWorld world;
  const Answer no = json(403, R"({"Message":"User is not authorized"})");
  for (const char* request :
       {"POST /create-stack", "GET /v1/stacks?limit=1000", "GET /v1/stacks/a",
        "PUT /release-stack/a", "DELETE /v1/stacks/a", "POST /v1/sweep", "GET /v1/export",
        "PUT /claim-stack/a", "GET /get-available/pay", "PATCH /v1/stacks/a",
        "GET /v1/stacks/a/history?limit=50", "GET /v1/repos/pay/requests/x"}) {
    world.answer(request, {no});
  }
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"create", "a", "--repo", "pay"},
        {"list"},
        {"show", "a"},
        {"release", "a"},
        {"remove", "a"},
        {"sweep"},
        {"export"},
        {"extend", "a"},
        {"hold", "a"},
        {"disable", "a", "--reason", "x"},
        {"enable", "a"},
        {"history", "a"},
        {"explain", "x", "--repo", "pay"},
        {"claim", "a"},
        {"claim", "--repo", "pay"}}) {
    EXPECT_EQ(world.run(words), 77) << words.front();
  }
  expect_in("wants a token (403), and none is set", world.said());
}

TEST(EveryCommand, SendsItsTokenAndUsesTheEndpoint) {
  FakeWorld world;
  world.variables["BDD_LOCK_AUTH_TOKEN"] = "secret\n";
  world.variables["BDD_LOCK_ENDPOINT"] = "http://10.0.0.5:8000/dev";
  world.answer("GET /v1/stacks/a", {stack("a", "available")});
  EXPECT_EQ(world.run({"show", "a"}), 0) << world.said();
  EXPECT_EQ(header_of(world.requests.front(), "Authorization"), "secret");
  ASSERT_TRUE(world.connected_to);
  EXPECT_EQ(world.connected_to->host, "10.0.0.5");
  EXPECT_EQ(world.connected_to->prefix, "/dev");
}

TEST(List, ReadsATokenOfAnySize) {
  FakeWorld world;
  std::string huge = stack_json("a");
  const std::string token = "\"fencingToken\":";
  huge.replace(huge.find(token + "7") + token.size(), 1, "9223372036854775807");
  world.answer("GET /v1/stacks?limit=1000", {page({huge})});
  EXPECT_EQ(world.run({"list", "--output", "plain"}), 0) << world.said();
  expect_in("9223372036854775807", world.out.str());
}

}  // namespace
}  // namespace bddlock::cli::testing
