"""Many who wait are served one by one in exactly the order of section 6: priority, then arrival. Nobody is passed,
nobody is forgotten, also if the server is killed while they wait."""

import json
import random
import select

import pytest
from raw import RawConnection
from server import TOKEN, Server, wait_until

WAITERS = 300
WAITERS_ON_DYNAMODB = 16  # each change waits for a network
LEASE = 600  # seconds: nothing ends by time


class Waiter:
    def __init__(self, number):
        self.number = number
        self.priority = (0, 0, 5, -5)[number % 4]
        self.id = f"waiter-{number:04}"
        self.connection = None

    def call(self, port):
        """Begins a long poll, on a new connection."""
        if self.connection is not None:
            self.connection.close()
        body = json.dumps({"requestId": self.id, "waitSeconds": 50, "leaseSeconds": LEASE, "priority": self.priority})
        self.connection = RawConnection(port, timeout=30)
        self.connection.send(f"POST /v1/repos/r/claims HTTP/1.1\r\nHost: x\r\nAuthorization: {TOKEN}\r\n"
                             f"Content-Length: {len(body)}\r\n\r\n{body}")

    def claim(self):
        answer = self.connection.read_answer()
        assert answer.status == 200, (self.id, answer.status, answer.body)
        claim, = json.loads(answer.body)["claims"]
        return claim


def is_in_line(server, waiter):
    answer = server.call("GET", f"/v1/repos/r/requests/{waiter.id}")
    return answer.status == 200 and answer.json()["status"] == "waiting" and answer.json()["explain"]["open"]


def release(server, claim):
    answer = server.call("POST", f"/v1/claims/{claim['claimId']}/release", {"outcome": "passed"})
    assert answer.status == 200, answer


@pytest.mark.parametrize("killed", [False, True])
def test_many_waiters_are_granted_in_exact_order(killed):
    with Server() as server:
        grant_in_exact_order(server, WAITERS, killed)


@pytest.mark.parametrize("killed", [False, True])
def test_waiters_on_dynamodb_are_granted_in_exact_order(dynamodb, killed):
    with Server(store=f"dynamodb:{dynamodb.new_table()}", env=dynamodb.env) as server:
        grant_in_exact_order(server, WAITERS_ON_DYNAMODB, killed)


def grant_in_exact_order(server, count, killed):
    waiters = [Waiter(number) for number in range(count)]
    try:
        server.create("a")
        body = {"requestId": "owner", "leaseSeconds": LEASE}
        claim, = server.call("POST", "/v1/repos/r/claims", body).json()["claims"]
        for waiter in waiters:
            waiter.call(server.port)
            wait_until(lambda one=waiter: is_in_line(server, one), 10, f"{waiter.id} in line")
        if killed:
            call_again_after_a_kill(server, waiters)
        due = sorted(waiters, key=lambda waiter: (-waiter.priority, waiter.number))
        for turn, waiter in enumerate(due):
            release(server, claim)
            claim = waiter.claim()
            assert claim["fencingToken"] == turn + 2
            rest = [other.connection.socket for other in due[turn + 1:]]
            assert select.select(rest, [], [], 0)[0] == [], "somebody else was answered"
        release(server, claim)
    finally:
        for waiter in waiters:
            if waiter.connection is not None:
                waiter.connection.close()
    assert server.stop() == 0


def call_again_after_a_kill(server, waiters):
    """In another order than they came in: it is not who calls first that counts."""
    server.kill()
    server.start()
    for waiter in random.sample(waiters, len(waiters)):
        waiter.call(server.port)
    wait_until(lambda: all(is_in_line(server, waiter) for waiter in waiters), 30, "all calling again")
