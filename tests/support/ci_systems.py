"""Plays the CIs: their variables, and how each takes the commands out of its configuration and runs them."""

import re
import shlex

import yaml

COMMIT = "1f0e2d3c4b5a69788796a5b4c3d2e1f001122334"

# Those that a job of the CI always has, as its documentation lists them.
VARIABLES = {
    "github": {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com",
               "GITHUB_REPOSITORY": "acme/shop", "GITHUB_RUN_ID": "9123", "GITHUB_RUN_ATTEMPT": "1",
               "GITHUB_WORKFLOW": "BDD tests", "GITHUB_JOB": "bdd", "GITHUB_REF_NAME": "basket", "GITHUB_SHA": COMMIT,
               "GITHUB_ACTOR": "ada", "RUNNER_TRACKING_ID": "github_0f1e2d3c"},
    "gitlab": {"CI": "true", "GITLAB_CI": "true", "CI_SERVER_URL": "https://gitlab.com", "CI_JOB_ID": "4711",
               "CI_JOB_NAME": "bdd", "CI_JOB_URL": "https://gitlab.com/acme/shop/-/jobs/4711",
               "CI_PROJECT_PATH": "acme/shop", "CI_COMMIT_REF_NAME": "basket", "CI_COMMIT_SHA": COMMIT,
               "GITLAB_USER_LOGIN": "ada"},
    "circleci": {"CI": "true", "CIRCLECI": "true", "CIRCLE_BUILD_URL": "https://circleci.com/gh/acme/shop/4711",
                 "CIRCLE_JOB": "bdd", "CIRCLE_PROJECT_USERNAME": "acme", "CIRCLE_PROJECT_REPONAME": "shop",
                 "CIRCLE_BRANCH": "basket", "CIRCLE_SHA1": COMMIT, "CIRCLE_USERNAME": "ada",
                 "CIRCLE_WORKFLOW_JOB_ID": "0c1d2e3f", "CIRCLE_NODE_INDEX": "0"},
    "jenkins": {"JENKINS_URL": "https://ci.example.com/", "BUILD_URL": "https://ci.example.com/job/shop/4711/",
                "JOB_NAME": "shop", "BUILD_NUMBER": "4711", "BUILD_TAG": "jenkins-shop-4711", "BRANCH_NAME": "basket",
                "GIT_COMMIT": COMMIT, "GIT_URL": "https://github.com/acme/shop.git", "NODE_NAME": "agent-1",
                "EXECUTOR_NUMBER": "0", "STAGE_NAME": "BDD", "CHANGE_AUTHOR": "ada"},
    "buildkite": {"CI": "true", "BUILDKITE": "true", "BUILDKITE_BUILD_URL": "https://buildkite.com/acme/shop/builds/4711",
                  "BUILDKITE_JOB_ID": "0190-aa", "BUILDKITE_LABEL": "BDD tests", "BUILDKITE_BRANCH": "basket",
                  "BUILDKITE_COMMIT": COMMIT, "BUILDKITE_ORGANIZATION_SLUG": "acme", "BUILDKITE_PIPELINE_SLUG": "shop",
                  "BUILDKITE_REPO": "https://github.com/acme/shop.git", "BUILDKITE_BUILD_CREATOR": "ada",
                  "BUILDKITE_RETRY_COUNT": "0"},
    "azure": {"TF_BUILD": "True", "SYSTEM_COLLECTIONURI": "https://dev.azure.com/acme/", "SYSTEM_TEAMPROJECT": "web",
              "BUILD_BUILDID": "4711", "BUILD_DEFINITIONNAME": "shop", "SYSTEM_JOBDISPLAYNAME": "bdd",
              "SYSTEM_JOBID": "12f1170f", "SYSTEM_JOBATTEMPT": "1", "BUILD_SOURCEBRANCH": "refs/heads/basket",
              "BUILD_SOURCEVERSION": COMMIT, "BUILD_REPOSITORY_NAME": "acme/shop", "BUILD_REQUESTEDFOR": "ada"},
    "bitbucket": {"CI": "true", "BITBUCKET_BUILD_NUMBER": "4711", "BITBUCKET_REPO_FULL_NAME": "acme/shop",
                  "BITBUCKET_BRANCH": "basket", "BITBUCKET_COMMIT": COMMIT, "BITBUCKET_STEP_UUID": "{aa-bb}",
                  "BITBUCKET_STEP_RUN_NUMBER": "1"},
}


