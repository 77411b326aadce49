"""Starts the real binary for the end-to-end and robustness tests, and talks to it.

Every answer is checked against the OpenAPI document that the binary serves, and everything that it prints
is searched for the tokens that the tests use (a token belongs in no log, no error and no process list).
"""

import collections
import functools
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from contract import Contract

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "e2e-token-9b1f6c02d7"
PATIENCE_SECONDS = 60  # for what must come: only a test that fails waits so long, however busy the machine is
SECRETS = {TOKEN}  # a test that uses another token adds it


def binary():
    return Path(os.environ.get("BDD_LOCK_TEST_BINARY", ROOT / "build" / "release" / "bdd-lock"))


def clean_environment(**more):
    """The environment without anything that would configure bdd-lock, or send curl to a proxy: the tests' calls
    stay on this machine."""
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith(("BDD_", "SSL_CERT_", "AWS_")) and k not in ("REPO_NAME", "EXPIRY_SECONDS")
            and k not in proxy_settings()}
    return {**kept, **more}


def proxy_settings():
    """What leads programs that fetch packages to the network."""
    return {k: v for k, v in os.environ.items() if k.lower().endswith("_proxy")}


_holders = collections.deque()


def free_port():
    """A free port below the range that the kernel takes for outgoing connections: while the server is down a
    client that tries to connect there must not be given the port itself.

    A socket that does not listen goes on holding it, so that nobody else is given it before the server has
    it or between two of its lives. The server may have it all the same: both allow the address to be reused.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        holder = socket.socket()
        try:
            holder.bind(("127.0.0.1", port))
        except OSError:
            holder.close()
            continue
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _holders.append(holder)
        if len(_holders) > 100:
            _holders.popleft().close()
        return port


def wait_until(condition, seconds=PATIENCE_SECONDS, what="it"):
    """Polls until the condition gives something true, and returns that."""
    until = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(0.005)


def assert_no_secret(text, where):
    for secret in SECRETS:
        assert secret not in text, f"a token is in {where}"


@functools.cache
def contract():
    """The contract that the binary under test publishes at /openapi.json."""
    with Server(store="memory:", checked=False) as server:
        return Contract(server.call("GET", "/openapi.json").json())


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

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Connection:
    """One keep-alive connection. Raises OSError or http.client.HTTPException when it breaks, ContractError
    (see contract.py) when the answer is none that the API's document allows."""

    def __init__(self, port, token=TOKEN, timeout=PATIENCE_SECONDS, checked=True):
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self.token = token
        self.checked = checked

    def call(self, method, path, body=None, headers=None):
        sent = dict(headers or {})
        if self.token is not None and "Authorization" not in sent:
            sent["Authorization"] = self.token
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        self.http.request(method, path, body=body, headers=sent)
        got = self.http.getresponse()
        answer = Answer(got.status, dict(got.getheaders()), got.read())
        if self.checked:
            contract().check(method, path, answer.status, answer.headers, answer.body)
        return answer

    def close(self):
        self.http.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Server:
    """`bdd-lock serve` on a free loopback port. A context manager: it is stopped at the end.

    `user`: run as this uid (needs root). `checked=False`: answers are not held against the API's document.
    `program`: the words to run instead of the binary under test, without "serve" and its arguments.
    """

    def __init__(self, *arguments, store=None, token=TOKEN, port=None, env=None, folder=None, wait=True,
                 user=None, checked=True, program=None):
        self.port = port or free_port()
        self.made_folder = folder is None
        self.folder = Path(folder or tempfile.mkdtemp(prefix="bdd-lock-test-"))
        self.store = store or f"sqlite:{self.folder / 'bdd-lock.db'}"
        self.arguments = arguments
        self.env = clean_environment(**(env or {}))
        if token is not None:
            self.env["BDD_LOCK_TABLE_AUTH_TOKEN"] = token
        self.token = token
        self.user = user
        self.checked = checked
        self.program = program or [binary()]
        self.log_path = self.folder / "server.log"
        self.process = None
        self.start(wait)

    @property
    def data_file(self):
        return Path(self.store.removeprefix("sqlite:"))

    def start(self, wait=True):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*self.program, "serve", "--listen", f"127.0.0.1:{self.port}", "--store", self.store,
                 *self.arguments],
                env=self.env, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder,
                user=self.user)
        if wait:
            try:
                self.wait_ready()
            except AssertionError:
                self.kill()
                raise

    def wait_ready(self, seconds=PATIENCE_SECONDS):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log()}")
            try:
                with Connection(self.port, checked=False) as connection:
                    if connection.call("GET", "/readyz").status == 200:
                        return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.005)
        raise AssertionError(f"the server was not ready within {seconds} s:\n{self.log()}")

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def connect(self, token=TOKEN, timeout=PATIENCE_SECONDS):
        return Connection(self.port, token, timeout, self.checked)

    def call(self, method, path, body=None, headers=None, token=TOKEN):
        with self.connect(token) as connection:
            return connection.call(method, path, body, headers)

    def create(self, name, repo="r", available=True):
        body = {"stackName": name, "repoName": repo, "isAvailable": available}
        answer = self.call("POST", "/create-stack", body)
        assert answer.status == 200, answer

    def stacks(self):
        """The whole table as /v1/stacks shows it, by name."""
        found = {}
        cursor = ""
        while True:
            page = self.call("GET", f"/v1/stacks?limit=1000{cursor}").json()
            found.update((item["stackName"], item) for item in page["items"])
            if page["nextCursor"] is None:
                return found
            cursor = f"&cursor={page['nextCursor']}"

    def export(self):
        """The lines of /v1/export, as objects."""
        answer = self.call("GET", "/v1/export")
        assert answer.status == 200, answer
        return [json.loads(line) for line in answer.body.splitlines()]

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

    def wait_for_event(self, name, seconds=PATIENCE_SECONDS):
        return wait_until(lambda: self.events(name), seconds, f"the event {name}")[-1]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=PATIENCE_SECONDS, by=signal.SIGTERM):
        """SIGTERM; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        return self.wait_end(seconds)

    def wait_end(self, seconds=PATIENCE_SECONDS):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def check_log(self):
        """Each line of a JSON log is an object with a time, a level and an event."""
        for line in self.log().splitlines():
            entry = json.loads(line)
            assert {"at", "level", "event"} <= entry.keys(), line

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if failure is not None:
            print(f"the server's log:\n{self.log()[-4000:]}")
            return
        assert_no_secret(self.log(), "the server's log")
        if self.made_folder:
            shutil.rmtree(self.folder)


def run_program(arguments, timeout=2 * PATIENCE_SECONDS, **options):
    """subprocess.run with text output, which is searched for tokens."""
    done = subprocess.run(arguments, capture_output=True, text=True, errors="replace", timeout=timeout,
                          **options)
    assert_no_secret(done.stdout + done.stderr, f"the output of {arguments[1:]}")
    return done


def run_cli(*arguments, env=None, server=None, token=TOKEN, stdin=None, timeout=2 * PATIENCE_SECONDS, cwd=None):
    """Runs the binary as a client; returns subprocess.CompletedProcess with text output."""
    full = clean_environment()
    if server is not None:
        full["BDD_LOCK_ENDPOINT"] = server.endpoint
    if token is not None:
        full["BDD_LOCK_AUTH_TOKEN"] = token
    full.update(env or {})
    return run_program([binary(), *arguments], env=full, input=stdin, timeout=timeout, cwd=cwd)


def run_serve(*arguments, env=None, token=TOKEN, cwd=None, timeout=PATIENCE_SECONDS):
    """`bdd-lock serve` that is expected not to start; returns its end and what it said."""
    full = clean_environment(**(env or {}))
    if token is not None:
        full.setdefault("BDD_LOCK_TABLE_AUTH_TOKEN", token)
    return run_program([binary(), "serve", *arguments], env=full, cwd=cwd, timeout=timeout,
                       stdin=subprocess.DEVNULL)
