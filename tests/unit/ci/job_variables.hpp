// The variables of real jobs, as each CI sets them (those that matter here, and some that mislead).
#pragma once

#include <initializer_list>
#include <map>
#include <string>

#include "ci/ci_job.hpp"

namespace bddlock::ci::testing {

using Set = std::map<std::string, std::string>;

inline Lookup lookup_in(const Set& set) {
  return [&set](const std::string& name) -> std::optional<std::string> {
    const auto found = set.find(name);
    if (found == set.end()) return std::nullopt;
    return found->second;
  };
}

inline Set with(Set set, std::initializer_list<Set::value_type> changes) {
  for (const auto& [name, value] : changes) set[name] = value;
  return set;
}

inline Set without(Set set, std::initializer_list<const char*> names) {
  for (const char* name : names) set.erase(name);
  return set;
}

inline const LocalUser ada{"workbench", "ada"};

inline CiJob detect_in(const Set& set) { return detect(lookup_in(set), ada); }

inline const Set github_push = {
    {"CI", "true"},
    {"GITHUB_ACTIONS", "true"},
    {"GITHUB_ACTOR", "ada"},
    {"GITHUB_HEAD_REF", ""},
    {"GITHUB_JOB", "bdd"},
    {"GITHUB_REF", "refs/heads/main"},
    {"GITHUB_REF_NAME", "main"},
    {"GITHUB_REF_TYPE", "branch"},
    {"GITHUB_REPOSITORY", "acme/shop"},
    {"GITHUB_RUN_ATTEMPT", "1"},
    {"GITHUB_RUN_ID", "9876543210"},
    {"GITHUB_RUN_NUMBER", "57"},
    {"GITHUB_SERVER_URL", "https://github.com"},
    {"GITHUB_SHA", "ffac537e6cbbf934b08745a378932722df287a53"},
    {"GITHUB_TRIGGERING_ACTOR", "grace"},
    {"GITHUB_WORKFLOW", "CI"},
    {"RUNNER_NAME", "GitHub Actions 12"},
    {"RUNNER_TRACKING_ID", "github_1f3d9475-6c94-40ee-a160-8b3fd282c3a1"},
};

inline const Set gitlab_push = {
    {"CI", "true"},
    {"CI_COMMIT_REF_NAME", "main"},
    {"CI_COMMIT_SHA", "1ecfd275763eff1d6b4844ea3168962458c9f27a"},
    {"CI_JOB_ID", "50"},
    {"CI_JOB_NAME", "bdd 2/4"},
    {"CI_JOB_URL", "https://gitlab.com/acme/shop/-/jobs/50"},
    {"CI_PROJECT_PATH", "acme/shop"},
    {"CI_SERVER_URL", "https://gitlab.com"},
    {"GITLAB_CI", "true"},
    {"GITLAB_USER_LOGIN", "ada"},
};

inline const Set circleci_push = {
    {"CI", "true"},
    {"CIRCLECI", "true"},
    {"CIRCLE_BRANCH", "main"},
    {"CIRCLE_BUILD_URL", "https://circleci.com/gh/acme/shop/1234"},
    {"CIRCLE_JOB", "bdd"},
    {"CIRCLE_NODE_INDEX", "0"},
    {"CIRCLE_NODE_TOTAL", "1"},
    {"CIRCLE_PROJECT_REPONAME", "shop"},
    {"CIRCLE_PROJECT_USERNAME", "acme"},
    {"CIRCLE_SHA1", "fb1d4e01c9d1b6f6cd2e4f1d0b5c0f0a5f2a7b11"},
    {"CIRCLE_USERNAME", "ada"},
    {"CIRCLE_WORKFLOW_JOB_ID", "7f9a4a56-3f1c-4c2e-9d4e-6f2a3c1b0d9e"},
};

inline const Set jenkins_branch = {
    {"BRANCH_NAME", "main"},
    {"BUILD_ID", "12"},
    {"BUILD_NUMBER", "12"},
    {"BUILD_TAG", "jenkins-shop-main-12"},
    {"BUILD_URL", "https://jenkins.example.com/job/shop/job/main/12/"},
    {"EXECUTOR_NUMBER", "0"},
    {"GIT_BRANCH", "main"},
    {"GIT_COMMIT", "61bf02d1a7b6e4c3f29f7ad9b1b5f8f4e0a1c2d3"},
    {"GIT_URL", "https://ada:secret@git.example.com/acme/shop.git"},
    {"JENKINS_URL", "https://jenkins.example.com/"},
    {"JOB_NAME", "shop/main"},
    {"NODE_NAME", "agent-3"},
    {"STAGE_NAME", "BDD"},
};

inline const Set buildkite_push = {
    {"BUILDKITE", "true"},
    {"BUILDKITE_BRANCH", "main"},
    {"BUILDKITE_BUILD_CREATOR", "Ada Lovelace"},
    {"BUILDKITE_BUILD_URL", "https://buildkite.com/acme/shop/builds/1514"},
    {"BUILDKITE_COMMIT", "83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d"},
    {"BUILDKITE_JOB_ID", "e44f9784-e20e-4b93-a21d-f41fd5869db9"},
    {"BUILDKITE_LABEL", ":cucumber: bdd"},
    {"BUILDKITE_ORGANIZATION_SLUG", "acme"},
    {"BUILDKITE_PIPELINE_SLUG", "shop"},
    {"BUILDKITE_REPO", "git@github.com:acme/shop.git"},
    {"BUILDKITE_RETRY_COUNT", "0"},
    {"BUILDKITE_TAG", ""},
    {"CI", "true"},
};

inline const Set azure_push = {
    {"AGENT_JOBNAME", "Job"},
    {"BUILD_BUILDID", "4711"},
    {"BUILD_DEFINITIONNAME", "shop CI"},
    {"BUILD_REPOSITORY_NAME", "acme/shop"},
    {"BUILD_REQUESTEDFOR", "Ada Lovelace"},
    {"BUILD_SOURCEBRANCH", "refs/heads/release/2.0"},
    {"BUILD_SOURCEVERSION", "2b1e3c5a7f9d8b6c4a2e0f1d3b5c7a9e8f6d4c2b"},
    {"SYSTEM_COLLECTIONURI", "https://dev.azure.com/acme/"},
    {"SYSTEM_JOBATTEMPT", "1"},
    {"SYSTEM_JOBDISPLAYNAME", "bdd linux"},
    {"SYSTEM_JOBID", "12f1170f-54f2-53f3-20dd-22fc7dff55f9"},
    {"SYSTEM_TEAMPROJECT", "The Shop"},
    {"TF_BUILD", "True"},
};

inline const Set bitbucket_push = {
    {"BITBUCKET_BRANCH", "main"},
    {"BITBUCKET_BUILD_NUMBER", "33"},
    {"BITBUCKET_COMMIT", "7f777ed95a19224294949e1b4ce56bbffcb1fe9f"},
    {"BITBUCKET_REPO_FULL_NAME", "acme/shop"},
    {"BITBUCKET_STEP_RUN_NUMBER", "1"},
    {"BITBUCKET_STEP_TRIGGERER_UUID", "{f1d9a1f6-9d3c-4d1e-8f44-0c1f1f6b2c11}"},
    {"BITBUCKET_STEP_UUID", "{9d6a2f63-8a0d-4b8b-8f0a-3d9e5c1b7a22}"},
    {"CI", "true"},
};

}  // namespace bddlock::ci::testing