def read_github_env(path):
    """What steps have written into GITHUB_ENV, by NAME=VALUE or NAME<<MARK."""
    found, lines = {}, iter(path.read_text().splitlines())
    for line in lines:
        name, mark = re.fullmatch(r"(\w+)<<(.+)", line).groups() if "<<" in line.split("=")[0] else (None, None)
        if name is None:
            name, found[name] = line.split("=", 1)[0], line.split("=", 1)[1]
            continue
        value = []
        while (one := next(lines)) != mark:
            value.append(one)
        found[name] = "\n".join(value)
    return found


class Step:
    """A shell with a script, as the CI starts it, and the variables that its configuration adds."""

    def __init__(self, command, env=None, always=False):
        self.command = command
        self.always = always  # also when one before it has failed
        self.env = {name: str(value) for name, value in (env or {}).items()}


def bash(script, *options):
    return ["bash", *options, "-c", script]


def joined(*lists):
    return "\n".join(line for lines in lists for line in lines)


def github(document, settings):
    def filled(text):
        text = text.replace("${{ job.status == 'success' && 'passed' || 'failed' }}", "$JOB_OUTCOME")
        filled_in = re.sub(r"\$\{\{ (?:vars|secrets)\.(\w+) \}\}", lambda match: settings[match.group(1)], text)
        assert "${{" not in filled_in
        return filled_in

    [job] = document["jobs"].values()
    assert document[True] == ["push"]  # YAML's own reading of `on`
    env = {name: filled(text) for name, text in job["env"].items()}
    return [Step(bash(filled(step["run"]), "-e"), env, step.get("if") == "always()")
            for step in job["steps"] if "run" in step]


def gitlab(document, settings):
    [job] = document.values()
    script = joined(job.get("before_script", []), job["script"])
    return [Step(bash(script, "-eo", "pipefail"), {**settings, **job["variables"]})]


def circleci(document, settings):
    [job] = document["jobs"].values()
    assert document["workflows"]["test"]["jobs"] == list(document["jobs"])
    runs = [step["run"] for step in job["steps"] if isinstance(step, dict)]
    return [Step(bash(run["command"], "-eo", "pipefail"), settings) for run in runs]


def jenkins(text, settings):
    """No YAML. What is looked at are the environment and the `sh` steps."""
    env = dict(re.findall(r"^\s+([A-Z_]+) = '([^']*)'$", text, re.M))
    assert re.search(r"BDD_LOCK_AUTH_TOKEN = credentials\('bdd-lock-token'\)", text)
    assert text.count("{") == text.count("}")
    scripts = re.findall(r"^\s+sh '(.*)'$", text, re.M)
    return [Step(["sh", "-xe", "-c", script], {**env, **settings}) for script in scripts]


def buildkite(document, settings):
    [step] = document["steps"]
    secrets = step["plugins"][0]["secrets#v1.0.2"]["variables"]
    assert set(secrets) == {"BDD_LOCK_AUTH_TOKEN"}
    # Uploading a pipeline fills variables in, unless their dollar is doubled.
    script = joined(step["command"])
    assert not re.search(r"(?<!\$)\$(?!\$)", script)
    return [Step(bash(script.replace("$$", "$"), "-e"), {**step["env"], **settings})]


def azure(document, settings):
    [job] = document["jobs"]
    secret = {"BDD_LOCK_AUTH_TOKEN"}
    plain = {name: text for name, text in settings.items() if name not in secret}

    def env_of(step):
        own = {name: re.sub(r"^\$\((\w+)\)$", lambda match: settings[match.group(1)], text)
               for name, text in step.get("env", {}).items()}
        return {**plain, **document["variables"], **own}

    return [Step(bash(step["bash"], "--noprofile", "--norc"), env_of(step)) for step in job["steps"]]


def bitbucket(document, settings):
    [entry] = document["pipelines"]["default"]
    return [Step(bash(joined(entry["step"]["script"]), "-e"), settings)]


def steps(ci, text, settings):
    """The steps of a configuration. `settings`: what its users saved in the CI, which wins over what only stands for
    their own in the examples (https://bdd-lock.example.com)."""
    made = jenkins(text, settings) if ci == "jenkins" else globals()[ci](yaml.safe_load(text), settings)
    for step in made:
        step.env.update({name: text for name, text in settings.items() if name in step.env})
    return made


def commands_of(text):
    """The words of each `bdd-lock` command in a script or a page's code: ["run", "--wait", ...] up to the `--`."""
    found = []
    for match in re.finditer(r"(?:^|[\s(\"'`./])bdd-lock ([a-z]+(?: [^\n;|&)`]*)?)", text):
        words = shlex.split(match.group(1).split(" #")[0].replace("\\", ""), posix=True) if \
            match.group(1).count("'") % 2 == 0 and match.group(1).count('"') % 2 == 0 else match.group(1).split()
        found.append(words[:words.index("--")] if "--" in words else words)
    return found
