"""`bdd-lock run` on a terminal: one moving line while it waits, Ctrl-C, and a command that talks to a person."""

import os
import pty
import signal

from runs import Run, job_environment, states, wait_claimed, waiting
from server import PATIENCE_SECONDS, binary, wait_until


class Terminal:
    """A program on a terminal of its own, as in a window of 40 columns."""

    def __init__(self, server, *arguments, **env):
        full = job_environment(server.endpoint, TERM="xterm", **env)
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.execve(binary(), [str(binary()), *arguments], full)
        self.seen = b""

    def read_until(self, text):
        while text not in self.seen:
            try:
                piece = os.read(self.master, 4096)
            except OSError:
                piece = b""
            assert piece, (text, self.seen)
            self.seen += piece

    def type(self, keys):
        os.write(self.master, keys)

    def end(self):
        """Reads the rest; its exit code."""
        while True:
            try:
                piece = os.read(self.master, 4096)
            except OSError:
                break
            if not piece:
                break
            self.seen += piece
        _, status = os.waitpid(self.pid, 0)
        os.close(self.master)
        return os.waitstatus_to_exitcode(status)


def test_the_place_is_one_line_that_moves_and_is_gone_at_the_end(server, tmp_path):
    server.create("alpha")
    with Run(server, [], "while ! [ -e go ]; do sleep 0.02; done", tmp_path) as first:
        wait_claimed(server, "alpha")
        terminal = Terminal(server, "run", "--no-create", "--", "echo", "it runs")
        terminal.read_until(b"place 1 for r")
        assert b"\r" in terminal.seen and b"\n" not in terminal.seen
        (tmp_path / "go").write_text("")
        first.end()
    assert terminal.end() == 0
    assert b"\r\x1b[Kbdd-lock: lent the stack alpha" in terminal.seen
    assert b"it runs\r\n" in terminal.seen
    assert states(server) == {"alpha": "available"}


def test_ctrl_c_while_it_waits_withdraws_the_request(server):
    server.create("alpha", available=False)
    terminal = Terminal(server, "run", "--no-create", "--", "echo", "it runs")
    terminal.read_until(b"place 1 for r")
    terminal.type(b"\x03")
    assert terminal.end() == 128 + signal.SIGINT
    assert b"it runs" not in terminal.seen
    assert waiting(server) == []


def test_the_command_has_the_keyboard_and_ctrl_c(server):
    server.create("alpha")
    terminal = Terminal(server, "run", "--", "sh", "-c", "read -r word; echo \"got $word\"; while :; do sleep 0.05; done")
    terminal.read_until(b"lent the stack alpha")
    terminal.type(b"hello\n")
    terminal.read_until(b"got hello")
    terminal.type(b"\x03")
    assert terminal.end() == 128 + signal.SIGINT
    wait_until(lambda: states(server) == {"alpha": "available"}, PATIENCE_SECONDS, "the release")
    assert server.stacks()["alpha"]["lastEnd"]["outcome"] == "cancelled"
