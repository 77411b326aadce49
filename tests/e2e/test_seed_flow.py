"""A client that works as the original's example does: list, try each, create when there is none, release."""

import json
import random
import threading

from server import Connection

REPO = "paymentService"


class SeedClient:
    """The flow of the original's get-stack.py: every answer is read, no name is known beforehand."""

    def __init__(self, port, rng):
        self.connection = Connection(port)
        self.rng = rng

    def available(self):
        answer = self.connection.call("GET", f"/get-available/{REPO}")
        assert answer.status == 200
        return [item["stackName"] for item in answer.json()["results"]]

    def claim(self, name):
        return self.connection.call("PUT", f"/claim-stack/{name}").status == 200

    def create(self):
        name = f"testStack{self.rng.randrange(10**9)}"
        body = {"stackName": name, "repoName": REPO, "isAvailable": False}
        assert self.connection.call("POST", "/create-stack", body).status == 200
        return name

    def get_stack(self, stacks_max=None):
        """A claimed stack; once there are stacks_max, it looks again instead of creating one more."""
        while True:
            names = self.available()
            claimed = next((name for name in names if self.claim(name)), None)
            if claimed:
                return claimed
            if stacks_max is None:
                return self.create()

    def release(self, name):
        answer = self.connection.call("PUT", f"/release-stack/{name}")
        assert (answer.status, answer.text) == (200, '{"info": "Successfully releaseed stack"}')


def test_a_job_creates_a_stack_when_there_is_none_and_the_next_one_gets_it(any_server):
    client = SeedClient(any_server.port, random.Random(1))
    first = client.get_stack()
    assert client.available() == []
    client.release(first)
    assert client.available() == [first]
    assert client.get_stack() == first
    second = client.get_stack()
    assert second != first


def test_jobs_of_other_repos_are_not_offered_the_stack(server):
    server.create("a", repo="emailService")
    assert SeedClient(server.port, random.Random(1)).available() == []


def in_threads(count, work):
    """Runs work(number) in so many threads at once; returns their results."""
    results = [None] * count
    failures = []
    barrier = threading.Barrier(count)

    def run(number):
        try:
            barrier.wait()
            results[number] = work(number)
        except BaseException as failure:  # seen by the test, not lost with the thread
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results


def test_of_64_clients_that_claim_one_stack_exactly_one_wins(any_server):
    any_server.create("only")
    connections = [Connection(any_server.port) for _ in range(64)]
    for _ in range(20):
        answers = in_threads(64, lambda n: connections[n].call("PUT", "/claim-stack/only"))
        assert sorted(answer.status for answer in answers) == [200] + [400] * 63
        assert any_server.call("PUT", "/release-stack/only").status == 200
    assert any_server.stacks()["only"]["fencingToken"] == 20


def test_of_64_clients_that_create_one_name_exactly_one_wins(any_server):
    for round_number in range(5):
        body = {"stackName": f"new-{round_number}", "repoName": "r", "isAvailable": False}
        answers = in_threads(64, lambda _: any_server.call("POST", "/create-stack", body))
        assert sorted(answer.status for answer in answers) == [200] + [400] * 63


def test_of_64_clients_that_release_one_stack_exactly_one_does(any_server):
    any_server.create("only", available=False)
    for _ in range(5):
        answers = in_threads(64, lambda _: any_server.call("PUT", "/release-stack/only"))
        assert sorted(answer.status for answer in answers) == [200] + [400] * 63
        assert any_server.call("PUT", "/claim-stack/only").status == 200


def test_32_jobs_on_4_stacks_never_hold_one_at_the_same_time(server):
    for number in range(4):
        server.create(f"testStack{number}", REPO)
    holders = {}
    turns = []

    def job(number):
        client = SeedClient(server.port, random.Random(number))
        for _ in range(8):
            name = client.get_stack(stacks_max=4)
            assert holders.setdefault(name, number) == number, f"{name} has two holders"
            turns.append(name)
            assert holders.pop(name) == number
            client.release(name)

    in_threads(32, job)
    assert len(turns) == 32 * 8
    stacks = server.stacks()
    assert sum(stack["fencingToken"] for stack in stacks.values()) == 32 * 8
    assert {stack["state"] for stack in stacks.values()} == {"available"}


def test_available_stacks_come_in_another_order_each_time(server):
    """So that unchanged clients, which try the first one first, do not all fight for the same."""
    for number in range(20):
        server.create(f"s{number:02}")
    first = {server.call("GET", "/get-available/r").json()["results"][0]["stackName"] for _ in range(60)}
    assert len(first) > 3


def test_get_available_sees_all_of_a_large_table(server):
    lines = "".join(json.dumps({"stackName": f"s{n:05}", "repoName": "r", "isAvailable": "x"}) + "\n"
                    for n in range(2500))
    for start in range(0, 2500, 500):
        part = "\n".join(lines.splitlines()[start:start + 500]) + "\n"
        assert server.call("POST", "/v1/import", part).status == 200
    results = server.call("GET", "/get-available/r").json()["results"]
    assert {item["stackName"] for item in results} == {f"s{n:05}" for n in range(2500)}
