"""Redis, with every change on the disk before it is answered. No snapshots and no rewriting of its log, which
could fall into another's turn."""

import re
import socket

from peer import BenchError, Peer, output_of

BATCH = 2000


class Redis(Peer):
    """A hash for each stack. No index by repo, and no fencing tokens."""
    title, protocol = "Redis", "redis"
    count_available = ("local n = 0 for _, k in ipairs(redis.call('KEYS', 'stack-*')) do "
                       "if redis.call('HGET', k, 'isAvailable') == 'x' then n = n + 1 end end return n")

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

    def commands_of(self, name, repo):
        """What puts a stack in."""
        return [("HSET", name, "repoName", repo, "isAvailable", "x", "lastUsed", "0")]

    def fill(self):
        batch = []
        for name, repo in self.table.rows():
            batch += self.commands_of(name, repo)
            if len(batch) >= BATCH:
                self.put(batch)
                batch = []
        self.put(batch)

    def put(self, batch):
        if not all(answer.startswith(b":") for answer in self.exchange(batch)):
            raise BenchError("Redis took not all stacks")

    def available(self):
        return int(self.exchange([("EVAL", self.count_available, "0")])[0][1:])


class RedisAny(Redis):
    """A list of the free stacks for each repo; owner, lease and fencing token in a hash for each stack
    (bench/redis_any_session.cpp)."""
    protocol = "redis-any"
    count_available = ("local n = 0 for _, k in ipairs(redis.call('KEYS', 'repo-*')) do "
                       "n = n + redis.call('LLEN', k) end return n")

    def commands_of(self, name, repo):
        return [("HSET", name, "owner", "", "expiresAt", "0", "token", "0"), ("RPUSH", repo, name)]
