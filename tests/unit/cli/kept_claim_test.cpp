#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "api_answers.hpp"
#include "temporary_folder.hpp"

namespace bddlock::cli::testing {
namespace {

class KeptClaims : public ::testing::Test {
 protected:
  KeptClaims() {
    world_.variables["REPO_NAME"] = "pay";
    world_.variables["BDD_LOCK_CLAIM_FILE"] = file_;
    world_.variables["BDD_LOCK_JOB_KEY"] = "job-1";
  }
  [[nodiscard]] static std::string read(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  void claim() {
    world_.answer(claims_call, {granted()});
    ASSERT_EQ(world_.run({"claim", "--export", "none"}), 0) << world_.said();
    world_.requests.clear();
  }

  TemporaryFolder folder_;
  std::string file_ = folder_.path() + "/claim.json";
  FakeWorld world_;
};

TEST_F(KeptClaims, AreWrittenDownForTheLaterStepsOfTheJob) {
  claim();
  EXPECT_EQ(world_.out.str(), "a\n");
  expect_in(granted_claim_id, read(file_));
  world_.answer(claim_path("release"), {given_back()});
  EXPECT_EQ(world_.run({"release", "--outcome", "failed"}), 0) << world_.said();
  expect_in(R"("outcome":"failed")", world_.requests.back().body);
  EXPECT_FALSE(std::ifstream(file_).is_open());
}

TEST_F(KeptClaims, WaitInTheQueueWithALeaseForAllSteps) {
  world_.answer(claims_call, {granted()});
  ASSERT_EQ(world_.run({"claim", "--lease", "1h", "--label", "size=large"}), 0) << world_.said();
  expect_in(R"("leaseSeconds":3600)", world_.requests.back().body);
  expect_in(R"("labels":{"size":"large"})", world_.requests.back().body);
}

TEST_F(KeptClaims, AreExtendedAndHeldWithoutAName) {
  claim();
  world_.answer(claim_path("extend"), {json(200, own_claim_json("2026-01-02T05:04:05.000Z"))});
  EXPECT_EQ(world_.run({"extend"}), 0) << world_.said();
  expect_in("2026-01-02T05:04:05.000Z", world_.out.str());
  world_.answer(claim_path("release"), {given_back()});
  EXPECT_EQ(world_.run({"hold"}), 1);  // it was not held, says this answer
  expect_in(R"("keepSeconds":7200)", world_.requests.back().body);
}

TEST_F(KeptClaims, ThatWereNeverMadeAreNothingToRelease) {
  EXPECT_EQ(world_.run({"release"}), 0);
  expect_in("there is nothing to release", world_.said());
  EXPECT_EQ(world_.run({"extend"}), 1);
  EXPECT_TRUE(world_.requests.empty());
}

TEST_F(KeptClaims, ThatWereAskedForByAStepThatWasKilledAreGivenBack) {
  std::ofstream(file_) << R"({"jobKey":"local:job-1","endpoint":"http://127.0.0.1:8080",)"
                       << R"("repoName":"pay","requestId":"id-1","claims":[]})";
  std::filesystem::permissions(
      file_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  world_.answer(request_call, {granted_meanwhile()});
  world_.answer(claim_path("release"), {given_back()});
  EXPECT_EQ(world_.run({"release"}), 0) << world_.said();
  expect_in("there is nothing to release", world_.said());
  EXPECT_EQ(world_.calls(), (std::vector<std::string>{request_call, claim_path("release")}));
  EXPECT_FALSE(std::ifstream(file_).is_open());
}

TEST_F(KeptClaims, OfOneJobAreOneAtATime) {
  claim();
  world_.answer(std::string("GET /v1/claims/") + granted_claim_id, {json(200, own_claim_json())});
  EXPECT_EQ(world_.run({"claim", "--export", "none"}), 1);
  expect_in("this job has the stack a already", world_.said());
}

TEST_F(KeptClaims, ThatAreOverMakeRoomForTheNext) {
  claim();
  world_.answer(std::string("GET /v1/claims/") + granted_claim_id, {problem(410, "claim_lost")});
  EXPECT_EQ(world_.run({"claim", "--export", "none"}), 0) << world_.said();
}

TEST_F(KeptClaims, OfAnotherJobAreNotTouched) {
  claim();
  world_.variables["BDD_LOCK_JOB_KEY"] = "job-2";
  EXPECT_EQ(world_.run({"release"}), 64);
  expect_in("is of another job", world_.said());
  EXPECT_TRUE(world_.requests.empty());
}

TEST_F(KeptClaims, OfAnotherServerAreNotSentElsewhere) {
  claim();
  EXPECT_EQ(world_.run({"release", "--endpoint", "http://other:1"}), 64);
  expect_in("one of the server at http://127.0.0.1:8080", world_.said());
  EXPECT_TRUE(world_.requests.empty());
}

TEST_F(KeptClaims, ThatAreLostEndWith76AndAreForgotten) {
  claim();
  world_.answer(claim_path("release"), {problem(410, "claim_lost")});
  EXPECT_EQ(world_.run({"release"}), 76);
  EXPECT_EQ(world_.run({"release"}), 0);
}

TEST_F(KeptClaims, StayWhenTheServerIsAwayAtTheRelease) {
  claim();
  world_.answer(claim_path("release"), {not_sent(), not_sent()});
  EXPECT_EQ(world_.run({"release", "--timeout", "1s"}), 69);
  world_.answer(claim_path("release"), {given_back()});
  EXPECT_EQ(world_.run({"release"}), 0) << world_.said();
}

TEST_F(KeptClaims, AreNotAskedForWhereTheyCannotBeKept) {
  world_.variables["BDD_LOCK_CLAIM_FILE"] = folder_.path() + "/no-such-folder/claim.json";
  EXPECT_EQ(world_.run({"claim", "--export", "none"}), 1);
  EXPECT_TRUE(world_.requests.empty());
}

TEST_F(KeptClaims, AreNotAskedForWhereTheirFormIsNotThisCis) {
  EXPECT_EQ(world_.run({"claim", "--export", "github"}), 64);
  expect_in("--export: ", world_.said());
  EXPECT_TRUE(world_.requests.empty());
}

TEST_F(KeptClaims, AreGivenBackWhereTheirValuesCannotBeHandedOn) {
  world_.variables["BASH_ENV"] = "/dev/full";
  world_.variables["CIRCLECI"] = "true";
  world_.answer(claims_call, {granted()});
  world_.answer(claim_path("release"), {given_back()});
  EXPECT_EQ(world_.run({"claim", "--export", "circleci"}), 1);
  expect_in("The stack was given back", world_.said());
  EXPECT_EQ(world_.calls().back(), claim_path("release"));
  EXPECT_FALSE(std::ifstream(file_).is_open());
}

TEST_F(KeptClaims, GoToTheCisOwnFileByAuto) {
  const std::string bash_env = folder_.path() + "/bash_env";
  world_.variables["BASH_ENV"] = bash_env;
  world_.variables["CIRCLECI"] = "true";
  world_.answer(claims_call, {granted()});
  ASSERT_EQ(world_.run({"claim", "--export", "auto"}), 0) << world_.said();
  expect_in("STACK_NAME='a'", read(bash_env));
  expect_in("BDD_STACK_ATTR_URL='http://a'", read(bash_env));
}

TEST_F(KeptClaims, PrintLinesForShWhereThereIsNoCi) {
  world_.answer(claims_call, {granted()});
  ASSERT_EQ(world_.run({"claim", "--export", "auto"}), 0) << world_.said();
  expect_in("STACK_NAME='a'", world_.out.str());
  expect_not_in(granted_claim_id, world_.said());
}

TEST_F(KeptClaims, SayWhatToDoWhenNoneIsFree) {
  world_.answer(claims_call, {problem(409, "none_available")});
  world_.answer("GET /v1/stacks?limit=1000&repoName=pay", {page({claimed_json("a")})});
  EXPECT_EQ(world_.run({"claim", "--export", "none", "--no-create"}), 75);
  expect_in("a: it is claimed by", world_.said());
  EXPECT_FALSE(std::ifstream(file_).is_open());
}

}  // namespace
}  // namespace bddlock::cli::testing
