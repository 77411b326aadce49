"""./run, the commands that it prints, and the README's quick start, as a new user meets them."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from server import PATIENCE_SECONDS, ROOT, clean_environment, free_port, wait_until

QUICKSTART = Path(__file__).parent / "quickstart.sh"


@pytest.fixture
def clone(tmp_path):
    """The repository as ./run sees it, with a ./data of its own; what is built already is used."""
    shutil.copy(ROOT / "run", tmp_path / "run")
    for name in ("tools", "build", "src", "CMakeLists.txt", "CMakePresets.json", "cmake"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


@contextlib.contextmanager
def running(clone, *arguments, **env):
    """./run, until it has said all that it says; (process, what it printed, endpoint)"""
    out = clone / "run.out"
    port = free_port()
    with open(out, "wb") as file:
        process = subprocess.Popen(["./run", *arguments], cwd=clone, stdout=file, stderr=file,
                                   env=clean_environment(BDD_LOCK_LISTEN=f"127.0.0.1:{port}", **env))
    try:
        def printed():
            assert process.poll() is None, out.read_text()
            return "Ctrl-C stops it." in out.read_text()

        wait_until(printed, 600, "./run")
        yield process, out.read_text(), f"http://127.0.0.1:{port}"
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def bash(script, clone):
    return subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=clone, capture_output=True, text=True,
                          env=clean_environment(), timeout=2 * PATIENCE_SECONDS)


def assert_session(done):
    assert done.returncode == 0, (done.stdout, done.stderr)
    lines = done.stdout.splitlines()
    assert lines[:2] == ["testStack2192", "testStack2192"]
    assert lines[2].split("\t")[:3] == ["testStack2192", "paymentService", "claimed"]
    assert lines[3] == ('{"info": "Successfully queried", "results": [{"stackName": "testStack2192", '
                        '"isAvailable": "x", "repoName": "paymentService"}]}')
    assert lines[4:] == ["deploy and test on testStack2192"]


def test_the_commands_that_run_prints_work_when_pasted(clone):
    with running(clone) as (process, text, endpoint):
        assert endpoint in text and str(clone / "data" / "token") in text
        commands = text.split("in another terminal:")[1].split("Ctrl-C")[0]
        assert_session(bash(commands, clone))
        assert not (set((clone / "data" / "token").read_text().split()) & set(text.split()))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_the_readmes_quick_start_works(clone):
    with running(clone) as (_, text, endpoint):
        script = QUICKSTART.read_text()
        assert "http://127.0.0.1:8080" in script
        assert_session(bash(script.replace("http://127.0.0.1:8080", endpoint), clone))


def test_the_quick_start_is_what_run_prints(clone):
    with running(clone) as (_, text, endpoint):
        printed = text.split("in another terminal:")[1].split("Ctrl-C")[0]
    printed = [line.strip().replace(endpoint, "http://127.0.0.1:8080") for line in printed.splitlines() if line.strip()]
    block = re.search(r"# quickstart begins\n(.*)# quickstart ends", QUICKSTART.read_text(), re.S).group(1)
    shown = [line for line in block.splitlines() if line]
    assert [line.replace(f"{clone}/data", "data").replace(str(clone), "$PWD") for line in printed] == shown


def built(clone):
    return (clone / "build" / "release" / "bdd-lock").stat().st_mtime_ns


def test_a_second_run_builds_nothing_and_has_the_same_token_and_table(clone):
    with running(clone) as (process, text, endpoint):
        token = (clone / "data" / "token").read_text()
        assert_session(bash(QUICKSTART.read_text().replace("http://127.0.0.1:8080", endpoint), clone))
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0
    before = built(clone)
    with running(clone) as (_, _, endpoint):
        assert built(clone) == before
        assert (clone / "data" / "token").read_text() == token
        listed = bash(f"export BDD_LOCK_ENDPOINT={endpoint} BDD_LOCK_AUTH_TOKEN=$(cat data/token)\n"
                      "build/release/bdd-lock list", clone)
        assert listed.stdout.startswith("testStack2192\t")


def test_run_asks_no_proxy_for_its_own_server(clone):
    with running(clone, http_proxy=f"http://127.0.0.1:{free_port()}") as (_, text, _):
        assert "not ready" not in text


def test_the_token_is_for_its_owner_only(clone):
    with running(clone):
        assert (clone / "data").stat().st_mode & 0o077 == 0
        assert (clone / "data" / "token").stat().st_mode & 0o077 == 0
        assert len((clone / "data" / "token").read_text().strip()) >= 32


def test_arguments_of_run_go_to_the_server(clone):
    port = free_port()
    with open(clone / "run.out", "wb") as out:
        process = subprocess.Popen(["./run", "--listen", f"127.0.0.1:{port}", "--expiry-seconds", "nonsense"],
                                   cwd=clone, stdout=out, stderr=out, env=clean_environment())
    assert process.wait(600) == 64
    assert "--expiry-seconds" in (clone / "run.out").read_text()


def test_run_is_executable():
    assert os.access(ROOT / "run", os.X_OK) and os.access(ROOT / "test", os.X_OK)
