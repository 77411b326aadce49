"""kill -9 in the middle of a load, again and again: every acknowledged change is found again, and no stack
is ever claimed twice. Set BDD_LOCK_KILLS and BDD_LOCK_SEED for longer or repeated runs."""

import http.client
import os
import random
import threading
import time

import pytest
from history import Op, check
from server import Connection, Server, wait_until

KILLS = int(os.environ.get("BDD_LOCK_KILLS", "300"))
SEED = int(os.environ.get("BDD_LOCK_SEED", str(random.randrange(1 << 30))))
KILLS_ON_DYNAMODB = int(os.environ.get("BDD_LOCK_KILLS", "6"))
CLIENTS = 12
STACKS = [f"stack-{n}" for n in range(6)]


class Load:
    """Clients that claim and release at random and write down what they saw."""

    def __init__(self, port, seed):
        self.port = port
        self.history = []
        self.stopping = threading.Event()
        self.up = threading.Event()
        self.threads = [threading.Thread(target=self.client, args=(n, random.Random(seed * 1000 + n)))
                        for n in range(CLIENTS)]
        self.unknown = []
        self.kills = []  # when each server was known to be dead
        self.resting = [True] * CLIENTS
        self.changes = 0
        self.failures = []  # of clients that got an answer that nobody should get
        self.lock = threading.Lock()

    def client(self, number, rng):
        try:
            self.work(number, rng)
        except BaseException as failure:
            self.failures.append(failure)  # raised again where the test sees it
        finally:
            self.resting[number] = True

    def work(self, number, rng):
        connection = None
        while not self.stopping.is_set():
            self.resting[number] = True
            if not self.up.wait(0.05):
                continue
            self.resting[number] = False
            if not self.up.is_set():
                continue
            connection = connection or Connection(self.port)
            op = Op(rng.choice(STACKS), rng.choice(["claim", "release"]), number, time.monotonic())
            try:
                answer = connection.call("PUT", f"/{op.kind}-stack/{op.stack}")
            except ConnectionRefusedError:  # nothing was sent
                time.sleep(0.002)
                continue
            except (OSError, http.client.HTTPException):
                connection.close()
                connection = None
                with self.lock:
                    self.unknown.append(op)
                time.sleep(0.002)
                continue
            op.answered = time.monotonic()
            assert answer.status in (200, 400), (answer.status, answer.body)
            op.outcome = answer.status == 200
            with self.lock:
                self.history.append(op)
                self.changes += op.outcome

    def wait_for_changes(self, count):
        """However long that takes on a busy machine: without changes a kill would mean little."""
        wait_until(lambda: self.failures or self.changes >= count, what="the load")

    def rest(self):
        """Waits until no client is in the middle of an attempt, so that the next one finds the next server."""
        while not all(self.resting):
            time.sleep(0.0005)
        if self.failures:
            raise self.failures[0]

    def lives(self):
        """The history, in one list for each server's life. What had no answer can have happened only while the
        server lived that it was sent to."""
        lives = [[] for _ in self.kills]
        for op in self.history + self.unknown:
            life = next(n for n, at in enumerate(self.kills) if at >= op.sent)
            if op.outcome is None:
                op.answered = self.kills[life]
            lives[life].append(op)
        return lives


def table(server):
    items = server.call("GET", "/v1/stacks?limit=1000").json()["items"]
    return {item["stackName"]: (item["state"], item["fencingToken"]) for item in items}


@pytest.mark.parametrize("kills", [KILLS])
def test_every_acknowledged_change_survives_kill_9(kills):
    with Server() as server:
        kill_again_and_again(server, kills)


@pytest.mark.parametrize("kills", [KILLS_ON_DYNAMODB])
def test_every_acknowledged_change_on_dynamodb_survives_kill_9(dynamodb, kills):
    with Server(store=f"dynamodb:{dynamodb.new_table()}", env=dynamodb.env) as server:
        kill_again_and_again(server, kills)


def kill_again_and_again(server, kills):
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    for name in STACKS:
        body = {"stackName": name, "repoName": "r", "isAvailable": True}
        assert server.call("POST", "/create-stack", body).status == 200
    load = Load(server.port, SEED)
    found = [table(server)]  # the table before each life and after the last
    for thread in load.threads:
        thread.start()
    try:
        for _ in range(kills):
            enough = load.changes + rng.choice([0, 2, 10])
            load.up.set()
            load.wait_for_changes(enough)
            time.sleep(rng.uniform(0, 0.1))
            load.up.clear()
            server.kill()
            load.rest()
            load.kills.append(time.monotonic())
            server.start()
            found.append(table(server))
    finally:
        load.stopping.set()
        for thread in load.threads:
            thread.join()
    load.rest()
    load.kills.append(time.monotonic())
    found.append(table(server))
    assert server.stop() == 0
    faults = [f"life {n}: {fault}" for n, ops in enumerate(load.lives())
              for fault in check(ops, found[n + 1], found[n])]
    print(f"{len(load.history)} answers, {load.changes} changes, {len(load.unknown)} unknown, {kills} kills")
    assert load.changes > kills, "too little happened for this to mean anything"
    assert faults == [], f"BDD_LOCK_SEED={SEED}"


def test_the_table_is_whole_after_a_kill_during_a_burst_of_creates():
    """Creates are acknowledged one by one; those that were are all there."""
    with Server() as server:
        for round_number in range(10):
            acknowledged = []

            def create(worker):
                connection = Connection(server.port)
                try:
                    for n in range(10_000):
                        name = f"r{round_number}-w{worker}-{n}"
                        body = {"stackName": name, "repoName": "r", "isAvailable": True}
                        if connection.call("POST", "/create-stack", body).status == 200:
                            acknowledged.append(name)
                except (OSError, http.client.HTTPException):
                    pass

            workers = [threading.Thread(target=create, args=(n,)) for n in range(6)]
            for worker in workers:
                worker.start()
            wait_until(lambda: acknowledged, what="a create")
            time.sleep(0.1)
            server.kill()
            for worker in workers:
                worker.join()
            server.start()
            assert acknowledged
            results = server.call("GET", "/get-available/r").json()["results"]
            missing = set(acknowledged) - {item["stackName"] for item in results}
            assert not missing
