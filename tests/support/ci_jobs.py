"""Starts the scripts of ci-examples/circleci as a CI would, with stand-ins for deploy and tests that write down
what they do, in dash and in busybox's sh with nothing else in the PATH but busybox and curl."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from server import PATIENCE_SECONDS, ROOT, TOKEN, clean_environment, wait_until

SCRIPTS = ROOT / "ci-examples" / "circleci"
REPO = "paymentService"

# Each stand-in writes down when it begins and ends to use its stack; it also marks the stack with a
# directory, which only one can make. The first word is the job's name, the second what it does.
STAND_INS = {
    "deploy": """
mkdir "$RECORDS/using-$STACK_NAME" || echo "$JOB found $STACK_NAME in use" >>"$RECORDS/violations"
echo "begin $JOB" >>"$RECORDS/log-$STACK_NAME"
ended() { rmdir "$RECORDS/using-$STACK_NAME"; echo "end $JOB" >>"$RECORDS/log-$STACK_NAME"; }
if [ "$KIND" = deploy-hangs ]; then
  trap 'ended; exit 143' TERM
  echo $$ >"$RECORDS/hangs-$JOB"
  while :; do sleep 0.05; done
fi
sleep 0.05
if [ "$KIND" = deploy-fails ]; then ended; exit 7; fi
""",
    "test": """
echo "test $JOB" >>"$RECORDS/log-$STACK_NAME"
ended() { rmdir "$RECORDS/using-$STACK_NAME"; echo "end $JOB" >>"$RECORDS/log-$STACK_NAME"; }
if [ "$KIND" = test-hangs ]; then
  trap 'ended; exit 143' TERM
  echo $$ >"$RECORDS/hangs-$JOB"
  while :; do sleep 0.05; done
fi
sleep 0.1
ended
[ "$KIND" != test-fails ] || exit 3
""",
}


def listed(*names):
    items = [{"stackName": name, "isAvailable": "x", "repoName": REPO} for name in names]
    return 200, {}, json.dumps({"info": "Successfully queried", "results": items})


NO_V1 = (403, {}, '{"message":"Missing Authentication Token"}')
DONE = (200, {}, '{"info": "done"}')


class Shell:
    """A shell and the PATH that its scripts see."""

    def __init__(self, command, path):
        self.command = command
        self.path = path


@pytest.fixture(scope="session")
def small_path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("only-busybox")
    subprocess.run([shutil.which("busybox"), "--install", "-s", str(folder)], check=True)
    (folder / "curl").unlink(missing_ok=True)
    (folder / "curl").symlink_to(shutil.which("curl"))
    return folder


@pytest.fixture(params=["dash", "busybox"])
def shell(request, small_path):
    if request.param == "dash":
        return Shell([shutil.which("dash")], os.environ["PATH"])
    return Shell([str(small_path / "sh")], str(small_path))


def slow(shell, folder, name, seconds=1):
    """The PATH with a program that takes its time before it does what it does; it says so in its records."""
    folder.mkdir()
    program = folder / name
    program.write_text(f'#!/bin/sh\necho >"$RECORDS/begun-{name}"\nsleep {seconds}\n'
                       f'exec {shutil.which(name, path=shell.path)} "$@"\n')
    program.chmod(0o755)
    return f"{folder}:{shell.path}"


class Jobs:
    """Starts ci-bdd.sh as a CI would, each job in a folder and process group of its own."""

    running = []  # of this test

    def __init__(self, folder, shell, endpoint, **settings):
        self.running.append(self)
        self.folder = folder
        self.shell = shell
        self.records = folder / "records"
        self.records.mkdir()
        for name, text in STAND_INS.items():
            (folder / f"{name}.sh").write_text("set -eu\n" + text)
        self.env = clean_environment(**{
            "PATH": shell.path, "BDD_LOCK_ENDPOINT": endpoint, "BDD_LOCK_AUTH_TOKEN": TOKEN, "REPO_NAME": REPO,
            "RECORDS": str(self.records), "BDD_LOCK_BACKOFF_MS": "40", "BDD_LOCK_BACKOFF_MAX_MS": "200",
            **settings})

    def start(self, job, kind="passes", script="ci-bdd.sh", arguments=None, **settings):
        home = self.folder / job
        home.mkdir(exist_ok=True)
        if arguments is None:
            arguments = [f"exec sh {self.folder}/deploy.sh", f"exec sh {self.folder}/test.sh"]
        return subprocess.Popen(
            [*self.shell.command, str(SCRIPTS / script), *arguments], cwd=home, start_new_session=True,
            env={**self.env, "JOB": job, "KIND": kind, **settings}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, job, kind="passes", **more):
        process = self.start(job, kind, **more)
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode, out, err

    def wait_for(self, name, process):
        def is_there():
            assert process.poll() is None, process.communicate()
            file = self.records / name
            return file.exists() and file.stat().st_size > 0  # the shell makes it before it writes

        wait_until(is_there, what=name)

    def processes(self):
        """{process number: command line} of what lives in the environment of these jobs"""
        mark = f"RECORDS={self.records}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def users(self):
        """The command lines of what the jobs' commands have running. (The script's own processes are itself,
        and curl while it makes a call.)"""
        return [line for line in self.processes().values()
                if "ci-bdd.sh" not in line and not line.startswith("curl ")]

    def uses(self):
        """{stack: lines of its record}"""
        return {p.name.removeprefix("log-"): p.read_text().splitlines() for p in self.records.glob("log-*")}


@pytest.fixture(autouse=True)
def nothing_goes_on():
    """A test that failed may have left a job behind."""
    yield
    for jobs in Jobs.running:
        for number in jobs.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
    Jobs.running.clear()


def faults_of(uses):
    """What the stand-ins' records say against the lock: each use must end before the next begins."""
    faults = []
    for stack, lines in uses.items():
        user = None
        for line in lines:
            what, job = line.split()
            if what == "begin":
                if user is not None:
                    faults.append(f"{job} began on {stack} while {user} used it")
                user = job
            elif user != job:
                faults.append(f"{job} says {what} on {stack}, which {user} uses")
            elif what == "end":
                user = None
        if user is not None:
            faults.append(f"{user} never ended on {stack}")
    return faults


def create(server, *names):
    for name in names:
        body = {"stackName": name, "repoName": REPO, "isAvailable": True}
        assert server.call("POST", "/create-stack", body).status == 200


def stacks(server):
    return {item["stackName"]: item for item in server.call("GET", "/v1/stacks?limit=1000").json()["items"]}


def assert_all_free(server):
    assert {name: item["state"] for name, item in stacks(server).items()} == \
        {name: "available" for name in stacks(server)}
