"""What the clients of a check do: each a loop of jobs at random, repeatable by a seed as far as threads are.

A job wishes for one stack or several, with labels, a name, a priority, waits for them in one way or another, works
for a while, extends, and releases; or its client hangs up, stalls past its lease, or is never seen again.
"""

import random
import threading
import time
from dataclasses import dataclass

from .client import UNANSWERED, Client, Unexpected, stacks_of

PAUSE_AFTER_NOTHING = 0.02  # seconds, after a call without an answer
SLEEP = 6  # longer than an offer lasts


@dataclass
class Mix:
    """How often clients misbehave: shares of 1."""
    seed_jobs: float = 0.15  # by the original's API
    hang_ups: float = 0.1  # of calls that wait
    walk_away: float = 0.005  # of waiting requests, each time they are told to wait
    fall_asleep: float = 0.001  # of them too: they come back after their offers have lapsed
    second_thoughts: float = 0.005  # of them too: another priority
    vanish: float = 0.015  # of claims: never released
    stall: float = 0.015  # of claims: silent until the lease is over
    holds: float = 0.05  # of releases
    seed_vanish: float = 0.0  # of seed claims: never released; somebody must sweep
    works_up_to: float = 0.06  # seconds
    sweeps: bool = False  # the admin calls /v1/sweep: of the whole table


class Workers:
    """Threads that work until stop(), which raises the first of their `failures`."""

    def __init__(self):
        self.stopping = threading.Event()
        self.failures = []
        self.threads = []

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        if self.failures:
            raise self.failures[0]


class Traffic(Workers):
    """`clients` threads and one admin on the stacks `pool` (name -> labels) of `repo`, until stop()."""

    def __init__(self, endpoint, token, repo, pool, history, clients, seed, mix=None, settles=False, most=10**9,
                 observe=None, settles_after=0):
        super().__init__()
        self.endpoint, self.token, self.settles, self.observe = endpoint, token, settles, observe
        self.settles_after = settles_after
        self.repo, self.pool, self.history = repo, pool, history
        self.mix = mix or Mix()
        self.most = most  # operations, then they stop by themselves
        self.seed = seed
        self.threads = [threading.Thread(target=self.run, args=(Job, number)) for number in range(clients)]
        self.threads.append(threading.Thread(target=self.run, args=(Admin, clients)))

    def is_over(self):
        return self.stopping.is_set() or bool(self.failures) or len(self.history) >= self.most

    def client(self, number):
        endpoint = self.endpoint if isinstance(self.endpoint, str) else rotated(self.endpoint, number)
        return Client(number, self.history, endpoint, self.token, self.settles, self.observe, self.settles_after)

    def run(self, kind, number):
        worker = kind(self, self.client(number), random.Random(self.seed * 1009 + number))
        try:
            while not self.is_over():
                worker.turn()
        except BaseException as failure:  # raised again in stop()
            self.failures.append(failure)
        finally:
            worker.client.close()


def rotated(endpoints, by):
    """Not all clients begin at the first."""
    at = by % len(endpoints)
    return endpoints[at:] + endpoints[:at]


class Worker:
    def __init__(self, traffic, client, rng):
        self.traffic, self.client, self.rng, self.mix = traffic, client, rng, traffic.mix
        self.repo, self.names = traffic.repo, list(traffic.pool)
        self.turns = 0

    def chance(self, share):
        return self.rng.random() < share

    def pause(self, seconds):
        self.traffic.stopping.wait(seconds)

    def answered(self, call):
        """Repeats the call until it has an answer, or the run is over, or its client gives up."""
        while True:
            op = call()
            if not op.unknown or self.traffic.is_over() or self.chance(0.1):
                return op
            self.pause(PAUSE_AFTER_NOTHING)


