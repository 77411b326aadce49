"""deploy/systemd/bdd-lock.service: systemd takes it, it is as closed as it says, and the binary can live in
it: what it asks of the kernel is compared with what the unit allows."""

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from server import PATIENCE_SECONDS, ROOT, TOKEN, binary, clean_environment, free_port, run_cli
from unit_file import read_unit

UNIT = ROOT / "deploy" / "systemd" / "bdd-lock.service"
EXPOSURE_MAX = 15  # in tenths, of 100: systemd calls up to 19 "OK"
NOBODY = 65534


@pytest.fixture(scope="module")
def service():
    return read_unit(UNIT)["Service"]


def test_systemd_takes_it(tmp_path):
    copy = tmp_path / "bdd-lock.service"
    copy.write_text(UNIT.read_text().replace("/usr/bin/bdd-lock", str(binary())))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True)
    assert done.returncode == 0 and "bdd-lock" not in done.stderr, done.stderr


def test_it_is_closed():
    done = subprocess.run(["systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE_MAX}",
                           "--no-pager", str(UNIT)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def calls_in(group):
    """The system calls of one of systemd's groups, those of the groups in it included."""
    text = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", group], check=True,
                          capture_output=True, text=True).stdout
    names = set()
    for word in (line.strip() for line in text.splitlines()[1:]):
        if word.startswith("@"):
            names |= calls_in(word)
        elif word and not word.startswith("#"):
            names.add(word)
    return names


def allowed_calls():
    """The first word of the unit's filter opens a list of what is allowed; one with ~ takes away, and so do
    those behind it in its line."""
    allowed = calls_in("@default")
    for line in re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text(), re.M):
        for word in line.removeprefix("~").split():
            group = calls_in(word) if word.startswith("@") else {word}
            allowed = allowed - group if line.startswith("~") else allowed | group
    return allowed


@pytest.fixture(scope="module")
def trace():
    """What the server calls from start to end, with work for each part of it, as a user without rights."""
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, NOBODY, NOBODY)
        yield traced_work(Path(folder))


def traced_work(folder):
    lines = folder / "trace"
    token_file = folder / "token"
    token_file.write_text(TOKEN)
    token_file.chmod(0o644)
    endpoint = f"http://127.0.0.1:{free_port()}"
    server = subprocess.Popen(
        ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "strace", "-f", "-qq", "-o", str(lines),
         str(binary()), "serve", "--listen", endpoint.removeprefix("http://"),
         "--store", f"sqlite:{folder / 'table.db'}", "--auth-token-file", str(token_file)],
        env=clean_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def client(*words):
        done = run_cli(*words, env={"BDD_LOCK_ENDPOINT": endpoint, "REPO_NAME": "r"}, token=TOKEN)
        return done.returncode

    until = time.monotonic() + PATIENCE_SECONDS
    while client("doctor") != 0:
        assert server.poll() is None and time.monotonic() < until
    codes = [client(*words) for words in (("create", "alpha"), ("claim",), ("release", "alpha"), ("list",),
                                          ("sweep",), ("export",), ("remove", "alpha"))]
    token_file.write_text(TOKEN + "\nanother\n")
    # strace passes no signal on: its child is the server.
    with open(f"/proc/{server.pid}/task/{server.pid}/children") as file:
        subprocess.run(["kill", "-TERM", *file.read().split()], check=True)
    assert server.wait(PATIENCE_SECONDS) == 0
    assert codes == [0] * len(codes)
    return lines.read_text()


def test_the_filter_lets_the_server_do_what_it_does(trace):
    used = set(re.findall(r"^\d+ +(\w+)\(", trace, re.M))
    # strace itself starts it; systemd does so before the filter is in force.
    used -= {"execve"}
    assert {"accept4", "openat"} & used and "fdatasync" in used
    assert used - allowed_calls() == set()


def test_it_needs_no_memory_that_is_both_written_and_run(service, trace):
    assert service["MemoryDenyWriteExecute"] == "yes"
    assert re.findall(r"^.*mmap\(.*PROT_WRITE\|PROT_EXEC.*$", trace, re.M) == []
    assert re.findall(r"^.*mprotect\(.*PROT_EXEC.*$", trace, re.M) == []


def test_it_uses_no_other_kind_of_socket(service, trace):
    families = set(re.findall(r"\bsocket\((AF_\w+)", trace))
    assert families and families <= set(service["RestrictAddressFamilies"].split())


def test_it_gives_the_server_time_to_end(service):
    assert int(service["TimeoutStopSec"]) > 10


def test_it_does_not_restart_what_a_restart_cannot_mend(service):
    assert {"64", "77"} <= set(service["RestartPreventExitStatus"].split())
