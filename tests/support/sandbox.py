"""A sandbox as AWS Lambda makes it: the unpacked zip in a root directory that holds nothing else, started with
Lambda's variables, and a Runtime API of its own (runtime_api.py)."""

import os
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path

from runtime_api import RuntimeApi
from server import PATIENCE_SECONDS, ROOT, TOKEN, assert_no_secret, binary, clean_environment, wait_until


def unpack(folder):
    """Packs the binary under test as ./dev lambda-zip does, and unpacks it as Lambda does; the root directory."""
    target = folder / "bdd-lock-lambda.zip"
    done = subprocess.run([ROOT / "tools" / "lambda-zip", binary(), target], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    root = folder / "root"
    task = root / "var" / "task"
    task.mkdir(parents=True)
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["bootstrap"]
        mode = archive.getinfo("bootstrap").external_attr >> 16
        archive.extractall(task)
    (task / "bootstrap").chmod(mode & 0o777)
    return root


TIME_LIMIT_MS = 60_000  # more than an API Gateway gives: the tests share a busy machine


class FunctionEnded(Exception):
    """The program ended before it answered, as the text of its exit says."""


class Sandbox:
    """A context manager: the program is killed at the end, as Lambda does it. Any number of sandboxes may share a
    root directory."""

    def __init__(self, root, env, token=TOKEN):
        self.env = clean_environment(**env)
        if token is not None:
            self.env["BDD_LOCK_TABLE_AUTH_TOKEN"] = token
        self.root = Path(root)
        self.api = RuntimeApi()
        self.log_file = tempfile.TemporaryFile()
        self.process = None

    def __enter__(self):
        self.api.__enter__()
        enter = ["chroot", str(self.root)] if os.getuid() == 0 else ["unshare", "-r", "chroot", str(self.root)]
        self.process = subprocess.Popen(
            [*enter, "/var/task/bootstrap"], stdin=subprocess.DEVNULL, stdout=self.log_file,
            stderr=self.log_file, env={**self.env, "AWS_LAMBDA_RUNTIME_API": self.api.address,
                                       "LAMBDA_TASK_ROOT": "/var/task", "_HANDLER": "bootstrap"})
        return self

    def __exit__(self, *_):
        self.kill()
        self.api.__exit__()
        assert_no_secret(self.log(), "the function's log")
        self.log_file.close()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def log(self):
        return os.pread(self.log_file.fileno(), 1 << 24, 0).decode(errors="replace")

    def wait_asked(self):
        wait_until(lambda: self.api.asked.is_set() or self.process.poll() is not None, what="the first question")

    def wait_end(self):
        """The program's exit code."""
        return self.process.wait(PATIENCE_SECONDS)

    def invoke(self, event, time_limit_ms=TIME_LIMIT_MS):
        """The finished invocation. Raises FunctionEnded, and TimeoutError when its time is over, which kills the
        program in the middle of what it does."""
        invocation = self.api.invoke(event, time_limit_ms)
        while not invocation.done.wait(0.02):
            if self.process.poll() is not None:
                raise FunctionEnded(f"exit {self.process.returncode}:\n{self.log()}")
            if invocation.deadline_ms <= self.now_ms():
                self.kill()
                raise TimeoutError("the function's time was over")
        return invocation

    @staticmethod
    def now_ms():
        return int(time.time() * 1000)

    def resident_bytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024
