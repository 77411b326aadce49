"""docs/ci.md and ci-examples with `bdd-lock run`: what they say is parsed, and run as the CI would, with its variables
and a stand-in for the command that deploys and tests."""

import contextlib
import functools
import http.server
import os
import re
import signal
import subprocess
import threading
from pathlib import Path

import pytest
import yaml
from ci_systems import COMMIT, VARIABLES, commands_of, read_github_env, steps
from lending import claim, history
from server import PATIENCE_SECONDS, ROOT, TOKEN, binary, clean_environment, free_port, run_cli, wait_until

PAGE = ROOT / "docs" / "ci.md"
REPO = "paymentService"
HEADINGS = {"GitHub Actions": "github", "GitLab": "gitlab", "CircleCI": "circleci", "Jenkins": "jenkins",
            "Buildkite": "buildkite", "Azure Pipelines": "azure", "Bitbucket": "bitbucket"}
FILES = {"github": "github/bdd.yml", "gitlab": "gitlab/gitlab-ci.yml", "circleci": "circleci/config-run.yml"}

# What stands for ci/deploy-and-test.sh. It marks the stack with a directory, which only one job can make.
STAND_IN = """#!/bin/sh
mkdir "$RECORDS/using-$STACK_NAME" || { echo "$STACK_NAME is in use" >>"$RECORDS/violations"; exit 9; }
trap 'rmdir "$RECORDS/using-$STACK_NAME"' EXIT
echo "$STACK_NAME $BDD_STACK_CREATED $BDD_FENCING_TOKEN" >>"$RECORDS/uses"
if [ "$KIND" = hangs ]; then
  trap 'exit 130' INT
  trap 'exit 143' TERM
  while :; do sleep 0.05; done
fi
sleep 0.05
[ "$KIND" != fails ] || exit 3
"""


def page_configurations():
    """{CI: its block on the page}"""
    found = {}
    for heading, ci in HEADINGS.items():
        section = PAGE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
        [(language, text)] = re.findall(r"^```(\w+)\n(.*?)^```$", section, re.M | re.S)
        assert language == ("groovy" if ci == "jenkins" else "yaml")
        found[ci] = text
    return found


def configurations():
    page = [pytest.param(ci, text, id=f"page-{ci}") for ci, text in page_configurations().items()]
    return page + [pytest.param(ci, (ROOT / "ci-examples" / name).read_text(), id=name) for ci, name in FILES.items()]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def binary_url():
    """Where jobs fetch the program."""
    handler = functools.partial(Quiet, directory=binary().parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), handler) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}/{binary().name}"
        served.shutdown()
        thread.join()


class Job:
    """A job of a CI, in a checkout of its own."""

    def __init__(self, folder, ci, text, endpoint, url, kind="passes", **more):
        (folder / "ci").mkdir(parents=True)
        script = folder / "ci" / "deploy-and-test.sh"
        script.write_text(STAND_IN)
        script.chmod(0o755)
        records = folder.parent
        self.folder = folder
        self.env = clean_environment(**{**VARIABLES[ci], "RECORDS": str(records), "KIND": kind, **more})
        self.steps = steps(ci, text, {"BDD_LOCK_ENDPOINT": endpoint, "BDD_LOCK_AUTH_TOKEN": TOKEN,
                                      "BDD_LOCK_BINARY_URL": url, "REPO_NAME": REPO})
        self.said = ""

    def start(self, step):
        return subprocess.Popen(step.command, cwd=self.folder, env={**self.env, **step.env}, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)

    def finish(self, process):
        said, _ = process.communicate(timeout=2 * PATIENCE_SECONDS)
        assert TOKEN not in said
        self.said += said
        return process.returncode

    def run(self):
        """The exit code of the first step that fails, or 0."""
        for step in self.steps:
            if code := self.finish(self.start(step)):
                return code
        return 0


def grants(server):
    return [event for event in history(server) if event["kind"] in ("claimed", "created")]