class Job(Worker):
    """One job after the other."""

    def turn(self):
        self.turns += 1
        if self.chance(self.mix.seed_jobs):
            return self.seed_job()
        wish = self.wish()
        claims = self.obtain(wish)
        if claims and not self.chance(self.mix.vanish):
            self.work(claims, wish["leaseSeconds"])
        elif not claims:
            self.pause(self.rng.uniform(0, 0.05))

    def wish(self):
        wish = {"requestId": f"c{self.client.number}-{self.turns}", "leaseSeconds": self.rng.choice((1, 2, 3)),
                "waitSeconds": self.rng.choice((0, 1, 2, 3)), "priority": self.rng.choice((0, 0, 0, 0, 1, -1)),
                "holder": {"job": f"{self.client.number}"}}
        if self.chance(0.2):
            wish["prefer"] = {"branch": self.rng.choice(("main", "other"))}
        some = self.rng.choice(self.names)
        kind = self.rng.random()
        if kind < 0.1:
            wish["stackName"] = some
        elif kind < 0.25:
            wish["labels"] = dict(self.rng.sample(sorted(self.traffic.pool[some].items()), 1))
        if "stackName" not in wish and len(self.names) > 1 and self.chance(0.15):
            wish["count"] = 2
        return wish

    # --- waiting

    def obtain(self, wish):
        """The claims as they were answered, or nothing."""
        nervous = self.chance(0.5)  # asks often, instead of waiting in one call
        repo, known = self.repo, False
        while not self.traffic.is_over():
            patience = None
            if wish["waitSeconds"] and self.chance(self.mix.hang_ups if known or not nervous else 0.9):
                patience = self.rng.uniform(0.01, 0.3)
            wait = 0 if known and nervous else wish["waitSeconds"]
            op, document = self.client.claim(repo, {**wish, "waitSeconds": wait}, patience)
            if op.status == 200:
                return document["claims"]
            if op.status == 202:
                known = True
                if self.chance(self.mix.walk_away):
                    return self.leave(wish)
                if self.chance(self.mix.second_thoughts):
                    self.client.reprioritise(repo, wish["requestId"], self.rng.choice((-1, 0, 1)))
                asleep = self.chance(self.mix.fall_asleep)
                self.pause(SLEEP if asleep else self.rng.choice((0, 0, 0.01, 0.05, 0.2)))
            elif op.unknown:
                if self.chance(self.mix.walk_away):
                    return None
                known = known or patience is not None
                self.pause(PAUSE_AFTER_NOTHING)
            elif op.status != 503:
                return None
        return None

    def leave(self, wish):
        if self.chance(0.5):
            self.answered(lambda: self.client.withdraw(self.repo, wish["requestId"]))

    # --- working

    def work(self, claims, lease):
        for document in claims:
            claim = document["claimId"]
            if self.chance(self.mix.stall):
                self.pause(lease + self.rng.uniform(-0.05, 0.3))
            elif self.chance(0.05):
                self.keep_alive(claim, lease, self.rng.uniform(0.5, 1.2) * lease)
            else:
                self.pause(self.rng.uniform(0, self.mix.works_up_to))
            if self.chance(0.2):
                self.client.look(claim)
            self.release(claim)

    def keep_alive(self, claim, lease, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.traffic.is_over():
            self.pause(lease / 5)
            if self.answered(lambda: self.client.extend(claim)).status == 410:
                return

    def release(self, claim):
        body = {"outcome": self.rng.choice(("passed", "failed", "cancelled"))}
        if self.chance(0.2):
            body["deployed"] = {"branch": self.rng.choice(("main", "other")), "commit": "1f0e2d3"}
        if self.chance(self.mix.holds):
            body["keepSeconds"] = self.rng.choice((1, 2))
        op = self.answered(lambda: self.client.release(claim, body))
        if self.chance(0.1):
            self.client.release(claim, body)
        if op.done and op.answer["held"]:
            self.debug(claim)
        elif self.chance(0.1):
            self.client.look(claim)

    def debug(self, claim):
        """A hold is looked at, prolonged, ended, or left to its time."""
        self.pause(self.rng.uniform(0, 0.5))
        if self.chance(0.5):
            self.client.extend(claim)
        if self.chance(0.7):
            self.answered(lambda: self.client.release(claim, {"outcome": "failed"}))

    # --- by the original's API

    def seed_job(self):
        stack = self.rng.choice(self.names)
        if not self.client.by_name("seed_claim", stack).done:
            return self.pause(self.rng.uniform(0, 0.05))
        if self.chance(self.mix.seed_vanish):
            return None
        self.pause(self.rng.uniform(0, self.mix.works_up_to))
        return self.answered(lambda: self.client.by_name("seed_release", stack))


class Admin(Worker):
    """Disables and enables, ends the claims of others, sweeps."""

    def turn(self):
        self.pause(self.rng.uniform(0.1, 0.6))
        stack = self.rng.choice(self.names)
        kind = self.rng.random()
        if kind < 0.4:
            self.disable_for_a_while(stack)
        elif kind < 0.8 or not self.mix.sweeps:
            self.end_a_claim(stack)
        else:
            self.unnoted("POST", "/v1/sweep")

    def disable_for_a_while(self, stack):
        body = {"reason": "to see what happens", "when": self.rng.choice(("afterClaim", "now"))}
        self.client.by_name("disable", stack, body)
        self.pause(self.rng.uniform(0, 0.3))
        while self.client.by_name("enable", stack).unknown and not self.traffic.is_over():
            self.pause(PAUSE_AFTER_NOTHING)

    def end_a_claim(self, stack):
        document = self.unnoted("GET", f"/v1/stacks/{stack}")
        if not document or document.get("state") not in ("claimed", "held"):
            return
        meant = {"fencingToken": document["fencingToken"]}
        if self.chance(0.3):
            self.client.by_name("admin_hold", stack, {**meant, "keepSeconds": 1})
        else:
            self.client.by_name("admin_release", stack, meant)

    def unnoted(self, method, path):
        try:
            return self.client.connection.call(method, path)[1]
        except UNANSWERED:
            return None


QUIET = {"available", "disabled"}


def may_wait(operations):
    """The ids of requests that may still be in line: of several servers one may have put a request there after another
    one had refused it."""
    answers = {}
    for op in operations:
        if op.kind == "claim":
            answers.setdefault(op.body["requestId"], set()).add(op.status)
    return {request_id for request_id, given in answers.items() if given & {None, 202} and 200 not in given}


def quiesce(traffic, endpoint, seconds):
    """After stop(): withdraws what waits, enables what is disabled, ends seed claims, and waits until nobody has a
    stack any more. Straight to the server. False: not within the time."""
    client = Client(-1, traffic.history, endpoint, traffic.token)
    for request_id in sorted(may_wait(traffic.history.operations)):
        client.withdraw(traffic.repo, request_id)
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            stacks = stacks_of(client.connection, traffic.repo)
            for name, stack in stacks.items():
                if stack["state"] == "disabled" or stack["disabled"]:
                    client.by_name("enable", name)
                elif stack["state"] == "claimed" and stack["claim"] is None:
                    client.by_name("admin_release", name, {"fencingToken": stack["fencingToken"]})
            if {stack["state"] for stack in stacks.values()} <= QUIET and not any(
                    stack["disabled"] for stack in stacks.values()):
                return True
            time.sleep(0.05)
        return False
    finally:
        client.close()


__all__ = ["Mix", "Traffic", "Unexpected", "quiesce"]
