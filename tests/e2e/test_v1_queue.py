"""The queue of the API v1: calls that wait, their order, several stacks, offers, clients that go away, restarts."""

import json
import signal
import time

import pytest
from lending import (Waiting, add_stacks, ask, claim, claims_path, granted, history, instant, kinds, on_stack, queue,
                     refused, release, request, request_path, stack, status)
from raw import RawConnection
from server import TOKEN, Server, wait_until


def waiters(server, *ids, **fields):
    """Calls that wait in line in this order."""
    return [Waiting(server, request_id, **fields) for request_id in ids]


def test_a_release_hands_over_to_the_first_in_line(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server)
    line = waiters(any_server, "q1", "q2", "q3")
    assert queue(any_server) == ["q1", "q2", "q3"]
    for number, waiting in enumerate(line):
        release(any_server, made)
        made = waiting.claim()
        assert made["fencingToken"] == number + 2
        assert [other.is_over for other in line[number + 1:]] == [False] * (2 - number)
    events = [(event["kind"], event["requestId"]) for event in history(any_server, "a")][-2:]
    assert events == [("released", "q2"), ("claimed", "q3")]  # one transaction: nobody can come between


# What happens while somebody waits for a stack of the repo, whose stacks a and b are claimed; it must be a stack other
# than b that comes free. Each: what is done with a before the wait, and what frees it then.

def an_unsuitable_label(server):
    """Who waits wants a large one, and may hope: b is."""
    server.call("PATCH", "/v1/stacks/b", {"labels": {"size": "large"}})


WAYS = {
    "its release": (lambda server: claim(server, stackName="a"), lambda server, made: release(server, made)),
    "the end of a lease": (lambda server: claim(server, stackName="a", leaseSeconds=2), None),
    "the end of a hold": (lambda server: release(server, claim(server, stackName="a"), keepSeconds=2), None),
    "ending a hold": (lambda server: release_held(server, claim(server, stackName="a")),
                      lambda server, made: release(server, made)),
    "enabling": (lambda server: server.call("PATCH", "/v1/stacks/a", {"disabled": {"reason": "x", "when": "now"}}),
                 lambda server, _: server.call("PATCH", "/v1/stacks/a", {"disabled": None})),
    "a new label": (an_unsuitable_label, lambda server, _: server.call("PATCH", "/v1/stacks/a",
                                                                      {"labels": {"size": "large"}})),
    "a new stack": (lambda server: claim(server, stackName="a"),
                    lambda server, _: add_stacks(server, "c")),
    "a new stack of the seed's API": (lambda server: claim(server, stackName="a"),
                                      lambda server, _: server.create("c")),
    "an import": (lambda server: claim(server, stackName="a"),
                  lambda server, _: server.call("POST", "/v1/import",
                                                {"stackName": "c", "repoName": "r", "isAvailable": "x"})),
    "an import that moves a stack": (
        lambda server: [claim(server, stackName="a"), add_stacks(server, "c", repo="other")],
        lambda server, _: server.call("POST", "/v1/import?replace=true",
                                      {"stackName": "c", "repoName": "r", "isAvailable": "x"})),
    "an admin's release": (lambda server: claim(server, stackName="a"),
                           lambda server, _: on_stack(server, "a", "release", fencingToken=1)),
    "the seed's release": (lambda server: server.call("PUT", "/claim-stack/a"),
                           lambda server, _: server.call("PUT", "/release-stack/a")),
    "the seed's release of a hold": (lambda server: release_held(server, claim(server, stackName="a")),
                                     lambda server, _: server.call("PUT", "/release-stack/a")),
    "a withdrawn offer": (lambda server: offer(server, "first", "a"),
                          lambda server, _: server.call("DELETE", request_path("first"))),
    "an offer that nobody collects": (lambda server: offer(server, "first", "a"), None),
}


def release_held(server, made):
    assert release(server, made, keepSeconds=600)["held"] is True
    return made


def offer(server, request_id, name):
    """A grant to one whose call is over."""
    made = claim(server, stackName=name)
    assert Waiting(server, request_id, wait=1, stackName=name).answer().status == 202
    release(server, made)
    assert status(server, request_id) == "offered"


