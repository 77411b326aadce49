#include "ci/ci_job.hpp"

#include <gtest/gtest.h>

#include <set>
#include <tuple>
#include <vector>

#include "job_variables.hpp"

namespace bddlock::ci {
namespace {

using testing::detect_in;
using testing::Set;
using testing::with;
using testing::without;

auto all_of(const CiJob& job) {
  const auto& key = job.request_key;
  return std::tuple(job.ci, job.job, job.job_url, job.repo, job.branch, job.commit, job.actor,
                    key ? *key : "none: " + key.error());
}

void expect_job(const Set& set, const CiJob& wanted) {
  EXPECT_EQ(all_of(detect_in(set)), all_of(wanted));
}

TEST(DetectsGitHub, OfAPush) {
  expect_job(testing::github_push,
             {.ci = "github",
              .job = "CI / bdd",
              .job_url = "https://github.com/acme/shop/actions/runs/9876543210/attempts/1",
              .repo = "acme/shop",
              .branch = "main",
              .commit = "ffac537e6cbbf934b08745a378932722df287a53",
              .actor = "grace",
              .request_key = "github:github.com:9876543210:1:bdd:"
                             "github_1f3d9475-6c94-40ee-a160-8b3fd282c3a1"});
}

TEST(DetectsGitHub, OfAPullRequestByItsSourceBranch) {
  const CiJob job = detect_in(with(testing::github_push, {{"GITHUB_HEAD_REF", "feature/pay"},
                                                          {"GITHUB_REF", "refs/pull/12/merge"},
                                                          {"GITHUB_REF_NAME", "12/merge"}}));
  EXPECT_EQ(job.branch, "feature/pay");
}

TEST(DetectsGitHub, OfATagByItsName) {
  const CiJob job = detect_in(
      with(testing::github_push, {{"GITHUB_REF", "refs/tags/v1"}, {"GITHUB_REF_NAME", "v1"}}));
  EXPECT_EQ(job.branch, "v1");
}

TEST(DetectsGitHub, WithTheActorWhereNobodyElseTriggeredIt) {
  EXPECT_EQ(detect_in(without(testing::github_push, {"GITHUB_TRIGGERING_ACTOR"})).actor, "ada");
}

TEST(DetectsGitHub, OnAnEnterpriseServerOfItsOwn) {
  const CiJob job = detect_in(
      with(testing::github_push, {{"GITHUB_SERVER_URL", "https://git.acme.example/github"}}));
  EXPECT_EQ(job.job_url,
            "https://git.acme.example/github/acme/shop/actions/runs/9876543210/attempts/1");
  ASSERT_TRUE(job.request_key);
  EXPECT_TRUE(job.request_key->starts_with("github.git.acme.example_github-9876543210-1-bdd-"))
      << *job.request_key;
}

TEST(DetectsGitHub, ButNoIdOfItsOwnWhereMatrixLegsLookAlike) {
  for (const char* tracking : {"", "0", "anything"}) {
    const CiJob job = detect_in(with(testing::github_push, {{"RUNNER_TRACKING_ID", tracking}}));
    ASSERT_FALSE(job.request_key) << tracking;
    EXPECT_NE(job.request_key.error().find("BDD_LOCK_JOB_KEY"), std::string::npos);
    EXPECT_NE(job.request_key.error().find("strategy.job-index"), std::string::npos);
    EXPECT_EQ(job.key, "github:github.com:9876543210:1:bdd:");
  }
}

TEST(DetectsGitHub, AndTellsMatrixLegsApartByAKeyFromTheWorkflow) {
  const Set in_a_container = without(testing::github_push, {"RUNNER_TRACKING_ID"});
  const CiJob leg = detect_in(with(in_a_container, {{"BDD_LOCK_JOB_KEY", "3"}}));
  ASSERT_TRUE(leg.request_key);
  EXPECT_EQ(*leg.request_key, "github:github.com:9876543210:1:bdd::3");
  EXPECT_EQ(leg.key, *leg.request_key);
}

TEST(DetectsGitHub, NotWhereTheVariableIsForSomethingElse) {
  EXPECT_EQ(detect_in({{"GITHUB_ACTIONS", "false"}}).ci, "");
}

TEST(DetectsGitLab, OfAPush) {
  expect_job(testing::gitlab_push, {.ci = "gitlab",
                                    .job = "bdd 2/4",
                                    .job_url = "https://gitlab.com/acme/shop/-/jobs/50",
                                    .repo = "acme/shop",
                                    .branch = "main",
                                    .commit = "1ecfd275763eff1d6b4844ea3168962458c9f27a",
                                    .actor = "ada",
                                    .request_key = "gitlab:gitlab.com:50"});
}

TEST(DetectsGitLab, OfAMergeRequestByItsSourceBranch) {
  const CiJob job =
      detect_in(with(testing::gitlab_push, {{"CI_COMMIT_REF_NAME", "refs/merge-requests/7/head"},
                                            {"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "pay"}}));
  EXPECT_EQ(job.branch, "pay");
}

TEST(DetectsGitLab, UnderAPathByADigestOfIt) {
  const CiJob job = detect_in(
      with(testing::gitlab_push, {{"CI_SERVER_URL", "http://git.example.com:8443/gitlab"}}));
  ASSERT_TRUE(job.request_key);
  EXPECT_TRUE(job.request_key->starts_with("gitlab.http___git.example.com_8443_gitlab-50:"));
}

TEST(DetectsGitLab, ButNoIdWithoutTheJobs) {
  const CiJob job = detect_in(without(testing::gitlab_push, {"CI_JOB_ID"}));
  ASSERT_FALSE(job.request_key);
  EXPECT_TRUE(job.request_key.error().starts_with("CI_JOB_ID is not set"));
}

TEST(DetectsCircleCi, OfAPush) {
  expect_job(testing::circleci_push,
             {.ci = "circleci",
              .job = "bdd",
              .job_url = "https://circleci.com/gh/acme/shop/1234",
              .repo = "acme/shop",
              .branch = "main",
              .commit = "fb1d4e01c9d1b6f6cd2e4f1d0b5c0f0a5f2a7b11",
              .actor = "ada",
              .request_key = "circleci:7f9a4a56-3f1c-4c2e-9d4e-6f2a3c1b0d9e:0"});
}

TEST(DetectsCircleCi, OfATagWithoutABranch) {
  const CiJob job =
      detect_in(with(testing::circleci_push, {{"CIRCLE_BRANCH", ""}, {"CIRCLE_TAG", "v1.2"}}));
  EXPECT_EQ(job.branch, "v1.2");
}

TEST(DetectsCircleCi, ContainersOfOneJobAsDifferentOnes) {
  const CiJob second = detect_in(with(testing::circleci_push, {{"CIRCLE_NODE_INDEX", "1"}}));
  EXPECT_NE(second.key, detect_in(testing::circleci_push).key);
}

TEST(DetectsCircleCi, OfAProjectWithoutAnOwner) {
  EXPECT_EQ(detect_in(without(testing::circleci_push, {"CIRCLE_PROJECT_USERNAME"})).repo, "shop");
}

TEST(DetectsJenkins, OfABranchWithoutTheRemotesSecret) {
  const CiJob job = detect_in(testing::jenkins_branch);
  EXPECT_EQ(job.ci, "jenkins");
  EXPECT_EQ(job.job, "shop/main #12");
  EXPECT_EQ(job.job_url, "https://jenkins.example.com/job/shop/job/main/12/");
  EXPECT_EQ(job.repo, "acme/shop");
  EXPECT_EQ(job.branch, "main");
  EXPECT_EQ(job.commit, "61bf02d1a7b6e4c3f29f7ad9b1b5f8f4e0a1c2d3");
  EXPECT_EQ(job.actor, "");
}

TEST(DetectsJenkins, BeforeACheckoutWithoutCommitAndByTheJobsName) {
  const CiJob job =
      detect_in(without(testing::jenkins_branch, {"GIT_COMMIT", "GIT_URL", "GIT_BRANCH"}));
  EXPECT_EQ(job.commit, "");
  EXPECT_EQ(job.repo, "shop/main");
  EXPECT_EQ(job.branch, "main");
}

TEST(DetectsJenkins, OfAPullRequestByItsSourceBranch) {
  const CiJob job = detect_in(
      with(testing::jenkins_branch,
           {{"BRANCH_NAME", "PR-12"}, {"CHANGE_BRANCH", "pay"}, {"CHANGE_AUTHOR", "grace"}}));
  EXPECT_EQ(job.branch, "pay");
  EXPECT_EQ(job.actor, "grace");
}

TEST(DetectsJenkins, OfAFreestyleJobByTheRemotesBranch) {
  const Set freestyle = without(testing::jenkins_branch, {"BRANCH_NAME", "STAGE_NAME"});
  EXPECT_EQ(detect_in(with(freestyle, {{"GIT_BRANCH", "origin/feature/x"}})).branch, "feature/x");
  EXPECT_EQ(detect_in(with(freestyle, {{"GIT_BRANCH", "detached"}})).branch, "");
}

TEST(DetectsJenkins, StagesAsOneJobWithRequestsOfTheirOwn) {
  const CiJob deploy = detect_in(with(testing::jenkins_branch, {{"STAGE_NAME", "Deploy"}}));
  const CiJob test = detect_in(with(testing::jenkins_branch, {{"STAGE_NAME", "Test"}}));
  EXPECT_EQ(deploy.key, test.key);
  EXPECT_NE(*deploy.request_key, *test.request_key);
}

TEST(DetectsJenkins, ParallelBranchesOnOtherExecutorsAsOtherJobs) {
  const CiJob other = detect_in(with(testing::jenkins_branch, {{"EXECUTOR_NUMBER", "1"}}));
  EXPECT_NE(other.key, detect_in(testing::jenkins_branch).key);
}

TEST(DetectsJenkins, WhichWasNeverToldItsAddress) {
  const CiJob job = detect_in(without(testing::jenkins_branch, {"JENKINS_URL", "BUILD_URL"}));
  EXPECT_EQ(job.ci, "jenkins");
  EXPECT_EQ(job.job_url, "");
  EXPECT_EQ(*job.request_key, "jenkins:jenkins-shop-main-12:agent-3:0:BDD");
}

TEST(DetectsBuildkite, OfAPush) {
  expect_job(testing::buildkite_push,
             {.ci = "buildkite",
              .job = "shop / :cucumber: bdd",
              .job_url = "https://buildkite.com/acme/shop/builds/1514"
                         "#e44f9784-e20e-4b93-a21d-f41fd5869db9",
              .repo = "acme/shop",
              .branch = "main",
              .commit = "83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d",
              .actor = "Ada Lovelace",
              .request_key = "buildkite:e44f9784-e20e-4b93-a21d-f41fd5869db9:0"});
}

TEST(DetectsBuildkite, OfABuildByHandWithoutACommit) {
  EXPECT_EQ(detect_in(with(testing::buildkite_push, {{"BUILDKITE_COMMIT", "HEAD"}})).commit, "");
}

TEST(DetectsBuildkite, OfATagWithoutABranch) {
  const CiJob job =
      detect_in(with(testing::buildkite_push, {{"BUILDKITE_BRANCH", ""}, {"BUILDKITE_TAG", "v1"}}));
  EXPECT_EQ(job.branch, "v1");
}

TEST(DetectsBuildkite, ByItsPipelineWhereTheRepoIsAPath) {
  const CiJob job = detect_in(with(testing::buildkite_push, {{"BUILDKITE_REPO", "/srv/shop"}}));
  EXPECT_EQ(job.repo, "acme/shop");
}

TEST(DetectsAzure, OfAPush) {
  const CiJob job = detect_in(testing::azure_push);
  EXPECT_EQ(job.ci, "azure");
  EXPECT_EQ(job.job, "shop CI / bdd linux");
  EXPECT_EQ(job.job_url, "https://dev.azure.com/acme/The%20Shop/_build/results?buildId=4711");
  EXPECT_EQ(job.repo, "acme/shop");
  EXPECT_EQ(job.branch, "release/2.0");
  EXPECT_EQ(job.commit, "2b1e3c5a7f9d8b6c4a2e0f1d3b5c7a9e8f6d4c2b");
  EXPECT_EQ(job.actor, "Ada Lovelace");
}

TEST(DetectsAzure, OfAPullRequestByItsSourceBranch) {
  const Set pull = with(testing::azure_push, {{"BUILD_SOURCEBRANCH", "refs/pull/9/merge"}});
  EXPECT_EQ(detect_in(pull).branch, "9/merge");
  for (const char* source : {"refs/heads/pay", "pay"}) {
    EXPECT_EQ(detect_in(with(pull, {{"SYSTEM_PULLREQUEST_SOURCEBRANCH", source}})).branch, "pay");
  }
}

TEST(DetectsAzure, OfATagByItsName) {
  EXPECT_EQ(detect_in(with(testing::azure_push, {{"BUILD_SOURCEBRANCH", "refs/tags/v1"}})).branch,
            "v1");
}

TEST(DetectsBitbucket, OfAPush) {
  expect_job(testing::bitbucket_push,
             {.ci = "bitbucket",
              .job = "pipeline #33",
              .job_url = "https://bitbucket.org/acme/shop/pipelines/results/33",
              .repo = "acme/shop",
              .branch = "main",
              .commit = "7f777ed95a19224294949e1b4ce56bbffcb1fe9f",
              .actor = "{f1d9a1f6-9d3c-4d1e-8f44-0c1f1f6b2c11}",
              .request_key = "bitbucket:9d6a2f63-8a0d-4b8b-8f0a-3d9e5c1b7a22:1"});
}

TEST(DetectsBitbucket, OfATagWithoutABranch) {
  const CiJob job = detect_in(
      with(without(testing::bitbucket_push, {"BITBUCKET_BRANCH"}), {{"BITBUCKET_TAG", "v1"}}));
  EXPECT_EQ(job.branch, "v1");
}

TEST(DetectsNoCi, ThenItIsTheHostAndTheUser) {
  const CiJob job = detect_in({{"CI", "true"}, {"GITLAB_CI", ""}, {"BUILD_TAG", "v1"}});
  EXPECT_EQ(job.ci, "");
  EXPECT_EQ(job.job, "workbench");
  EXPECT_EQ(job.actor, "ada");
  EXPECT_EQ(job.key, "local:workbench:ada");
  ASSERT_FALSE(job.request_key);
  EXPECT_TRUE(job.request_key.error().starts_with("no CI that bdd-lock knows was detected, so"));
}

TEST(DetectsNoCi, ThenAKeyNamesTheJobOnAnyMachine) {
  const Set set = {{"BDD_LOCK_JOB_KEY", "drone-17"}};
  EXPECT_EQ(*detect_in(set).request_key, "local:drone-17");
  EXPECT_EQ(*detect(testing::lookup_in(set), {"other", "grace"}).request_key, "local:drone-17");
}

struct Retry {
  const char* ci;
  Set first;
  Set second;
};

TEST(JobKeys, DifferForTheNextAttemptOfEachCi) {
  const std::vector<Retry> retries = {
      {"github", testing::github_push, with(testing::github_push, {{"GITHUB_RUN_ATTEMPT", "2"}})},
      {"gitlab", testing::gitlab_push, with(testing::gitlab_push, {{"CI_JOB_ID", "51"}})},
      {"circleci", testing::circleci_push,
       with(testing::circleci_push, {{"CIRCLE_WORKFLOW_JOB_ID", "8"}})},
      {"jenkins", testing::jenkins_branch,
       with(testing::jenkins_branch,
            {{"BUILD_URL", "https://jenkins.example.com/job/shop/job/main/13/"}})},
      {"buildkite", testing::buildkite_push,
       with(testing::buildkite_push, {{"BUILDKITE_RETRY_COUNT", "1"}})},
      {"azure", testing::azure_push, with(testing::azure_push, {{"SYSTEM_JOBATTEMPT", "2"}})},
      {"bitbucket", testing::bitbucket_push,
       with(testing::bitbucket_push, {{"BITBUCKET_STEP_RUN_NUMBER", "2"}})},
  };
  for (const Retry& retry : retries) {
    const CiJob first = detect_in(retry.first);
    const CiJob second = detect_in(retry.second);
    EXPECT_EQ(first.ci, retry.ci);
    EXPECT_NE(first.key, second.key) << retry.ci;
    EXPECT_NE(*first.request_key, *second.request_key) << retry.ci;
    EXPECT_EQ(*first.request_key, *detect_in(retry.first).request_key) << retry.ci;
  }
}

TEST(HolderTexts, AreCutAndCleaned) {
  const CiJob job =
      detect_in(with(testing::gitlab_push, {{"CI_JOB_NAME", std::string(3000, 'j')},
                                            {"CI_COMMIT_REF_NAME", "a\nb\x1b[31m\xff"},
                                            {"GITLAB_USER_LOGIN", std::string(1023, 'u') + "é"}}));
  EXPECT_EQ(job.job, std::string(1024, 'j'));
  EXPECT_EQ(job.branch, "a b [31m?");
  EXPECT_EQ(job.actor, std::string(1023, 'u'));
}

TEST(HolderTexts, HaveNoUrlThatIsNone) {
  for (const std::string url : {"javascript:alert(1)", "https://", "https:///x", "ftp://a/b",
                                "https://a/ b", "https://a/\"x", "https://a/<x>"}) {
    EXPECT_EQ(detect_in(with(testing::gitlab_push, {{"CI_JOB_URL", url}})).job_url, "") << url;
  }
  const std::string too_long = "https://a/" + std::string(1015, 'x');
  EXPECT_EQ(detect_in(with(testing::gitlab_push, {{"CI_JOB_URL", too_long}})).job_url, "");
}

}  // namespace
}  // namespace bddlock::ci
