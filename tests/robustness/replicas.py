"""Several servers on one table of DynamoDB Local, behind a proxy that fails as DynamoDB and networks do, killed in
turn while clients use them all; beside them, if wanted, the original on the same table. Then the checker over what
came of it. A test runs it for seconds; ./dev replicas runs it for as long as is wanted.
"""

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field

from chaos import EXPIRY, REPO, Result, can_all_be_claimed, hold_against_the_document, say_what_came_of_it
from claimcheck.__main__ import create, pool_of
from claimcheck.checker import Server as Told
from claimcheck.checker import check
from claimcheck.client import Connection, say_in_the_end
from claimcheck.operation import History, Operation, write_file
from claimcheck.traffic import Mix, Traffic, Workers, quiesce
from dynamodb_faults import LATE_SECONDS, MIXED, DynamoDbFaults
from dynamodb_local import DynamoDbLocal
from original import Original
from server import TOKEN, Server

SECONDS_TO_END = 60
SETTLES_AFTER = LATE_SECONDS + 2
FIRST_ORIGINAL = 1000  # its number among the clients
MIX = Mix(seed_jobs=0.1, seed_vanish=0.1, sweeps=True)


@dataclass
class Setting:
    """What a run is made of. `fates`: of a thousand calls to DynamoDB, see DynamoDbFaults; {}: all goes well."""
    replicas: int = 3
    clients: int = 12
    originals: int = 0
    stacks: int = 4
    fates: dict = field(default_factory=lambda: MIXED)
    kill_every: tuple = (1.0, 4.0)
    mix: Mix = field(default_factory=lambda: MIX)


class OriginalJobs(Workers):
    """Clients of the original, and its sweep, noted in the history of the others: claims of what it lists, releases,
    and some releases again that come late and free whoever has the stack by then."""

    def __init__(self, port, table, history, count, seed):
        super().__init__()
        self.port, self.table, self.history = port, table, history
        self.threads = [threading.Thread(target=self.run, args=(FIRST_ORIGINAL + n, random.Random(seed * 31 + n)))
                        for n in range(count)]
        if count:
            self.threads.append(threading.Thread(target=self.sweep, args=(FIRST_ORIGINAL + count,)))

    def run(self, number, rng):
        try:
            with Original(self.port, self.table) as original:
                while not self.stopping.is_set():
                    self.job(number, rng, original)
        except BaseException as failure:  # raised again in stop()
            self.failures.append(failure)

    def job(self, number, rng, original):
        self.stopping.wait(rng.uniform(0, 0.6))  # slower than the others, or it would have all of the stacks
        names = original.available(REPO)
        name = rng.choice(names) if names else None
        if not name or not self.note("original_claim", number, original.claim, name):
            return self.stopping.wait(rng.uniform(0, 0.1))
        self.stopping.wait(rng.uniform(0, 0.15))
        if rng.random() < 0.1:
            return None  # never released: somebody must sweep
        self.note("original_release", number, original.release, name)
        if rng.random() < 0.1:
            self.stopping.wait(rng.uniform(0, 0.5))
            self.note("original_release", number, original.release, name)
        return None

    def sweep(self, number):
        try:
            with Original(self.port, self.table) as original:
                while not self.stopping.wait(0.7):
                    for name in original.stale(expiry=EXPIRY):
                        self.stopping.wait(0.02)  # decided, and not done yet
                        self.note("original_release", number, original.release, name)
        except BaseException as failure:
            self.failures.append(failure)

    def note(self, kind, number, act, name):
        op = Operation(kind, number, time.monotonic(), body={"stackName": name})
        done = act(name)
        op.answered = time.monotonic()
        op.status = 200 if done else 400
        self.history.add(op)
        return done