@pytest.mark.parametrize("before, event", WAYS.values(), ids=WAYS.keys())
def test_whatever_frees_a_stack_hands_it_over(any_server, before, event):
    add_stacks(any_server, "a", "b")
    claim(any_server, stackName="b", leaseSeconds=86400)
    prepared = before(any_server)
    waiting = Waiting(any_server, "q", **({"labels": {"size": "large"}} if before is an_unsuitable_label else {}))
    if event is not None:
        assert not waiting.is_over
        event(any_server, prepared)
    assert waiting.claim(30)["stackName"] != "b"


def test_priority_goes_before_arrival(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server)
    line = {name: Waiting(any_server, name, priority=priority)
            for name, priority in (("low", -100), ("first", 0), ("second", 0), ("high", 100))}
    expected = ["high", "first", "second", "low"]
    assert queue(any_server) == expected
    assert [request(any_server, name)["position"] for name in expected] == [1, 2, 3, 4]
    for name in expected:
        release(any_server, made)
        made = line[name].claim()


def test_a_changed_priority_changes_the_place(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server)
    line = dict(zip("xyz", waiters(any_server, *"xyz")))
    moved = any_server.call("PATCH", request_path("z"), {"priority": 5})
    assert (moved.status, moved.json()["position"]) == (200, 1)
    assert queue(any_server) == ["z", "x", "y"]
    assert any_server.call("PATCH", request_path("z"), {"priority": 0}).json()["position"] == 3
    assert any_server.call("PATCH", request_path("y"), {"priority": 1}).json()["position"] == 1
    # The client does not know of it, and repeats what it asked for at first.
    again = ask(any_server, requestId="y", waitSeconds=1)
    assert (again.status, again.json()["position"]) == (202, 1)
    for name in "yxz":
        release(any_server, made)
        made = line[name].claim()


def test_a_call_that_waited_in_vain_says_where_it_stands(any_server):
    add_stacks(any_server, "a")
    release(any_server, claim(any_server))
    claim(any_server)
    first, second = waiters(any_server, "q1", "q2", wait=1)
    for waiting, place in ((first, 1), (second, 2)):
        answer = waiting.answer()
        assert answer.status == 202
        told = answer.json()
        assert (told["requestId"], told["position"], told["retryAfterSeconds"]) == (waiting.request_id, place, 3)
        assert told["estimatedWaitSeconds"] is None or told["estimatedWaitSeconds"] >= 0
    # It keeps its place, though this call does not wait.
    assert ask(any_server, requestId="q1").json()["position"] == 1


def test_the_estimate_comes_from_the_repos_own_history(server):
    add_stacks(server, "a", "b")
    blocked = [claim(server), claim(server)]
    assert Waiting(server, "q0", wait=1).answer().json()["estimatedWaitSeconds"] is None
    assert server.call("DELETE", request_path("q0")).status == 204
    for made in blocked:
        time.sleep(1.1)
        release(server, made)
    assert server.call("GET", "/v1/repos/r").json()["typicalClaimSeconds"] in range(2, 20)
    for _ in range(2):
        claim(server)
    estimates = [waiting.answer().json()["estimatedWaitSeconds"]
                 for waiting in waiters(server, *(f"q{n}" for n in range(1, 6)), wait=1)]
    assert all(isinstance(estimate, int) for estimate in estimates)
    assert estimates == sorted(estimates) and estimates[-1] > estimates[0]


def test_who_waits_comes_before_who_calls_now(any_server):
    """Nobody can take a stack past the line, not even in the moment of its release."""
    add_stacks(any_server, "a")
    made = claim(any_server)
    line = waiters(any_server, "q1")
    refused(ask(any_server), 409, "none_available")
    release(any_server, made)
    refused(ask(any_server), 409, "none_available")
    line[0].claim()


# Several stacks

