"""Clients behind a proxy that spoils their calls, on a server that is killed again and again, and the checker over
what came of it. A test runs it for seconds; ./dev chaos runs it for as long as is wanted.

The seed repeats what the clients choose, what the proxy spoils and when the kill comes, not how threads meet.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests" / "support")]

from claimcheck.__main__ import create, pool_of
from claimcheck.checker import Server as Told
from claimcheck.checker import check
from claimcheck.client import Client, Connection, say_in_the_end
from claimcheck.knowledge import Knowledge
from claimcheck.operation import History, write_file
from claimcheck.traffic import Mix, Traffic, quiesce
from drop_proxy import DropProxy
from server import TOKEN, Server, contract

REPO = "chaos"
EXPIRY = 4  # seconds: seed claims are swept after this
SECONDS_TO_END = 30
WITNESS = -2  # its number among the clients
RECENT = 10_000  # operations among which the claims are that still live
MIX = Mix(seed_vanish=0.1, sweeps=True)


@dataclass
class Result:
    operations: list
    faults: list
    history: str
    kills: int
    proxied: Counter = field(default_factory=Counter)
    events: int = 0
    orders: int = 0

    def __str__(self):
        kinds = Counter(op.kind for op in self.operations)
        claims = {document["claim"] for op in self.operations for document in op.answer.get("claims", [])}
        unknown = sum(op.unknown for op in self.operations)
        waited = sum(op.status == 202 for op in self.operations)
        lost = sum(op.status == 410 for op in self.operations)
        return (f"{len(self.operations)} calls ({dict(kinds)}), {len(claims)} claims, {waited} told to wait, "
                f"{lost} told that it is over, {unknown} without an answer, {self.kills} kills, "
                f"{self.events} events, {self.orders} sure orders; proxy: {dict(self.proxied)}")


def chaos(seed, seconds, clients=16, stacks=4, mix=MIX, kill_every=(0.4, 2.5)):
    """One run. The history is written to a file whatever happens."""
    rng = random.Random(seed)
    pool = pool_of(REPO, stacks)
    history = History()
    with Server("--expiry-seconds", f"{EXPIRY}s", "--access-log", "off") as server, \
            DropProxy(server.port, seed) as proxy:
        create(Connection(server.endpoint, TOKEN), REPO, pool)
        traffic = Traffic(proxy.endpoint, TOKEN, REPO, pool, history, clients, seed, mix, settles=True,
                          observe=hold_against_the_document)
        traffic.start()
        try:
            kills = kill_at_random(server, rng, time.monotonic() + seconds, kill_every, traffic)
        finally:
            traffic.stop()
        quiet = quiesce(traffic, server.endpoint, SECONDS_TO_END)
        direct = Connection(server.endpoint, TOKEN)
        told = Told(*say_in_the_end(direct, REPO))
        faults = [] if quiet else [f"not all stacks are free {SECONDS_TO_END} s after the last client has gone"]
        faults += can_all_be_claimed(direct, pool)
        direct.close()
        assert server.stop() == 0
    of_server = {"expiry": EXPIRY}
    path = tempfile.mkstemp(prefix=f"bdd-lock-chaos-{seed}-", suffix=".jsonl")[1]
    write_file(path, history.operations, pool=pool, events=told.events, stacks=told.stacks, ofServer=of_server)
    verdict = check(history.operations, pool, told, **of_server)
    return Result(history.operations, faults + verdict.faults, path, kills, proxy.counts, len(told.events),
                  verdict.orders)


def hold_against_the_document(method, path, status, headers, text):
    """All answers that are not the usual ones, and a part of those: it takes longer than the call."""
    if status not in (200, 202, 409) or hash(text) % 8 == 0:
        contract().check(method, path, status, headers, text)


def kill_at_random(server, rng, until, every, traffic):
    kills = 0
    while time.monotonic() < until and not traffic.is_over():
        time.sleep(min(rng.uniform(*every), max(until - time.monotonic(), 0)))
        server.kill()
        kills += 1
        if rng.random() < 0.2:
            time.sleep(rng.uniform(0, 1))  # an outage that clients notice
        server.start()
        look_at_all_that_live(server, traffic)
    return kills


def look_at_all_that_live(server, traffic):
    """Asks the server for each claim that was surely there when it was killed, and notes what it says."""
    now = time.monotonic()
    recent = [op for op in traffic.history.operations[-RECENT:] if op.sent > now - 10]
    known = Knowledge(recent, expiry=EXPIRY)
    witness = Client(WITNESS, traffic.history, server.endpoint, TOKEN)
    for claim in known.claims.values():
        if known.sure_end(claim) > now:
            witness.look(traffic.history.keys[claim.id])
    witness.close()


def can_all_be_claimed(connection, pool):
    """None is lost: in the end one request gets them all."""
    wish = {"count": len(pool), "leaseSeconds": 1, "requestId": "all-of-them"}
    status, document = connection.call("POST", f"/v1/repos/{REPO}/claims", wish)
    if status == 200 and {claim["stackName"] for claim in document["claims"]} == set(pool):
        return []
    return [f"in the end not all stacks can be claimed: {status} {document}"]


def say_what_came_of_it(result):
    """The exit code."""
    print(result)
    print(f"the history is in {result.history}")
    for fault in result.faults:
        print(f"  {fault}")
    print("nothing is wrong" if not result.faults else f"{len(result.faults)} faults")
    return 1 if result.faults else 0


def main(words):
    parser = argparse.ArgumentParser(prog="./dev chaos", description="Clients on a server of their own that is "
                                     "killed again and again, for as long as you like, and the checker over it.")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--stacks", type=int, default=4)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("BDD_LOCK_SEED", random.randrange(1 << 30))))
    given = parser.parse_args(words)
    print(f"seed {given.seed}", flush=True)
    result = chaos(given.seed, given.seconds, given.clients, given.stacks)
    return say_what_came_of_it(result)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
