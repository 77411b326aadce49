"""`bdd-lock watch` on a real terminal and without one."""

import contextlib
import json
import os
import signal
import subprocess

import pytest
from lending import claim
from server import PATIENCE_SECONDS, TOKEN, Server, binary, clean_environment, wait_until
from terminal import Terminal

REPO = "paymentService"


@pytest.fixture
def settings():
    def of(server, **more):
        return {"BDD_LOCK_ENDPOINT": server.endpoint, "BDD_LOCK_AUTH_TOKEN": TOKEN, "REPO_NAME": REPO, **more}
    return of


@contextlib.contextmanager
def shell_on(tmp_path, env):
    """A shell, so that what the program leaves behind on its terminal can be seen."""
    (tmp_path / "bashrc").write_text("PS1='ready> '\n")
    with Terminal(tmp_path, "bash", "--noprofile", "--rcfile", tmp_path / "bashrc", env=env) as terminal:
        terminal.wait_for("ready>")
        yield terminal


def test_it_is_a_table_that_follows_what_happens_and_q_gives_the_terminal_back(server, tmp_path, settings):
    server.create("testStack2192", REPO)
    with shell_on(tmp_path, settings(server)) as terminal:
        terminal.type(f"before=$(stty -g); {binary()} watch --interval 1s; echo ended with $?; "
                      "[ $before = $(stty -g) ] && echo same settings\n")
        screen = terminal.wait_for("q ends it")
        assert f"{REPO} at {server.endpoint}" in screen and "1 stack: 1 available; 0 requests wait" in screen
        assert terminal.fact("alternate_on") == "1" and terminal.fact("cursor_flag") == "0"

        claim(server, REPO, requestId="first", holder={"job": "build 4711"})
        assert "testStack2192  claimed" in terminal.wait_for("build 4711")
        waiting = {"requestId": "second", "waitSeconds": 0, "holder": {"job": "build 4712"}}
        server.call("POST", f"/v1/repos/{REPO}/claims", {**waiting, "waitSeconds": 1})
        screen = terminal.wait_for("1 request waits")
        assert "1      second" in screen and "build 4712" in screen

        terminal.resize(60, 10)
        terminal.wait_until(lambda text: max(map(len, text.splitlines())) <= 60 and "q ends it" in text, "the new size")
        terminal.type("q")
        assert "q ends it" not in terminal.wait_for("ended with 0\nsame settings\n")
        assert (terminal.fact("alternate_on"), terminal.fact("cursor_flag"), terminal.fact("wrap_flag")) == ("0", "1", "1")


@pytest.mark.parametrize("end", ["Ctrl-C", "SIGTERM", "SIGHUP"])
def test_signals_end_it_and_give_the_terminal_back(server, tmp_path, settings, end):
    with shell_on(tmp_path, settings(server)) as terminal:
        terminal.type(f"{binary()} watch & echo $! >number; fg %1 >/dev/null; echo ended with $?\n")
        terminal.wait_for("q ends it")
        if end == "Ctrl-C":
            terminal.press("C-c")
        else:
            os.kill(int((tmp_path / "number").read_text()), getattr(signal, end))
        terminal.wait_for("ended with 0")
        assert (terminal.fact("alternate_on"), terminal.fact("cursor_flag")) == ("0", "1")


def test_it_goes_on_while_the_server_is_away_and_ends_at_once_even_then(tmp_path, settings):
    with Server() as server, shell_on(tmp_path, settings(server)) as terminal:
        server.create("testStack2192", REPO)
        terminal.type(f"{binary()} watch --interval 1s; echo ended with $?\n")
        terminal.wait_for("q ends it")
        server.kill()
        screen = terminal.wait_for("no answer since")
        assert "testStack2192" in screen and "trying again" not in screen
        server.start()
        terminal.wait_for("q ends it")
        os.kill(server.process.pid, signal.SIGSTOP)  # a call that is never answered
        terminal.wait_for("no answer since")
        terminal.type("q")
        terminal.wait_for("ended with 0")


def test_without_a_terminal_it_prints_a_line_for_each_change(server, tmp_path, settings):
    server.create("testStack2192", REPO)
    with open(tmp_path / "out", "wb") as out:
        process = subprocess.Popen([binary(), "watch", "--interval", "1s", "--output", "json"], stdout=out,
                                   env=clean_environment(**settings(server)))
    try:
        def lines(count):
            found = (tmp_path / "out").read_text().splitlines()
            return found if len(found) >= count else None

        first = json.loads(wait_until(lambda: lines(1))[0])
        assert (first["what"], first["stack"]["state"]) == ("stack", "available")
        claim(server, REPO, requestId="first", holder={"job": "build 4711"})
        second = json.loads(wait_until(lambda: lines(2))[1])
        assert (second["what"], second["stack"]["state"]) == ("stack changed", "claimed")
        assert second["stack"]["claim"]["holder"] == {"job": "build 4711"} and "claimId" not in str(second)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == -signal.SIGINT