def test_a_request_for_several_is_not_starved_by_small_ones_behind_it(any_server):
    add_stacks(any_server, "a", "b")
    held = [claim(any_server), claim(any_server)]
    large = Waiting(any_server, "large", count=2)
    small = waiters(any_server, "small1", "small2")
    release(any_server, held[0])
    # One is free, and kept.
    assert sorted(item["state"] for item in any_server.stacks().values()) == ["available", "claimed"]
    refused(ask(any_server), 409, "none_available")
    told = refused(ask(any_server, stackName=held[0]["stackName"]), 409, "stack_unavailable")
    assert told["state"] == "available" and "kept" in told["detail"]
    told = request(any_server, "small1")["explain"]
    assert {entry["stackName"]: entry["why"] for entry in told["suitable"]}[held[0]["stackName"]] == "reserved"
    release(any_server, held[1])
    both = granted(large.answer())
    assert len(both) == 2 and not small[0].is_over
    release(any_server, both[0])
    small[0].claim()


def test_what_a_large_request_cannot_use_is_not_kept_for_it(any_server):
    add_stacks(any_server, "l1", "l2", labels={"size": "large"})
    add_stacks(any_server, "s1")
    busy = [claim(any_server, stackName=name) for name in ("l1", "l2", "s1")]
    large = Waiting(any_server, "large", count=2, labels={"size": "large"})
    small = Waiting(any_server, "small")
    release(any_server, busy[2])
    assert small.claim()["stackName"] == "s1"
    release(any_server, busy[0])
    release(any_server, busy[1])
    assert len(granted(large.answer())) == 2


def test_one_that_can_never_be_granted_is_skipped_and_says_so(any_server):
    add_stacks(any_server, "a", "b")
    busy = [claim(any_server, stackName="a"), claim(any_server, stackName="b")]
    large = Waiting(any_server, "large", count=2, wait=3)
    small = Waiting(any_server, "small")
    release(any_server, busy[1])
    # b is kept for the large one, and now it goes.
    assert any_server.call("DELETE", "/v1/stacks/b").status == 204
    release(any_server, busy[0])
    assert small.claim()["stackName"] == "a"
    told = large.answer()
    assert told.status == 202 and "1" in told.json()["never"]
    assert request(any_server, "large")["explain"]["never"] == told.json()["never"]
    add_stacks(any_server, "c")
    assert request(any_server, "large")["explain"]["never"] is None


@pytest.mark.parametrize("change", [{"disabled": {"reason": "upgrade", "when": "afterClaim"}},
                                    {"disabled": {"reason": "upgrade", "when": "now"}}, {"labels": {}}], ids=json.dumps)
def test_what_is_kept_for_one_that_cannot_be_granted_any_more_goes_to_others_at_once(any_server, change):
    add_stacks(any_server, "a", "b", labels={"size": "large"})
    claim(any_server, stackName="b")
    large = Waiting(any_server, "large", count=2, labels={"size": "large"}, wait=20)
    small = Waiting(any_server, "small")
    assert not small.is_over and stack(any_server, "a")["state"] == "available"
    assert any_server.call("PATCH", "/v1/stacks/b", change).status == 200
    assert small.claim()["stackName"] == "a" and not large.is_over


def test_room_in_the_pool_lets_one_that_waits_create():
    with Server("--max-stacks-per-repo", "1", store="memory:") as server:
        add_stacks(server, "a")
        server.call("PATCH", "/v1/stacks/a", {"disabled": {"reason": "broken", "when": "now"}})
        waiting = Waiting(server, "q", createIfNone=True)
        assert server.call("DELETE", "/v1/stacks/a").status == 204
        assert waiting.claim()["created"] is True


def test_several_are_created_at_once_where_that_is_allowed():
    with Server("--max-stacks-per-repo", "3", store="memory:") as server:
        add_stacks(server, "a")
        three = granted(ask(server, count=3, createIfNone=True))
        waiting = Waiting(server, "q", count=2, createIfNone=True)
        server_side = [made for made in three if made["created"]]
        release(server, server_side[0])
        assert not waiting.is_over
        release(server, server_side[1])
        assert len(granted(waiting.answer())) == 2


# Clients that go away

