"""Starts the real binary for the end-to-end and robustness tests, and talks to it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "secret"


def binary():
    return Path(os.environ.get("BDD_LOCK_TEST_BINARY", ROOT / "build" / "release" / "bdd-lock"))


def clean_environment(**more):
    """The environment without anything that would configure bdd-lock."""
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith("BDD_") and k not in ("REPO_NAME", "EXPIRY_SECONDS")}
    return {**kept, **more}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        return json.loads(self.body)


class Connection:
    """One keep-alive connection. Raises OSError or http.client.HTTPException when it breaks."""

    def __init__(self, port, token=TOKEN, timeout=10):
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self.token = token

    def call(self, method, path, body=None, headers=None):
        sent = dict(headers or {})
        if self.token is not None and "Authorization" not in sent:
            sent["Authorization"] = self.token
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        self.http.request(method, path, body=body, headers=sent)
        answer = self.http.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())

    def close(self):
        self.http.close()


class Server:
    """`bdd-lock serve` on a free loopback port. A context manager: it is stopped at the end."""

    def __init__(self, *arguments, store=None, token=TOKEN, port=None, env=None, folder=None, wait=True):
        self.port = port or free_port()
        self.folder = Path(folder or tempfile.mkdtemp(prefix="bdd-lock-test-"))
        self.store = store or f"sqlite:{self.folder / 'bdd-lock.db'}"
        self.arguments = arguments
        self.env = clean_environment(**(env or {}))
        if token is not None:
            self.env["BDD_LOCK_TABLE_AUTH_TOKEN"] = token
        self.log_path = self.folder / "server.log"
        self.process = None
        self.start(wait)

    def start(self, wait=True):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [binary(), "serve", "--listen", f"127.0.0.1:{self.port}", "--store", self.store,
                 *self.arguments],
                env=self.env, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder)
        if wait:
            self.wait_ready()

    def wait_ready(self, seconds=20):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log()}")
            try:
                if self.call("GET", "/readyz").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.005)
        raise AssertionError(f"the server was not ready within {seconds} s:\n{self.log()}")

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def call(self, method, path, body=None, headers=None, token=TOKEN):
        connection = Connection(self.port, token)
        try:
            return connection.call(method, path, body, headers)
        finally:
            connection.close()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def events(self, name=None):
        found = []
        for line in self.log().splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if name is None or entry.get("event") == name:
                found.append(entry)
        return found

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=15):
        """SIGTERM; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def run_cli(*arguments, env=None, server=None, token=TOKEN, stdin=None, timeout=60, cwd=None):
    """Runs the binary as a client; returns subprocess.CompletedProcess with text output."""
    full = clean_environment()
    if server is not None:
        full["BDD_LOCK_ENDPOINT"] = server.endpoint
    if token is not None:
        full["BDD_LOCK_AUTH_TOKEN"] = token
    full.update(env or {})
    return subprocess.run([binary(), *arguments], env=full, input=stdin, capture_output=True, text=True,
                          timeout=timeout, cwd=cwd)