def run(seed, seconds, dynamodb, setting):
    """One run. The history is written to a file whatever happens."""
    rng = random.Random(seed)
    pool = pool_of(REPO, setting.stacks)
    history = History()
    table = dynamodb.new_table()
    with ExitStack() as stack:
        proxy = stack.enter_context(DynamoDbFaults(dynamodb.port, seed))
        env = {**dynamodb.env, "AWS_ENDPOINT_URL_DYNAMODB": proxy.endpoint}
        servers = [stack.enter_context(Server("--expiry-seconds", f"{EXPIRY}s", "--access-log", "off",
                                              store=f"dynamodb:{table}", env=env))
                   for _ in range(setting.replicas)]
        create(Connection(servers[0].endpoint, TOKEN, timeout=60), REPO, pool)
        proxy.fates = setting.fates
        traffic = Traffic([server.endpoint for server in servers], TOKEN, REPO, pool, history, setting.clients, seed,
                          setting.mix, settles=True, observe=hold_against_the_document, settles_after=SETTLES_AFTER)
        originals = OriginalJobs(dynamodb.port, table, history, setting.originals, seed)
        traffic.start()
        originals.start()
        try:
            kills = kill_in_turn(servers, rng, time.monotonic() + seconds, setting.kill_every, traffic)
        finally:
            proxy.fates = {}
            originals.stop()
            traffic.stop()
        time.sleep(LATE_SECONDS if proxy.late else 0)
        told, faults = look_at_the_end(servers, traffic, pool)
        for server in servers:
            assert server.stop() == 0
    of_server = {"expiry": EXPIRY, "replicas": True, "beside_original": setting.originals > 0}
    path = tempfile.mkstemp(prefix=f"bdd-lock-replicas-{seed}-", suffix=".jsonl")[1]
    write_file(path, history.operations, pool=pool, events=told.events, stacks=told.stacks, ofServer=of_server)
    verdict = check(history.operations, pool, told, **of_server)
    return Result(history.operations, faults + verdict.faults, path, kills, proxy.counts, len(told.events),
                  verdict.orders)


def look_at_the_end(servers, traffic, pool):
    quiet = quiesce(traffic, servers[0].endpoint, SECONDS_TO_END)
    direct = Connection(servers[-1].endpoint, TOKEN, timeout=60)
    told = Told(*say_in_the_end(direct, REPO))
    faults = [] if quiet else [f"not all stacks are free {SECONDS_TO_END} s after the last client has gone"]
    faults += can_all_be_claimed(direct, pool)
    direct.close()
    return told, faults


def kill_in_turn(servers, rng, until, every, traffic):
    kills = 0
    while time.monotonic() < until and not traffic.is_over():
        time.sleep(min(rng.uniform(*every), max(until - time.monotonic(), 0)))
        if time.monotonic() >= until:
            break
        server = rng.choice(servers)
        server.kill()
        kills += 1
        if rng.random() < 0.3:
            time.sleep(rng.uniform(0, 1))
        start_somehow(server, until + SECONDS_TO_END)
    return kills


def start_somehow(server, until):
    """What its first looks at the tables meet may be more than it takes: whoever runs it starts it again."""
    while True:
        try:
            return server.start()
        except AssertionError:
            if time.monotonic() > until:
                raise


def main(words):
    parser = argparse.ArgumentParser(prog="./dev replicas", description=__doc__.split("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument("--originals", type=int, default=0, help="clients of the original on the same table")
    parser.add_argument("--stacks", type=int, default=4)
    parser.add_argument("--no-faults", action="store_true", help="no proxy spoils anything")
    parser.add_argument("--no-kills", action="store_true")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("BDD_LOCK_SEED", random.randrange(1 << 30))))
    given = parser.parse_args(words)
    setting = Setting(given.replicas, given.clients, given.originals, given.stacks,
                      {} if given.no_faults else MIXED, (10**9, 10**9) if given.no_kills else (1.0, 4.0))
    print(f"seed {given.seed}", flush=True)
    with DynamoDbLocal() as dynamodb:
        result = run(given.seed, given.seconds, dynamodb, setting)
    return say_what_came_of_it(result)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
