"""PostgreSQL, Debian's newest. It refuses to run as root; then it runs as the user `postgres`."""

import os
import pwd
import signal
import subprocess
from pathlib import Path

from peer import BenchError, Peer, output_of


class Postgres(Peer):
    """One row for each stack. No index by repo, and no fencing tokens."""
    title, protocol = "PostgreSQL", "postgres"
    is_one_process = False

    settings = {
        "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "synchronous_commit": "on",
        "fsync": "on", "max_connections": "300", "shared_buffers": "512MB", "max_wal_size": "16GB",
        # Not in another's turn: no timed checkpoint, and no vacuum (pages are pruned by the updates).
        "checkpoint_timeout": "1d", "autovacuum": "off",
    }
    columns = "stack_name text PRIMARY KEY, repo_name text NOT NULL, is_available text, last_used timestamptz NOT NULL"
    of_each_row = "x\t2025-01-01 00:00:00+00"
    index = None
    is_available = "is_available = 'x'"

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

    def fill(self):
        self.sql("CREATE DATABASE bench", database="postgres")
        # Room in each page, so that an update need not touch an index.
        self.sql(f"CREATE TABLE stacks ({self.columns}) WITH (fillfactor = 50)")
        rows = "".join(f"{name}\t{repo}\t{self.of_each_row}\n" for name, repo in self.table.rows())
        self.sql("COPY stacks FROM STDIN", rows=rows)
        if self.index:
            self.sql(f"CREATE INDEX ON stacks {self.index}")

    def settle(self):
        self.sql("VACUUM ANALYZE stacks")
        self.sql("CHECKPOINT")

    def available(self):
        return int(self.sql(f"SELECT count(*) FROM stacks WHERE {self.is_available}"))


class PostgresAny(Postgres):
    """With owner, lease and fencing token, and an index by repo (bench/postgres_any_session.cpp)."""
    protocol = "postgres-any"
    columns = ("stack_name text PRIMARY KEY, repo_name text NOT NULL, owner text, "
               "expires_at timestamptz NOT NULL, fencing_token bigint NOT NULL")
    of_each_row = "\\N\t-infinity\t0"
    index = "(repo_name)"
    is_available = "expires_at <= now()"
