#include <gtest/gtest.h>

#include <fstream>

#include "fake_world.hpp"

namespace bddlock::cli::testing {
namespace {

constexpr const char* claim_id = "AAECAwQFBgcICQoLDA0ODw.YQ";

std::string claim_json() {
  return std::string(R"({"claimId":")") + claim_id +
         R"(","stackName":"a","repoName":"pay","requestId":"build-1","state":"claimed",)"
         R"("fencingToken":7,)"
         R"("claimedAt":"2026-01-02T03:04:05.678Z","expiresAt":"2026-01-02T05:04:05.678Z",)"
         R"("leaseSeconds":3600,"created":false,"stack":{"labels":{},"attributes":{},)"
         R"("deployed":null,)"
         R"("lastEnd":null}})";
}

std::string released_json(const std::string& rest) {
  return R"({"stackName":"a","repoName":"pay","fencingToken":7,)" + rest + "}";
}

class OwnerCommands : public ::testing::Test {
 protected:
  void SetUp() override { write(std::string(claim_id) + "\n"); }
  void TearDown() override { std::remove(file.c_str()); }
  void write(const std::string& text) const { std::ofstream(file) << text; }

  const std::string file = ::testing::TempDir() + "/bdd-lock-claim-" +
                           ::testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::string path = std::string("/v1/claims/") + claim_id;
  FakeWorld world;
};

using Extend = OwnerCommands;
using Release = OwnerCommands;
using Hold = OwnerCommands;

TEST_F(Extend, ExtendsTheClaimOfAFileAndPrintsUntilWhen) {
  world.answer("POST " + path + "/extend", {json(200, claim_json())});
  EXPECT_EQ(world.run({"extend", "--claim-id-file", file}), 0) << world.said();
  EXPECT_EQ(world.out.str(), "2026-01-02T05:04:05.678Z\n");
  EXPECT_EQ(world.requests.front().body, "{}");
  EXPECT_EQ(world.run({"extend", "--claim-id-file", file, "--lease", "2h"}), 0) << world.said();
  EXPECT_EQ(world.requests.back().body, R"({"leaseSeconds":7200})");
}

TEST_F(Extend, NeverPrintsTheClaimId) {
  world.answer("POST " + path + "/extend", {json(200, claim_json())});
  EXPECT_EQ(world.run({"extend", "--claim-id-file", file, "--output", "json"}), 0) << world.said();
  expect_in(R"("expiresAt":"2026-01-02T05:04:05.678Z")", world.out.str());
  expect_not_in("AAECAwQF", world.out.str());
}

TEST_F(Extend, EndsWith76WhenTheClaimIsLost) {
  world.answer("POST " + path + "/extend", {problem(410, "claim_lost")});
  EXPECT_EQ(world.run({"extend", "--claim-id-file", file}), 76);
  expect_in("the detail of claim_lost", world.said());
  world.answer("POST " + path + "/extend", {problem(404, "claim_unknown")});
  EXPECT_EQ(world.run({"extend", "--claim-id-file", file}), 1);
}

TEST_F(Extend, IsTriedAgainWhenItsReplyIsLost) {
  world.answer("POST " + path + "/extend", {cut_off(), json(200, claim_json())});
  EXPECT_EQ(world.run({"extend", "--claim-id-file", file}), 0) << world.said();
  EXPECT_EQ(world.requests.size(), 2u);
}

TEST_F(Extend, ExtendsByNameWithThePresentToken) {
  world.answer("GET /v1/stacks/a", {json(200, claimed_json("a"))});
  world.answer("POST /v1/stacks/a/extend", {json(200, claimed_json("a"))});
  EXPECT_EQ(world.run({"extend", "a"}), 0) << world.said();
  EXPECT_EQ(world.requests.back().body, R"({"fencingToken":7,"leaseSeconds":3600})");
  EXPECT_EQ(world.out.str(), "2026-01-02T04:04:05.678Z\n");
  EXPECT_EQ(world.run({"extend", "a", "--lease", "90", "--fencing-token", "6"}), 0) << world.said();
  EXPECT_EQ(world.requests.back().body, R"({"fencingToken":6,"leaseSeconds":90})");
}

TEST_F(Extend, PassesOnThatTheTokenMoved) {
  world.answer("GET /v1/stacks/a", {json(200, claimed_json("a"))});
  world.answer("POST /v1/stacks/a/extend", {problem(409, "fencing_token_moved")});
  EXPECT_EQ(world.run({"extend", "a", "--fencing-token", "6"}), 1);
  expect_in("the stack a was left as it is: the detail of fencing_token_moved", world.said());
}

TEST_F(OwnerCommands, WantOneClaimAndSayWhatIsWrong) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> mistakes{
      {{"extend", "a", "--claim-id-file", file}, "not both"},
      {{"release", "--claim-id-file", file, "--fencing-token", "7"}, "goes with a stack's NAME"},
      {{"release", "a", "--fencing-token", "-1"}, "present"},
      {{"release", "a", "--note", "x"}, "not with a NAME"},
      {{"release", "a", "--outcome", "failed"}, "not with a NAME"},
      {{"hold", "a", "--outcome", "passed"}, "not with a NAME"},
      {{"release", "--claim-id-file", file, "--outcome", "ok"},
       "passed, failed and cancelled are allowed"},
      {{"hold", "a", "--keep", "8d"}, "--keep"},
      {{"extend", "a", "--lease", "2d"}, "--lease"}};
  for (const auto& [words, part] : mistakes) {
    FakeWorld other;
    EXPECT_EQ(other.run(words), 64) << part;
    expect_in(part, other.said());
    EXPECT_TRUE(other.requests.empty());
  }
}