@pytest.mark.parametrize("ci, text", configurations())
def test_a_job_runs_on_a_stack_that_it_gives_back(server, tmp_path, binary_url, ci, text):
    job = Job(tmp_path / "checkout", ci, text, server.endpoint, binary_url)
    assert job.run() == 0, job.said
    [(name, stack)] = server.stacks().items()
    assert name.startswith(REPO + "-") and (stack["repoName"], stack["state"]) == (REPO, "available")
    assert (tmp_path / "uses").read_text() == f"{name} true 1\n"
    holder = grants(server)[0]["holder"]
    assert (holder["ci"], holder["branch"], holder["commit"], holder["repo"]) == (ci, "basket", COMMIT, holder["repo"])
    assert "4711" in holder["jobUrl"] or "9123" in holder["jobUrl"]
    assert stack["lastEnd"]["outcome"] == "passed"


@pytest.mark.parametrize("ci, text", configurations())
def test_a_job_whose_tests_fail_ends_with_their_exit_code(server, tmp_path, binary_url, ci, text):
    job = Job(tmp_path / "checkout", ci, text, server.endpoint, binary_url, kind="fails")
    assert job.run() == 3, job.said
    [stack] = server.stacks().values()
    kept = "--keep-on-failure" in text
    assert (stack["state"], stack["lastEnd"]["outcome"]) == ("held" if kept else "available", "failed"), job.said


def test_ten_jobs_of_three_cis_on_three_stacks(server, tmp_path, binary_url):
    for name in ("alpha", "beta", "gamma"):
        server.create(name, REPO)
    started = []
    for number in range(10):
        ci = list(FILES)[number % 3]
        text = (ROOT / "ci-examples" / FILES[ci]).read_text().replace("--keep-on-failure 30m", "--no-create")
        kind = "fails" if number % 4 == 3 else "passes"
        job = Job(tmp_path / f"job{number}", ci, text, server.endpoint, binary_url, kind)
        code = []
        thread = threading.Thread(target=lambda job=job, code=code: code.append(job.run()))
        thread.start()
        started.append((job, kind, code, thread))
    for job, kind, code, thread in started:
        thread.join()
        assert code == [3 if kind == "fails" else 0], job.said
    assert not (tmp_path / "violations").exists(), (tmp_path / "violations").read_text()
    assert len((tmp_path / "uses").read_text().splitlines()) == 10
    assert {name: stack["state"] for name, stack in server.stacks().items()} == \
        {"alpha": "available", "beta": "available", "gamma": "available"}
    assert sum(stack["fencingToken"] for stack in server.stacks().values()) == 10


def test_a_cancelled_job_of_github_ends_its_command_and_gives_the_stack_back(server, tmp_path, binary_url):
    """GitHub sends SIGINT to the step's first process only."""
    job = Job(tmp_path / "checkout", "github", page_configurations()["github"], server.endpoint, binary_url, "hangs")
    assert job.finish(job.start(job.steps[0])) == 0
    process = job.start(job.steps[1])
    wait_until((tmp_path / "uses").exists, what="the command")
    os.kill(process.pid, signal.SIGINT)
    assert job.finish(process) == 128 + signal.SIGINT, job.said
    assert not list(tmp_path.glob("using-*"))
    [stack] = server.stacks().values()
    assert (stack["state"], stack["lastEnd"]["outcome"]) == ("available", "cancelled")


def test_a_job_that_waits_says_where_it_stands(server, tmp_path, binary_url):
    server.create("alpha", REPO)
    held = claim(server, REPO, requestId="other")
    text = page_configurations()["gitlab"].replace("--wait 20m", "--wait 20m --no-create")
    job = Job(tmp_path / "checkout", "gitlab", text, server.endpoint, binary_url)
    process = job.start(job.steps[0])
    first = process.stdout.readline()
    server.call("POST", f"/v1/claims/{held['claimId']}/release", {})
    assert job.finish(process) == 0, job.said
    assert "bdd-lock: place 1 for paymentService" in first


def run_steps_of_github(job, files):
    """All steps of a GitHub job: GITHUB_ENV is read after each, and only `always()` runs after one that failed."""
    exported, result = {}, 0
    for number, step in enumerate(job.steps):
        if result and not step.always:
            continue
        env_file, output = files / f"env{number}", files / f"output{number}"
        env_file.touch(), output.touch()
        step.env.update({**exported, "GITHUB_ENV": str(env_file), "GITHUB_OUTPUT": str(output),
                         "JOB_OUTCOME": "failed" if result else "passed"})
        with open(files / f"log{number}", "w+") as log:  # what a step leaves running may hold a pipe open
            process = subprocess.Popen(step.command, cwd=job.folder, env={**job.env, **step.env}, stdout=log, stderr=log,
                                       stdin=subprocess.DEVNULL, start_new_session=True)
            code = process.wait(PATIENCE_SECONDS)
            log.seek(0)
            job.said += log.read()
        result = result or code
        exported.update(read_github_env(env_file))
    return result, exported


