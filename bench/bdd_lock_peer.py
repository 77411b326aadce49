"""This server as `serve` starts it, with its defaults: token, history, access log into a file."""

import http.client
import json
import os

from peer import BenchError, Peer, output_of

TOKEN = "bench-" + os.urandom(12).hex()
IMPORT_BYTES_MAX = 60_000


class BddLock(Peer):
    """Claimed and released by name, by the seed's API."""
    title, protocol = "bdd-lock", "seed"
    binary = None
    options = ()

    @classmethod
    def version(cls):
        return output_of(cls.binary, "version").splitlines()[0].removeprefix("bdd-lock ")

    def command(self):
        return [self.binary, "serve", "--listen", f"127.0.0.1:{self.port}",
                "--store", f"sqlite:{self.folder / 'bdd-lock.db'}", *self.options]

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

    def ask(self, path):
        status, text = self.call("GET", path)
        if status != 200:
            raise BenchError(f"{path}: {status} {text.decode()}")
        return json.loads(text)

    def fill(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        lines, size = [], 0
        for name, repo in self.table.rows():
            line = json.dumps({"stackName": name, "repoName": repo, "isAvailable": "x"}) + "\n"
            if size + len(line) > IMPORT_BYTES_MAX:
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
        return sum(len(self.ask(f"/get-available/{repo}")["results"]) for repo in self.table.repo_names())


class BddLockAny(BddLock):
    """Any stack of a repo, by the API v1."""
    protocol = "v1"

    def available(self):
        count, cursor = 0, ""
        while cursor is not None:
            page = self.ask(f"/v1/repos?limit=1000{cursor and f'&cursor={cursor}'}")
            count += sum(repo["available"] for repo in page["items"])
            cursor = page["nextCursor"]
        return count


class BddLockLine(BddLockAny):
    """With room for many long polls."""
    options = ("--max-connections", "20000")