TEST_F(OwnerCommands, DoNotShowWhatIsInAFileWithoutAClaimId) {
  for (const std::string text : {"", " \n", "secret-thing", "AAECAwQFBgcICQoLDA0OD.YQ"}) {
    write(text);
    FakeWorld other;
    EXPECT_EQ(other.run({"extend", "--claim-id-file", file}), 64);
    expect_in("there is no claimId in the file", other.said());
    expect_not_in("secret-thing", other.said());
    EXPECT_TRUE(other.requests.empty());
  }
  std::remove(file.c_str());
  EXPECT_EQ(world.run({"release", "--claim-id-file", file}), 64);
}

TEST_F(Release, ReleasesTheClaimOfAFile) {
  world.answer("POST " + path + "/release",
               {json(200, released_json(R"("held":false,"heldUntil":null)"))});
  EXPECT_EQ(world.run({"release", "--claim-id-file", file}), 0) << world.said();
  EXPECT_EQ(world.requests.back().body, R"({"outcome":"passed"})");
  EXPECT_EQ(world.run({"release", "--claim-id-file", file, "--outcome", "failed", "--note", "red",
                       "--branch", "main", "--commit", "abc"}),
            0);
  EXPECT_EQ(world.requests.back().body,
            R"({"outcome":"failed","deployed":{"branch":"main","commit":"abc"},"note":"red"})");
  EXPECT_EQ(world.out.str() + world.said(), "");
}

TEST_F(Release, EndsWith76WhenTheClaimIsLost) {
  world.answer("POST " + path + "/release", {problem(410, "claim_lost")});
  EXPECT_EQ(world.run({"release", "--claim-id-file", file}), 76);
}

TEST_F(Release, EndsNobodysClaimUnlessItsTokenIsNamed) {
  world.answer("PUT /release-stack/a", {cancelled()});
  world.answer("GET /v1/stacks/a", {json(200, claimed_json("a"))});
  EXPECT_EQ(world.run({"release", "a"}), 1);
  expect_in("it is claimed by 4711 until 2026-01-02T04:04:05.678Z", world.said());
  expect_in("--fencing-token 7", world.said());
  world.answer("POST /v1/stacks/a/release", {stack("a", "available")});
  EXPECT_EQ(world.run({"release", "a", "--fencing-token", "7"}), 0) << world.said();
  EXPECT_EQ(world.requests.back().body, R"({"fencingToken":7})");
  EXPECT_EQ(world.run({"release", "a", "--fencing-token", "present"}), 0) << world.said();
  EXPECT_EQ(world.requests.back().body, R"({"fencingToken":7})");
}