@pytest.fixture
def orphans_end(tmp_path):
    """GitHub ends what a job's steps have left running."""
    yield
    mark = f"RECORDS={tmp_path}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)


@pytest.mark.parametrize("fails", ["", "deploy", "bdd-tests"])
def test_separate_steps_share_one_claim_that_the_last_gives_back(server, tmp_path, binary_url, orphans_end, fails):
    section = PAGE.read_text().split("\n## In separate steps\n")[1].split("\n## ")[0]
    [text] = re.findall(r"^```yaml\n(.*?)^```$", section, re.M | re.S)
    job = Job(tmp_path / "checkout", "github", text, server.endpoint, binary_url)
    for name in ("deploy", "bdd-tests"):
        script = tmp_path / "checkout" / "ci" / f"{name}.sh"
        end = "exit 3" if name == fails else "exit 0"
        script.write_text(f'#!/bin/sh\n[ -n "$1" ] && [ "$1" = "$STACK_NAME" ] || exit 9\necho {name} >>"$RECORDS/steps"\n{end}\n')
        script.chmod(0o755)
    files = tmp_path / "files"
    files.mkdir()
    code, exported = run_steps_of_github(job, files)
    assert code == (3 if fails else 0), job.said
    assert (tmp_path / "steps").read_text().split() == (["deploy"] if fails == "deploy" else ["deploy", "bdd-tests"])
    [(name, stack)] = server.stacks().items()
    assert exported["STACK_NAME"] == name and exported["BDD_STACK_CREATED"] == "true"
    assert (stack["state"], stack["lastEnd"]["outcome"]) == ("available", "failed" if fails else "passed")
    assert TOKEN not in job.said


def pages_with_commands():
    return [PAGE, ROOT / "README.md", ROOT / "ci-examples" / "README.md", ROOT / "examples/hello-stack/README.md",
            *sorted((ROOT / "ci-examples").glob("*/*.yml"))]


@pytest.fixture(scope="module")
def flags():
    """{command: its flags}, by the program's own --help"""
    names = re.findall(r"^  ([a-z]+)  +\S", run_cli("--help").stdout, re.M)
    return {name: set(re.findall(r"^  (--[a-z-]+)", run_cli(name, "--help").stdout, re.M)) for name in names}


@pytest.mark.parametrize("page", pages_with_commands(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_the_pages_is_one_of_the_program(page, flags):
    code = page.read_text()
    if page.suffix == ".md":
        code = "\n".join(re.findall(r"`+([^`]+)`+", code))
    found = commands_of(code)
    for command, *words in found:
        if command in ("table", "token"):
            continue  # bdd-lock-table, bdd-lock-token: no commands
        assert command in flags, (command, words)
        unknown = [word for word in words if word.startswith("--") and word.split("=")[0] not in flags[command]]
        assert not unknown, (command, words)
    assert found or page.name == "config.yml"


def test_the_check_of_commands_finds_what_it_should():
    assert commands_of("./bdd-lock run --wait 20m -- ./x --not-ours") == [["run", "--wait", "20m"]]
    assert commands_of("exec bdd-lock show a; bdd-lock list --repo ''") == [["show", "a"], ["list", "--repo", ""]]
    assert commands_of("build/release/bdd-lock serve --no-auth\nbdd-lock doctor") == [["serve", "--no-auth"], ["doctor"]]


def test_each_ci_that_the_client_knows_has_its_section():
    assert list(HEADINGS.values()) == list(VARIABLES)
    assert set(page_configurations()) == set(VARIABLES)


@pytest.mark.parametrize("path", sorted((ROOT / "ci-examples").glob("*/*.yml")), ids=lambda path: path.name)
def test_the_examples_are_yaml(path):
    assert isinstance(yaml.safe_load(path.read_text()), dict)
