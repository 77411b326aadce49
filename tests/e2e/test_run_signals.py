"""`bdd-lock run` and the signals of a CI at each stage: nothing of the command lives when its stack is given back,
and no stack stays claimed."""

import signal
import sys
import time

import pytest
from lending import instant
from runs import Run, grants, is_alive, paused, states, wait_claimed, waiting
from server import wait_until

STOPS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]
FREE = {"alpha": "available"}


@pytest.mark.parametrize("number", STOPS)
def test_a_signal_while_it_waits_withdraws_the_request(server, tmp_path, number):
    server.create("alpha", available=False)
    with Run(server, ["--no-create"], "echo >ran", tmp_path) as job:
        job.wait_said("place 1")
        job.signal(number)
        code, _, err = job.end()
    assert code == 128 + number and "stopped while waiting" in err
    assert waiting(server) == []
    assert not (tmp_path / "ran").exists()


# A shell ignores SIGINT and SIGQUIT in what it starts in the background.
FAMILY = """
import os, signal, sys, time
me = "parent" if os.fork() else "child"
def told(*_):
    open(me + "-told", "w").close()
    if me == "parent":
        os.wait()
    os._exit(9)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, told)
open(me, "w").write(str(os.getpid()))
while True:
    time.sleep(1)
"""


@pytest.mark.parametrize("number", STOPS)
def test_a_signal_while_the_command_runs_reaches_all_of_it(server, tmp_path, number):
    server.create("alpha")
    with Run(server, [], [sys.executable, "-c", FAMILY], tmp_path) as job:
        pids = [job.wait_file("parent"), job.wait_file("child")]
        job.signal(number)
        code, _, err = job.end()
    assert code == 9, err
    assert (tmp_path / "parent-told").exists() and (tmp_path / "child-told").exists()
    assert not any(is_alive(pid) for pid in pids)
    assert states(server) == FREE
    assert server.stacks()["alpha"]["lastEnd"]["outcome"] == "cancelled"


def test_a_command_that_ignores_signals_is_killed_after_its_grace(server, tmp_path):
    server.create("alpha")
    with Run(server, ["--grace", "1s", "--keep-on-failure", "1h"],
             "trap '' INT TERM; echo $$ >go; while :; do sleep 0.05; done", tmp_path) as job:
        pid = job.wait_file("go")
        job.signal(signal.SIGTERM)
        code, _, err = job.end()
    assert code == 128 + 9 and "was killed" in err
    assert not is_alive(pid)
    assert states(server) == FREE  # a cancelled job's stack is not kept


def test_githubs_cancel_ends_with_the_stack_free(server, tmp_path):
    """SIGINT, SIGTERM 7.5 s later, SIGKILL to all 2.5 s after that: a deaf command is gone long before."""
    server.create("alpha")
    with Run(server, [], "trap '' INT TERM; echo $$ >go; while :; do sleep 0.05; done", tmp_path,
             start_new_session=True) as job:
        pid = job.wait_file("go")
        begun = time.monotonic()
        job.signal(signal.SIGINT)
        for number, at in ((signal.SIGTERM, 7.5), (signal.SIGKILL, 10)):
            while job.process.poll() is None and time.monotonic() < begun + at:
                time.sleep(0.02)
            if job.process.poll() is None:
                job.signal(number)
        code, _, err = job.end()
    assert code == 128 + 9, err
    assert not is_alive(pid)
    assert states(server) == FREE
    assert "is given back (cancelled)" in err


def test_killed_outright_it_takes_its_command_along(server, tmp_path):
    server.create("alpha")
    with Run(server, ["--lease", "2s", "--grace", "0"], "sh -c 'echo $$ >go; exec sleep 100' & sleep 100",
             tmp_path) as job:
        pid = job.wait_file("go")
        job.signal(signal.SIGKILL)
        job.end()
        wait_until(lambda: not is_alive(pid), what="the end of the command")
    wait_until(lambda: states(server) == FREE, what="the end of the lease")