TEST_F(Release, SaysNothingWhenItWorked) {
  world.answer("PUT /release-stack/a%2Fb", {released()});
  EXPECT_EQ(world.run({"release", "a/b"}), 0) << world.said();
  EXPECT_EQ(world.out.str() + world.said(), "");
}

TEST_F(Release, LooksUpWhyItWasRefused) {
  world.answer("PUT /release-stack/a", {cancelled()});
  world.answer("GET /v1/stacks/a", {stack("a", "available")});
  EXPECT_EQ(world.run({"release", "a"}), 1);
  expect_in("the stack a was not released: it is available, last used 2026-01-02", world.said());
  world.answer("GET /v1/stacks/a", {problem(404, "stack_unknown")});
  EXPECT_EQ(world.run({"release", "a"}), 1);
  expect_in("no stack a is in the table", world.said());
}

TEST_F(Release, IsNotRepeatedWhenItsOutcomeIsUnknown) {
  world.answer("PUT /release-stack/a", {cut_off(net::Failure::timed_out)});
  EXPECT_EQ(world.run({"release", "a"}), 69);
  EXPECT_EQ(world.requests.size(), 1u);
  expect_in("bdd-lock show a", world.said());
}

TEST_F(Hold, KeepsTheStackOfAClaimAsideAndPrintsUntilWhen) {
  world.answer("POST " + path + "/release",
               {json(200, released_json(R"("held":true,"heldUntil":"2026-01-02T06:00:00.000Z")"))});
  EXPECT_EQ(world.run({"hold", "--claim-id-file", file, "--note", "red"}), 0) << world.said();
  EXPECT_EQ(world.requests.back().body, R"({"outcome":"failed","keepSeconds":7200,"note":"red"})");
  EXPECT_EQ(world.out.str(), "2026-01-02T06:00:00.000Z\n");
}

TEST_F(Hold, SaysThatThereAreTooManyHolds) {
  world.answer(
      "POST " + path + "/release",
      {json(200, released_json(R"("held":false,"heldUntil":null,"reason":"hold_limit")"))});
  EXPECT_EQ(world.run({"hold", "--claim-id-file", file, "--keep", "1h"}), 1);
  expect_in("was released and not kept aside", world.said());
}

TEST_F(Hold, IsChangedByName) {
  std::string held = stack_json("a", "held");
  const std::string none = R"("heldUntil":null)";
  held.replace(held.find(none), none.size(), R"("heldUntil":"2026-01-02T06:00:00.000Z")");
  world.answer("GET /v1/stacks/a", {json(200, held)});
  world.answer("POST /v1/stacks/a/hold", {json(200, held)});
  EXPECT_EQ(world.run({"hold", "a", "--keep", "4h"}), 0) << world.said();
  EXPECT_EQ(world.requests.back().body, R"({"fencingToken":7,"keepSeconds":14400})");
  EXPECT_EQ(world.out.str(), "2026-01-02T06:00:00.000Z\n");
}

TEST_F(Hold, EndsNobodysClaimUnlessItsTokenIsNamed) {
  world.answer("GET /v1/stacks/a", {json(200, claimed_json("a"))});
  EXPECT_EQ(world.run({"hold", "a"}), 1);
  expect_in("the stack a is somebody's: it is claimed by 4711", world.said());
  expect_in("--fencing-token 7", world.said());
  EXPECT_EQ(world.requests.size(), 1u);
}

TEST_F(Hold, SaysThatThereIsNoSuchStack) {
  world.answer("GET /v1/stacks/a", {problem(404, "stack_unknown")});
  EXPECT_EQ(world.run({"hold", "a"}), 1);
  expect_in("no stack a is in the table", world.said());
}

}  // namespace
}  // namespace bddlock::cli::testing
