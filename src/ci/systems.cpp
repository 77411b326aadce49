#include "ci/systems.hpp"

#include <array>

#include "ci/text.hpp"

namespace bddlock::ci {

namespace {

// What every CI but GitHub gives a job: an id of its own.
std::string fault_without(const std::string& id, const char* name) {
  return id.empty() ? std::string(name) + " is not set" : std::string();
}

Reading github(const Variables& env) {
  const std::string server = env["GITHUB_SERVER_URL"];
  const std::string repo = env["GITHUB_REPOSITORY"];
  const std::string run = env["GITHUB_RUN_ID"];
  const std::string attempt = env.first({"GITHUB_RUN_ATTEMPT"});
  // GITHUB_JOB is the same for all legs of a matrix, and for jobs that call one workflow. This is a
  // random id that the runner makes for each job; workflows set it to 0 or "" to keep daemons.
  std::string tracking = env["RUNNER_TRACKING_ID"];
  if (!tracking.starts_with("github_")) tracking.clear();
  std::string same_key = fault_without(run, "GITHUB_RUN_ID");
  if (same_key.empty() && tracking.empty())
    same_key =
        "GitHub does not say here which leg of a matrix this is (RUNNER_TRACKING_ID is not set, "
        "as in job containers; ${{ strategy.job-index }} is a good text)";
  std::string url = server + "/" + repo + "/actions/runs/" + run;
  if (!attempt.empty()) url += "/attempts/" + attempt;
  return {.job = {.job = joined(env["GITHUB_WORKFLOW"], " / ", env["GITHUB_JOB"]),
                  .job_url = repo.empty() || run.empty() ? "" : url,
                  .repo = repo,
                  // Of a pull request GITHUB_REF_NAME is 12/merge.
                  .branch = env.first({"GITHUB_HEAD_REF", "GITHUB_REF_NAME"}),
                  .commit = env["GITHUB_SHA"],
                  .actor = env.first({"GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"})},
          .key = {without_https(server), run, attempt, env["GITHUB_JOB"], tracking},
          .same_key = same_key};
}

// A retried job has a new CI_JOB_ID, and so has each leg of `parallel`.
Reading gitlab(const Variables& env) {
  const std::string id = env["CI_JOB_ID"];
  return {
      .job = {.job = env["CI_JOB_NAME"],
              .job_url = env["CI_JOB_URL"],
              .repo = env["CI_PROJECT_PATH"],
              .branch = env.first({"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_REF_NAME"}),
              .commit = env["CI_COMMIT_SHA"],
              .actor = env["GITLAB_USER_LOGIN"]},
      .key = {without_https(env["CI_SERVER_URL"]), id},
      .same_key = fault_without(id, "CI_JOB_ID")};
}

// The containers of `parallelism` share CIRCLE_WORKFLOW_JOB_ID.
Reading circleci(const Variables& env) {
  const std::string id = env["CIRCLE_WORKFLOW_JOB_ID"];
  return {
      .job = {.job = env["CIRCLE_JOB"],
              .job_url = env["CIRCLE_BUILD_URL"],
              .repo = joined(env["CIRCLE_PROJECT_USERNAME"], "/", env["CIRCLE_PROJECT_REPONAME"]),
              .branch = env.first({"CIRCLE_BRANCH", "CIRCLE_TAG"}),
              .commit = env["CIRCLE_SHA1"],
              .actor = env.first({"CIRCLE_USERNAME", "CIRCLE_PR_USERNAME"})},
      .key = {id, env["CIRCLE_NODE_INDEX"]},
      .same_key = fault_without(id, "CIRCLE_WORKFLOW_JOB_ID")};
}

std::string jenkins_branch(const Variables& env) {
  // Of a pull request BRANCH_NAME is PR-12.
  if (auto branch = env.first({"CHANGE_BRANCH", "BRANCH_NAME"}); !branch.empty()) return branch;
  const std::string branch = without_ref(env["GIT_BRANCH"]);
  constexpr std::string_view origin = "origin/";
  if (branch == "detached") return {};
  return branch.starts_with(origin) ? branch.substr(origin.size()) : branch;
}

// All stages and parallel branches of a build have its BUILD_URL. Those that run at the same time
// differ in stage, node or executor, but for branches of one `parallel` inside one `node`. Steps
// find the claim file from any stage: the stage is only in the request's key.
Reading jenkins(const Variables& env) {
  const std::string number = env["BUILD_NUMBER"];
  const std::string build = env.first({"BUILD_URL", "BUILD_TAG"});
  const std::string remote_repo = repo_of_remote(env["GIT_URL"]);
  return {.job = {.job = joined(env["JOB_NAME"], " #", number),
                  .job_url = env["BUILD_URL"],
                  .repo = remote_repo.empty() ? env["JOB_NAME"] : remote_repo,
                  .branch = jenkins_branch(env),
                  .commit = env["GIT_COMMIT"],  // only after a checkout
                  .actor = env.first({"CHANGE_AUTHOR", "BUILD_USER_ID"})},
          .key = {without_https(build), env["NODE_NAME"], env["EXECUTOR_NUMBER"]},
          .request = {env["STAGE_NAME"]},
          .same_key = fault_without(build, "BUILD_URL")};
}

Reading buildkite(const Variables& env) {
  const std::string id = env["BUILDKITE_JOB_ID"];
  const std::string url = env["BUILDKITE_BUILD_URL"];
  const std::string commit = env["BUILDKITE_COMMIT"];
  const std::string repo = repo_of_remote(env["BUILDKITE_REPO"]);
  return {.job = {.job = joined(env["BUILDKITE_PIPELINE_SLUG"], " / ",
                                env.first({"BUILDKITE_LABEL", "BUILDKITE_STEP_KEY"})),
                  .job_url = id.empty() || url.empty() ? url : url + "#" + id,
                  .repo = repo.empty() ? joined(env["BUILDKITE_ORGANIZATION_SLUG"], "/",
                                                env["BUILDKITE_PIPELINE_SLUG"])
                                       : repo,
                  .branch = env.first({"BUILDKITE_BRANCH", "BUILDKITE_TAG"}),
                  // Of a build by hand it is the word HEAD until the agent has looked.
                  .commit = commit == "HEAD" ? "" : commit,
                  .actor = env.first({"BUILDKITE_BUILD_CREATOR", "BUILDKITE_BUILD_AUTHOR"})},
          .key = {id, env["BUILDKITE_RETRY_COUNT"]},
          .same_key = fault_without(id, "BUILDKITE_JOB_ID")};
}

// SYSTEM_JOBID is that of the matrix' leg, and stays when the job is retried.
Reading azure(const Variables& env) {
  const std::string server = env["SYSTEM_COLLECTIONURI"];
  const std::string build = env["BUILD_BUILDID"];
  const std::string job = env["SYSTEM_JOBID"];
  std::string same_key = fault_without(build, "BUILD_BUILDID");
  if (same_key.empty()) same_key = fault_without(job, "SYSTEM_JOBID");
  const std::string url = server + (server.ends_with('/') ? "" : "/") +
                          percent_encoded(env["SYSTEM_TEAMPROJECT"]) +
                          "/_build/results?buildId=" + percent_encoded(build);
  return {.job = {.job = joined(env["BUILD_DEFINITIONNAME"], " / ",
                                env.first({"SYSTEM_JOBDISPLAYNAME", "AGENT_JOBNAME"})),
                  .job_url = server.empty() || build.empty() ? "" : url,
                  .repo = env["BUILD_REPOSITORY_NAME"],
                  .branch = without_ref(
                      env.first({"SYSTEM_PULLREQUEST_SOURCEBRANCH", "BUILD_SOURCEBRANCH"})),
                  .commit = env["BUILD_SOURCEVERSION"],
                  .actor = env["BUILD_REQUESTEDFOR"]},
          .key = {without_https(server), build, job, env["SYSTEM_JOBATTEMPT"]},
          .same_key = same_key};
}

std::string without_braces(const std::string& id) {
  if (id.size() < 2 || id.front() != '{' || id.back() != '}') return id;
  return id.substr(1, id.size() - 2);
}

// A step that is run again keeps its id and gets a higher run number.
Reading bitbucket(const Variables& env) {
  const std::string repo = env["BITBUCKET_REPO_FULL_NAME"];
  const std::string number = env["BITBUCKET_BUILD_NUMBER"];
  const std::string step = without_braces(env["BITBUCKET_STEP_UUID"]);
  return {.job = {.job = "pipeline #" + number,
                  .job_url = repo.empty()
                                 ? ""
                                 : "https://bitbucket.org/" + repo + "/pipelines/results/" + number,
                  .repo = repo,
                  .branch = env.first({"BITBUCKET_BRANCH", "BITBUCKET_TAG"}),
                  .commit = env["BITBUCKET_COMMIT"],
                  .actor = env["BITBUCKET_STEP_TRIGGERER_UUID"]},
          .key = {step, env["BITBUCKET_STEP_RUN_NUMBER"]},
          .same_key = fault_without(step, "BITBUCKET_STEP_UUID")};
}

constexpr std::array<System, 7> all = {{
    {"github", [](const Variables& env) { return env["GITHUB_ACTIONS"] == "true"; }, github},
    {"gitlab", [](const Variables& env) { return !env["GITLAB_CI"].empty(); }, gitlab},
    {"circleci", [](const Variables& env) { return !env["CIRCLECI"].empty(); }, circleci},
    // A Jenkins that was never told its own address sets no URL.
    {"jenkins",
     [](const Variables& env) {
       return !env["JENKINS_URL"].empty() || env["BUILD_TAG"].starts_with("jenkins-");
     },
     jenkins},
    {"buildkite", [](const Variables& env) { return !env["BUILDKITE"].empty(); }, buildkite},
    {"azure", [](const Variables& env) { return !env["TF_BUILD"].empty(); }, azure},
    {"bitbucket", [](const Variables& env) { return !env["BITBUCKET_BUILD_NUMBER"].empty(); },
     bitbucket},
}};

}  // namespace

std::span<const System> systems() { return all; }

}  // namespace bddlock::ci