def test_a_client_that_goes_away_while_it_waits_leaves_its_turn_to_the_next(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server)
    gone, stays = waiters(any_server, "gone", "stays")
    gone.go_away()
    wait_until(lambda: not request(any_server, "gone")["explain"]["open"], 10, "noticing it")
    wait_until(lambda: not request(any_server, "gone")["ready"], 20, "that it is not ready any more")
    assert queue(any_server) == ["gone", "stays"]  # it keeps its place
    release(any_server, made)
    assert stays.claim()["stackName"] == "a"
    back = ask(any_server, requestId="gone", waitSeconds=1)
    assert (back.status, back.json()["position"]) == (202, 1)


def test_a_grant_to_one_without_an_open_call_is_an_offer_and_its_repeat_collects_it(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server)
    assert Waiting(any_server, "q", wait=1, leaseSeconds=600).answer().status == 202
    release(any_server, made)
    offered = stack(any_server, "a")
    assert (offered["state"], offered["claim"]["offered"], status(any_server, "q")) == ("claimed", True, "offered")
    assert instant(offered["claim"]["expiresAt"]) - instant(offered["claim"]["claimedAt"]) <= 5.001
    refused(ask(any_server), 409, "none_available")
    [got] = granted(ask(any_server, requestId="q", leaseSeconds=600))
    assert instant(got["expiresAt"]) - instant(got["claimedAt"]) == pytest.approx(600, abs=0.001)
    assert (got["fencingToken"], status(any_server, "q")) == (2, "granted")
    assert kinds(any_server, "a")[-3:] == ["released", "offered", "collected"]


def test_an_offer_that_nobody_collects_goes_to_the_next(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server)
    assert Waiting(any_server, "silent", wait=1).answer().status == 202
    release(any_server, made)
    waiting = Waiting(any_server, "next")
    assert waiting.claim(30)["fencingToken"] == 3
    assert kinds(any_server, "a")[-3:] == ["offered", "offer_lapsed", "claimed"]
    assert status(any_server, "silent") == "waiting"  # back in its place
    assert ask(any_server, requestId="silent", waitSeconds=1).json()["position"] == 1


def test_an_offer_of_several_ends_as_a_whole(any_server):
    add_stacks(any_server, "a", "b")
    busy = [claim(any_server), claim(any_server)]
    assert Waiting(any_server, "silent", wait=1, count=2).answer().status == 202
    for made in busy:
        release(any_server, made)
    assert status(any_server, "silent") == "offered"
    line = waiters(any_server, "q1", "q2")
    assert {waiting.claim(30)["stackName"] for waiting in line} == {"a", "b"}


def test_one_that_is_silent_for_too_long_is_forgotten_and_its_repeat_is_at_the_back(server):
    add_stacks(server, "a")
    claim(server)
    assert Waiting(server, "silent", wait=1).answer().status == 202
    assert Waiting(server, "other", wait=1).answer().status == 202
    until = time.monotonic() + 60

    def forgotten():
        ask(server, requestId="other", waitSeconds=2)
        return request(server, "silent") is None

    assert server.call("GET", request_path("nobody")).json()["code"] == "request_unknown"
    began = time.monotonic()
    wait_until(forgotten, until - time.monotonic(), "forgetting it")
    assert time.monotonic() - began > 25
    assert ask(server, requestId="silent", waitSeconds=1).json()["position"] == 2


def test_a_request_can_be_withdrawn_while_it_waits_is_offered_or_never_more(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server, requestId="mine")
    line = waiters(any_server, "q1", "q2")
    assert any_server.call("DELETE", request_path("q1")).status == 204
    refused(line[0].answer(), 410, "request_ended")
    refused(any_server.call("DELETE", request_path("q1")), 404, "request_unknown")
    told = refused(any_server.call("DELETE", request_path("mine")), 409, "request_granted")
    assert [entry["claimId"] for entry in told["claims"]] == [made["claimId"]]
    told = refused(any_server.call("PATCH", request_path("mine"), {"priority": 1}), 409, "request_granted")
    assert told["claims"][0]["stackName"] == "a"
    assert any_server.call("DELETE", request_path("q2")).status == 204
    line[1].answer()
    assert Waiting(any_server, "q3", wait=1).answer().status == 202
    release(any_server, made)
    assert status(any_server, "q3") == "offered"
    assert any_server.call("DELETE", request_path("q3")).status == 204
    assert stack(any_server, "a")["state"] == "available"
    refused(any_server.call("DELETE", request_path("mine")), 410, "request_ended")
    refused(any_server.call("PATCH", request_path("mine"), {"priority": 1}), 410, "request_ended")


