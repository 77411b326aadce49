"""What the servers that ./dev bench measures have in common. Each has a private folder, a free loopback port
and a table of stacks.

start() returns once it answers; fill() puts the table's stacks in, all available; available() counts those
that are; stop() ends it by its process id and is safe to call twice.
"""

import os
import re
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


class BenchError(Exception):
    """Something did not start or answered wrongly: the run has failed."""


@dataclass(frozen=True)
class Table:
    """The first stacks / repos of the stacks are those of the first repo, and so on (bench/names.hpp)."""
    stacks: int
    repos: int = 1

    def rows(self):
        in_repo = self.stacks // self.repos
        return ((f"stack-{number:07}", f"repo-{number // in_repo:04}") for number in range(self.stacks))

    def repo_names(self):
        return (f"repo-{number:04}" for number in range(self.repos))

    def __str__(self):
        return f"{self.stacks:,} stacks" + (f" of {self.repos:,} repos" if self.repos > 1 else "")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Peer:
    title = None
    is_one_process = True
    protocol = None  # of the load generator

    def __init__(self, folder, table):
        self.folder = Path(folder)
        self.folder.mkdir()
        self.table = table
        self.port = free_port()
        self.log = self.folder / "output.log"
        self.process = None

    def command(self):
        raise NotImplementedError

    def answers(self):
        raise NotImplementedError

    def environment(self):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("BDD_", "PG"))}
        return {**kept, "LC_ALL": "C"}

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), env=self.environment(), cwd=self.folder,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until = time.monotonic() + 20
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise BenchError(f"{self.title} did not start:\n{self.log_end()}")
            time.sleep(0.02)
        return self

    def log_end(self):
        return self.log.read_text(errors="replace")[-1500:]

    def stop(self, how=signal.SIGTERM):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def settle(self):
        """Called once after a large fill."""

    def resident_bytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def cpu_seconds(self):
        """What it has used so far, in user space and in the kernel: all of it, and each of its threads."""
        process = Path(f"/proc/{self.process.pid}")
        children = (process / "task" / str(self.process.pid) / "children").read_text().split()
        threads = {task.name: used(task) for task in (process / "task").glob("*")}
        return used(process, with_ended_children=True) + sum(used(Path("/proc") / child) for child in children), threads


def used(process, with_ended_children=False):
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:  # it ended meanwhile
        return 0
    return sum(map(int, fields[11:15 if with_ended_children else 13])) / os.sysconf("SC_CLK_TCK")
