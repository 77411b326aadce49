"""The servers that ./dev bench measures, each in a private folder and on a free loopback port.

start() returns once it answers; fill() puts the stacks in, all available; available() counts those that
are; stop() ends it by its process id and is safe to call twice. Peers get what favours them: no index by
repo and no fencing tokens, which this server keeps, and no background work, which could fall into another's
turn.
"""

import http.client
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

TOKEN = "bench-" + os.urandom(12).hex()
REPO = "paymentService"


class BenchError(Exception):
    """Something did not start or answered wrongly: the run has failed."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def stack_names(count):
    return (f"stack-{number:07}" for number in range(count))


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Peer:
    title = protocol = None

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir()
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


class BddLock(Peer):
    """This server as `serve` starts it, with its defaults: token, events, access log into a file."""
    title, protocol = "bdd-lock", "seed"
    binary = None

    @classmethod
    def version(cls):
        return output_of(cls.binary, "version").splitlines()[0].removeprefix("bdd-lock ")

    def command(self):
        return [self.binary, "serve", "--listen", f"127.0.0.1:{self.port}",
                "--store", f"sqlite:{self.folder / 'bdd-lock.db'}"]

    def environment(self):
        return {**super().environment(), "BDD_LOCK_TABLE_AUTH_TOKEN": TOKEN}

    def answers(self):
        try:
            return self.call("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def call(self, method, path, body=None, connection=None):
        http_connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        http_connection.request(method, path, body=body, headers={"Authorization": TOKEN})
        answer = http_connection.getresponse()
        text = answer.read()
        if connection is None:
            http_connection.close()
        return answer.status, text

    def fill(self, count):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        lines, size = [], 0
        for name in stack_names(count):
            line = json.dumps({"stackName": name, "repoName": REPO, "isAvailable": "x"}) + "\n"
            if size + len(line) > 60_000:
                self.import_lines(lines, connection)
                lines, size = [], 0
            lines.append(line)
            size += len(line)
        self.import_lines(lines, connection)
        connection.close()

    def import_lines(self, lines, connection):
        status, text = self.call("POST", "/v1/import", "".join(lines), connection)
        if status != 200:
            raise BenchError(f"import: {status} {text.decode()}")

    def available(self):
        status, text = self.call("GET", f"/get-available/{REPO}")
        if status != 200:
            raise BenchError(f"get-available: {status} {text.decode()}")
        return len(json.loads(text)["results"])


class Redis(Peer):
    title, protocol = "Redis", "redis"

    @classmethod
    def version(cls):
        return re.search(r"v=(\S+)", output_of("redis-server", "--version")).group(1)

    def command(self):
        return ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder),
                "--daemonize", "no", "--save", "", "--appendonly", "yes", "--appendfsync", "always",
                "--auto-aof-rewrite-percentage", "0"]

    def answers(self):
        try:
            return self.exchange([("PING",)]) == [b"+PONG"]
        except OSError:
            return False

    def exchange(self, commands):
        """Sends them all, and returns one line for each."""
        encoded = b"".join(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word.encode())
                                                             for word in words) for words in commands)
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(encoded)
            with connection.makefile("rb") as lines:
                return [lines.readline().rstrip(b"\r\n") for _ in commands]

    def fill(self, count):
        batch = []
        for name in stack_names(count):
            batch.append(("HSET", name, "repoName", REPO, "isAvailable", "x", "lastUsed", "0"))
            if len(batch) == 2000:
                self.put(batch)
                batch = []
        self.put(batch)

    def put(self, batch):
        if any(answer != b":3" for answer in self.exchange(batch)):
            raise BenchError("Redis took not all stacks")

    def available(self):
        script = ("local n = 0 for _, k in ipairs(redis.call('KEYS', 'stack-*')) do "
                  "if redis.call('HGET', k, 'isAvailable') == 'x' then n = n + 1 end end return n")
        return int(self.exchange([("EVAL", script, "0")])[0][1:])


class Postgres(Peer):
    """Debian's newest. It refuses to run as root; then it runs as the user `postgres`."""
    title, protocol = "PostgreSQL", "postgres"

    settings = {
        "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "synchronous_commit": "on",
        "fsync": "on", "max_connections": "300", "shared_buffers": "512MB", "max_wal_size": "16GB",
        # Not in another's turn: no timed checkpoint, and no vacuum (pages are pruned by the updates).
        "checkpoint_timeout": "1d", "autovacuum": "off",
    }

    @staticmethod
    def tool(name):
        found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[4]))
        if not found:
            raise BenchError("PostgreSQL is not installed; try tools/install-deps bench")
        return str(found[-1])

    @classmethod
    def version(cls):
        return output_of(cls.tool("postgres"), "--version").split()[2]

    @property
    def data(self):
        return self.folder / "data"

    def as_owner(self, *command):
        if os.getuid() != 0:
            return list(command)
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", *command]

    def create_cluster(self):
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        subprocess.run(self.as_owner(self.tool("initdb"), "-D", str(self.data), "-U", "postgres", "-A",
                                     "trust", "-E", "UTF8", "--no-locale"),
                       check=True, capture_output=True, env=self.environment(), cwd=self.folder)

    def command(self):
        options = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        return self.as_owner(self.tool("postgres"), "-D", str(self.data), "-p", str(self.port), *options)

    def start(self):
        if not self.data.exists():
            self.create_cluster()
        return super().start()

    def stop(self, how=signal.SIGINT):  # a fast shutdown: does not wait for clients
        super().stop(how)

    def answers(self):
        return subprocess.run(self.psql("-c", "SELECT 1"), capture_output=True, cwd=self.folder,
                              env=self.environment()).returncode == 0

    def psql(self, *words, database="postgres"):
        return [self.tool("psql"), "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
                "-p", str(self.port), "-U", "postgres", "-d", database, *words]

    def sql(self, text, database="bench", rows=None):
        done = subprocess.run(self.psql("-c", text, database=database), cwd=self.folder,
                              env=self.environment(), capture_output=True, text=True, input=rows)
        if done.returncode != 0:
            raise BenchError(f"psql: {done.stderr}")
        return done.stdout.strip()

    def fill(self, count):
        self.sql("CREATE DATABASE bench", database="postgres")
        # Room in each page, so that an update need not touch the index.
        self.sql("CREATE TABLE stacks (stack_name text PRIMARY KEY, repo_name text NOT NULL, "
                 "is_available text, last_used timestamptz NOT NULL) WITH (fillfactor = 50)")
        rows = "".join(f"{name}\t{REPO}\tx\t2025-01-01 00:00:00+00\n" for name in stack_names(count))
        self.sql("COPY stacks FROM STDIN", rows=rows)

    def settle(self):
        self.sql("VACUUM ANALYZE stacks")
        self.sql("CHECKPOINT")

    def available(self):
        return int(self.sql("SELECT count(*) FROM stacks WHERE is_available = 'x'"))


PEERS = {"bdd-lock": BddLock, "redis": Redis, "postgres": Postgres}


def private_folder(parent):
    """A new folder below `parent`, on the disk that is measured. Root's PostgreSQL must be able to reach
    it; where it cannot, a folder in /var/tmp takes its place."""
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=parent))
    folder.chmod(0o755)
    reachable = all(step.stat().st_mode & 0o001 for step in folder.parents)
    if os.getuid() == 0 and not reachable:
        shutil.rmtree(folder)
        folder = Path(tempfile.mkdtemp(prefix="bdd-lock-bench-", dir="/var/tmp"))
        folder.chmod(0o755)
    return folder