def test_stopped_for_longer_than_its_lease_it_loses_command_and_claim(server, tmp_path):
    """As a laptop that sleeps: nobody extends the lease, and somebody else may have the stack by then."""
    server.create("alpha")
    beats = "echo $$ >go; while :; do date +%s.%N >>beats; sleep 0.02; done"
    with Run(server, ["--lease", "2s", "--grace", "0"], beats, tmp_path) as job:
        pid = job.wait_file("go")
        expires = instant(server.stacks()["alpha"]["claim"]["expiresAt"])
        job.signal(signal.SIGSTOP)
        wait_until(lambda: not is_alive(pid), what="the watcher's kill")
        last = float((tmp_path / "beats").read_text().splitlines()[-1])
        job.signal(signal.SIGCONT)
        code, _, err = job.end()
    # By half a second before the lease's end. A busy machine may be late with it.
    assert last < expires + 1
    assert code in (76, 128 + 9), err


def test_a_signal_at_the_moment_of_the_grant_gives_the_stack_back(tmp_path):
    """The signal comes before the answer does: the command is not started at all."""
    def signalled(_):
        job.signal(signal.SIGTERM)
        wait_until(lambda: pending(job.process.pid) == 0, what="the signal's being taken")
        return None
    with grants(claims=signalled) as fake:
        with Run(fake, [], "echo >ran", tmp_path) as job:
            code, _, err = job.end()
        assert [call[0] for call in fake.calls][:2] == ["POST", "DELETE"]
    assert code == 143, err
    assert not (tmp_path / "ran").exists()


def pending(pid):
    """Signals that a process has not taken yet, as a mask."""
    with open(f"/proc/{pid}/status") as status:
        masks = dict(line.split(":", 1) for line in status)
    return int(masks["ShdPnd"], 16) | int(masks["SigPnd"], 16)


def test_a_request_that_was_granted_while_it_was_stopped_is_given_back(server, tmp_path):
    """The withdrawal comes too late, and its answer has the claims."""
    server.create("alpha")
    with Run(server, ["--no-create"], "echo >go; sleep 100", tmp_path) as first:
        wait_claimed(server, "alpha")
        with Run(server, ["--no-create"], "echo >ran", tmp_path) as second:
            second.wait_said("place 1")
            second.signal(signal.SIGSTOP)  # its call stays open, and is granted
            first.signal(signal.SIGTERM)
            first.end()
            wait_until(lambda: server.stacks()["alpha"]["fencingToken"] == 2, what="the second grant")
            second.signal(signal.SIGTERM)
            second.signal(signal.SIGCONT)
            code, _, err = second.end()
    assert code == 143, err
    assert not (tmp_path / "ran").exists()
    assert states(server) == FREE


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_stack_is_given_back_keeps_the_commands_code(server, tmp_path, number):
    server.create("alpha")
    with Run(server, [], "echo >go; while ! [ -e end ]; do sleep 0.02; done; exit 5", tmp_path) as job:
        wait_until((tmp_path / "go").exists, what="the command")
        with paused(server.process):
            (tmp_path / "end").write_text("")
            wait_until(lambda: not is_alive_child(job), what="the command's end")
            job.signal(number)
            wait_until(lambda: pending(job.process.pid) == 0, what="the signal's being taken")
        code, _, err = job.end()
    assert code == 5, err
    wait_until(lambda: states(server) == FREE, what="the release")


def is_alive_child(job):
    with open(f"/proc/{job.process.pid}/task/{job.process.pid}/children") as children:
        return any(is_alive(pid) and "sh" in name_of(pid) for pid in children.read().split())


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm") as comm:
            return comm.read()
    except OSError:
        return ""


def test_ignored_signals_stay_ignored(server, tmp_path):
    server.create("alpha")
    with Run(server, [], "echo >go; while ! [ -e end ]; do sleep 0.02; done", tmp_path, wrapper=["nohup"]) as job:
        wait_until((tmp_path / "go").exists, what="the command")
        job.signal(signal.SIGHUP)
        (tmp_path / "end").write_text("")
        code, _, err = job.end()
    assert code == 0, err
    assert states(server) == FREE