def test_two_calls_of_one_request_get_the_same_claim(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server)
    twice = [Waiting(any_server, "q"), Waiting(any_server, "q")]
    assert queue(any_server) == ["q"]
    release(any_server, made)
    assert twice[0].claim() == twice[1].claim()


def test_a_client_that_ends_only_its_sending_side_is_told(server):
    """It cannot be told from one that is gone: what it is answered says how to go on."""
    add_stacks(server, "a")
    claim(server)
    body = json.dumps({"requestId": "q", "waitSeconds": 20})
    with RawConnection(server.port) as connection:
        connection.send(f"POST {claims_path()} HTTP/1.1\r\nHost: h\r\nAuthorization: {TOKEN}\r\n"
                        f"Content-Length: {len(body)}\r\n\r\n{body}")
        wait_until(lambda: (request(server, "q") or {"explain": {}})["explain"].get("open"), 10, "the wait")
        connection.socket.shutdown(1)
        answer = connection.read_answer()
        assert answer is None or answer.status == 408
    wait_until(lambda: not request(server, "q")["explain"]["open"], 10, "noticing it")


# Restarts

@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_the_line_survives_a_restart(server, end):
    add_stacks(server, "a")
    made = claim(server)
    ids = ["low", "q1", "q2", "high"]
    line = [Waiting(server, name, priority={"low": -1, "high": 1}.get(name, 0)) for name in ids]
    expected = ["high", "q1", "q2", "low"]
    assert queue(server) == expected
    if end == signal.SIGTERM:
        assert server.stop() == 0
        answers = [waiting.answer() for waiting in line]
        assert [answer.status for answer in answers] == [202] * 4
        assert [answer.json()["position"] for answer in answers] == [4, 2, 3, 1]
    else:
        server.kill()
        for waiting in line:
            with pytest.raises(Exception):
                waiting.answer()
    server.start()
    assert queue(server) == expected
    again = {name: Waiting(server, name, priority={"low": -1, "high": 1}.get(name, 0)) for name in reversed(ids)}
    for name in expected:
        release(server, made)
        made = again[name].claim()
        assert made["requestId"] == name


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_claim_survives_a_restart(server, end):
    add_stacks(server, "a", "b")
    made = claim(server, requestId="q", leaseSeconds=600)
    held = claim(server)
    release(server, held, keepSeconds=600)
    before = (stack(server, "a"), stack(server, "b"), history(server))
    server.stop() if end == signal.SIGTERM else server.kill()
    server.start()
    assert (stack(server, "a"), stack(server, "b"), history(server)) == before
    assert claim(server, requestId="q", leaseSeconds=600) == made
    assert release(server, made)["fencingToken"] == made["fencingToken"]


def test_after_a_restart_those_who_wait_get_time_to_call_again(server):
    """The line's first has not called yet: it is offered what comes free, and the next does not pass it."""
    add_stacks(server, "a")
    made = claim(server)
    for name in ("q1", "q2"):
        assert Waiting(server, name, wait=1).answer().status == 202
    time.sleep(6)  # neither is ready any more
    assert [request(server, name)["ready"] for name in ("q1", "q2")] == [False, False]
    server.kill()
    server.start()
    release(server, made)
    assert status(server, "q1") == "offered"
    assert granted(ask(server, requestId="q1"))[0]["stackName"] == "a"


def test_a_server_that_stops_answers_those_who_wait_before_it_ends(server):
    add_stacks(server, "a")
    claim(server)
    line = waiters(server, *(f"q{n}" for n in range(20)))
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 8  # none of the 50 s that they would have waited
    places = [waiting.answer(5).json()["position"] for waiting in line]
    assert places == list(range(1, 21))
