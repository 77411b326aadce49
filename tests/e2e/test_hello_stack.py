"""examples/hello-stack, as its README says it: builds with and without the lock table, on a cloud that is played by
processes of this machine. What each takes is measured by hand (its README), not here."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import urllib.request

import pytest
from lending import kinds
from npm_tools import npm_install
from server import PATIENCE_SECONDS, ROOT, TOKEN, binary, clean_environment

EXAMPLE = ROOT / "examples" / "hello-stack"
REPO = "hello"


class Cloud:
    def __init__(self, **seconds):
        quick = {"MAKE_SECONDS": "0.4", "UPDATE_SECONDS": "0.1", "REMOVE_SECONDS": "0.1", **seconds}
        self.process = subprocess.Popen([shutil.which("node"), "cloud/cloud.mjs"], cwd=EXAMPLE, text=True,
                                        env=clean_environment(**quick), stdout=subprocess.PIPE)
        self.address = self.process.stdout.readline().strip()
        assert self.address.startswith("http://127.0.0.1:"), self.process.wait(PATIENCE_SECONDS)

    def stacks(self):
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(self.address + "/stacks") as answer:
            return json.load(answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE_SECONDS)
        self.process.stdout.close()


@pytest.fixture
def cloud():
    npm_install(EXAMPLE)
    with Cloud() as running:
        yield running


class Builds:
    """Builds of the example, each with a checkout of its own as far as a build changes it: not at all."""

    def __init__(self, server, cloud, folder, **settings):
        (folder / "bin").mkdir()
        (folder / "bin" / "bdd-lock").symlink_to(binary())
        self.env = clean_environment(**{
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "CLOUD": cloud.address, "REPO_NAME": REPO,
            "BDD_LOCK_ENDPOINT": server.endpoint, "BDD_LOCK_AUTH_TOKEN": TOKEN, **settings})

    def start(self, pipeline, **env):
        return subprocess.Popen([EXAMPLE / "ci" / pipeline], env={**self.env, **env}, text=True, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, pipeline, **env):
        return ended(self.start(pipeline, **env))


def ended(process):
    with contextlib.closing(process.stdout):
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert TOKEN not in said
    return process.returncode, said


def test_the_second_build_updates_the_stack_of_the_first(server, cloud, tmp_path):
    builds = Builds(server, cloud, tmp_path)
    for version in ("build-1", "build-2"):
        code, said = builds.run("with-lock-table.sh", VERSION=version)
        assert code == 0 and "5 scenarios (5 passed)" in said, said
    [(name, made)] = cloud.stacks().items()
    assert made["version"] == "build-2" and f"{name} is at {made['url']}" in said
    assert kinds(server, name) == ["created", "claimed", "released", "claimed", "released"]
    assert server.stacks()[name]["state"] == "available"


def test_three_builds_at_once_on_two_stacks_never_meet(server, cloud, tmp_path):
    """The guest book would tell: each scenario empties it first."""
    for name in ("hello-a", "hello-b"):
        server.create(name, REPO)
    builds = Builds(server, cloud, tmp_path, BDD_LOCK_NO_CREATE="true")
    started = [builds.start("with-lock-table.sh", VERSION=f"build-{number}") for number in range(3)]
    for code, said in [ended(process) for process in started]:
        assert code == 0 and "5 scenarios (5 passed)" in said, said
    assert sorted(cloud.stacks()) == ["hello-a", "hello-b"]
    assert {stack["state"] for stack in server.stacks().values()} == {"available"}
    assert sum(stack["fencingToken"] for stack in server.stacks().values()) == 3


def test_a_build_that_fails_ends_so_and_gives_its_stack_back(server, cloud, tmp_path):
    builds = Builds(server, cloud, tmp_path)
    code, said = builds.run("with-lock-table.sh", STACK_GREETING="Goodbye")
    assert code == 1 and "Hello, Ada!" in said and "2 failed" in said, said
    [stack] = server.stacks().values()
    assert (stack["state"], stack["lastEnd"]["outcome"]) == ("available", "failed")


def test_a_deploy_that_fails_is_told_and_nothing_is_tested(server, tmp_path):
    npm_install(EXAMPLE)
    with Cloud() as cloud:
        pass
    builds = Builds(server, cloud, tmp_path)
    code, said = builds.run("with-lock-table.sh")
    assert code != 0 and "curl: (7)" in said and "scenarios" not in said, said
    [stack] = server.stacks().values()
    assert stack["state"] == "available"


def test_without_the_table_each_build_makes_a_stack_and_removes_it(server, cloud, tmp_path):
    builds = Builds(server, cloud, tmp_path)
    code, said = builds.run("without-lock-table.sh", VERSION="build-1")
    assert code == 0 and "5 scenarios (5 passed)" in said, said
    assert cloud.stacks() == {} and server.stacks() == {}


def test_its_scripts_pass_shellcheck():
    scripts = sorted(str(path) for path in (EXAMPLE / "ci").glob("*.sh"))
    done = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, timeout=60)
    assert len(scripts) == 4 and done.returncode == 0, done.stdout + done.stderr
