"""A lost reply never costs a stack: a proxy loses the answers of the server after it has acted, and the client
sends the same call again."""

import http.client
import random

import pytest
from lending import (Waiting, add_stacks, ask, claim, claims_path, granted, history, kinds, on_claim, refused, release,
                     request, request_path, stack, status)
from lossy_proxy import LossyProxy
from server import Connection, run_cli, wait_until


@pytest.fixture
def proxy(any_server):
    with LossyProxy(any_server.port) as running:
        yield running


class Repeating:
    """A client that sends a call again until it has an answer, as every client should."""

    def __init__(self, proxy):
        self.proxy = proxy
        self.sent = 0

    def call(self, method, path, body=None, seconds=40):
        while True:
            self.sent += 1
            try:
                with Connection(self.proxy.port, timeout=seconds) as connection:
                    return connection.call(method, path, body)
            except (OSError, http.client.HTTPException):
                assert self.sent < 20


def lost_and_repeated(proxy, method, path, body=None):
    """The answer to the repeat of a call whose answer was lost twice."""
    client = Repeating(proxy)
    lost_before = proxy.lost
    proxy.lose_next(2)
    answer = client.call(method, path, body)
    assert (client.sent, proxy.lost - lost_before) == (3, 2)
    return answer


def test_the_proxy_passes_what_it_need_not_lose_and_loses_only_answers(any_server, proxy):
    with Connection(proxy.port) as connection:
        assert connection.call("POST", "/v1/stacks", {"stackName": "a", "repoName": "r"}).status == 201
        proxy.lose_next()
        with pytest.raises((OSError, http.client.HTTPException)):
            connection.call("POST", "/v1/stacks", {"stackName": "b", "repoName": "r"})
    assert any_server.stacks().keys() == {"a", "b"} and proxy.lost == 1


def test_a_claim(any_server, proxy):
    add_stacks(any_server, "a", "b")
    answer = lost_and_repeated(proxy, "POST", claims_path(), {"requestId": "q", "holder": {"job": "1"}})
    [made] = granted(answer)
    assert kinds(any_server)[2:] == ["claimed"]
    assert on_claim(any_server, made, "extend").status == 200


@pytest.mark.parametrize("priority", [-100, 0, 1, 100])
def test_a_claim_with_every_field(any_server, proxy, priority):
    add_stacks(any_server, *"abc", labels={"size": "large"})
    body = {"requestId": "q:1.x_y-z", "waitSeconds": 5, "leaseSeconds": 77, "count": 2, "labels": {"size": "large"},
            "prefer": {"branch": "main", "commit": "1"}, "createIfNone": True, "namePrefix": "x-",
            "priority": priority, "holder": {"job": "1", "jobUrl": "https://ci.example/1"}}
    assert len(granted(lost_and_repeated(proxy, "POST", claims_path(), body))) == 2
    assert kinds(any_server)[3:] == ["claimed", "claimed"]


def test_a_claim_of_a_stack_that_is_created_for_it(any_server, proxy):
    [made] = granted(lost_and_repeated(proxy, "POST", claims_path(), {"requestId": "q", "createIfNone": True}))
    assert any_server.stacks().keys() == {made["stackName"]}


@pytest.mark.parametrize("priority", [0, -1, 7])
def test_a_wait_keeps_its_place_and_is_granted_once(any_server, proxy, priority):
    add_stacks(any_server, "a")
    made = claim(any_server)
    body = {"requestId": "q1", "waitSeconds": 1, "priority": priority}
    assert lost_and_repeated(proxy, "POST", claims_path(), body).json()["position"] == 1
    second = Waiting(any_server, "q2", priority=priority)
    assert ask(any_server, **body).json()["position"] == 1
    release(any_server, made)
    [mine] = granted(lost_and_repeated(proxy, "POST", claims_path(), body))
    assert mine["requestId"] == "q1" and not second.is_over
    assert kinds(any_server, "a")[2:] == ["released", "offered", "collected"]


def test_a_grant_whose_answer_is_lost_is_there_for_the_repeat(any_server, proxy):
    """The connection breaks in the moment of the grant to a call that waited."""
    add_stacks(any_server, "a")
    made = claim(any_server)

    class Through:  # the same server, by way of the proxy
        def __getattr__(self, name):
            return getattr(any_server, name)

        def connect(self, timeout):
            return Connection(proxy.port, timeout=timeout)

    waiting = Waiting(Through(), "q")
    proxy.lose_next()
    release(any_server, made)
    with pytest.raises((OSError, http.client.HTTPException)):
        waiting.answer()
    [mine] = granted(ask(any_server, requestId="q"))
    assert mine["fencingToken"] == 2 and kinds(any_server, "a")[-1] == "claimed"


def test_an_extension(any_server, proxy):
    add_stacks(any_server, "a")
    made = claim(any_server)
    path = f"/v1/claims/{made['claimId']}"
    kept = lost_and_repeated(proxy, "POST", f"{path}/extend", {"leaseSeconds": 3600}).json()
    assert kept["expiresAt"] > made["expiresAt"] and kept["fencingToken"] == 1
    assert any_server.call("GET", path).json() == kept


@pytest.mark.parametrize("fields", [{}, {"outcome": "failed", "note": "n", "deployed": {"branch": "main"}},
                                    {"attributes": {"url": "https://a"}}, {"keepSeconds": 600}],
                         ids=["plain", "with a report", "with attributes", "with a hold"])
def test_a_release(any_server, proxy, fields):
    add_stacks(any_server, "a")
    made = claim(any_server)
    answer = lost_and_repeated(proxy, "POST", f"/v1/claims/{made['claimId']}/release", fields)
    held = "keepSeconds" in fields
    assert (answer.status, answer.json()["held"], answer.json()["fencingToken"]) == (200, held, 1)
    assert stack(any_server, "a")["state"] == ("held" if held else "available")
    assert kinds(any_server, "a") == ["created", "claimed", "held" if held else "released"]


def test_a_release_does_not_end_the_claim_of_whoever_is_next(any_server, proxy):
    add_stacks(any_server, "a")
    made = claim(any_server)
    waiting = Waiting(any_server, "next")
    answer = lost_and_repeated(proxy, "POST", f"/v1/claims/{made['claimId']}/release", {})
    assert answer.status == 200
    assert on_claim(any_server, waiting.claim(), "extend").status == 200


def test_the_end_of_a_hold(any_server, proxy):
    add_stacks(any_server, "a")
    made = claim(any_server)
    first = release(any_server, made, keepSeconds=600)
    assert first["held"] is True
    ended = lost_and_repeated(proxy, "POST", f"/v1/claims/{made['claimId']}/release", {})
    assert (ended.status, ended.json()["held"]) == (200, False)
    assert kinds(any_server, "a")[2:] == ["held", "hold_ended"]
    # And the repeat of the release that made it is told what that was told.
    assert release(any_server, made, keepSeconds=600) == first


def test_a_withdrawal(any_server, proxy):
    """Its repeat says that there is no such request any more: nothing was, and nothing is, in line."""
    add_stacks(any_server, "a")
    claim(any_server)
    assert Waiting(any_server, "q", wait=1).answer().status == 202
    refused(lost_and_repeated(proxy, "DELETE", request_path("q")), 404, "request_unknown")
    assert request(any_server, "q") is None


def test_a_change_of_priority(any_server, proxy):
    add_stacks(any_server, "a")
    claim(any_server)
    for name in ("q1", "q2"):
        assert Waiting(any_server, name, wait=1).answer().status == 202
    moved = lost_and_repeated(proxy, "PATCH", request_path("q2"), {"priority": 9})
    assert (moved.status, moved.json()["position"]) == (200, 1)


def test_a_change_of_a_stack(any_server, proxy):
    add_stacks(any_server, "a")
    patch = {"labels": {"size": "large"}, "attributes": {"url": "https://a"}, "note": "n",
             "disabled": {"reason": "upgrade", "when": "now"}}
    changed = lost_and_repeated(proxy, "PATCH", "/v1/stacks/a", patch)
    assert (changed.status, changed.json()["state"], changed.json()["note"]) == (200, "disabled", "n")
    enabled = lost_and_repeated(proxy, "PATCH", "/v1/stacks/a", {"disabled": None})
    assert (enabled.status, enabled.json()["state"]) == (200, "available")


def test_adding_and_removing_a_stack_is_told_from_somebody_elses(any_server, proxy):
    """These two have no id of their own: the repeat is refused, and says what is there."""
    body = {"stackName": "a", "repoName": "r", "labels": {"mine": "yes"}}
    told = refused(lost_and_repeated(proxy, "POST", "/v1/stacks", body), 409, "stack_exists")
    assert (told["stackName"], told["repoName"], told["state"]) == ("a", "r", "available")
    refused(lost_and_repeated(proxy, "DELETE", "/v1/stacks/a"), 404, "stack_unknown")


@pytest.mark.parametrize("verb, fields, state", [("extend", {"leaseSeconds": 3600}, "claimed"),
                                                 ("hold", {"keepSeconds": 600}, "held")])
def test_an_admins_call_names_its_claim_and_may_be_repeated(any_server, proxy, verb, fields, state):
    add_stacks(any_server, "a")
    claim(any_server)
    answer = lost_and_repeated(proxy, "POST", f"/v1/stacks/a/{verb}", {"fencingToken": 1, **fields})
    assert (answer.status, answer.json()["state"], answer.json()["fencingToken"]) == (200, state, 1)


def test_an_admins_release_never_ends_the_next_claim(any_server, proxy):
    add_stacks(any_server, "a")
    claim(any_server)
    waiting = Waiting(any_server, "next")
    answer = lost_and_repeated(proxy, "POST", "/v1/stacks/a/release", {"fencingToken": 1})
    refused(answer, 409, "fencing_token_moved")
    assert on_claim(any_server, waiting.claim(), "extend").status == 200


def test_an_import_with_replace_and_a_sweep(any_server, proxy):
    lines = '{"stackName":"a","repoName":"r","isAvailable":"x","fencingToken":7}\n'
    assert lost_and_repeated(proxy, "POST", "/v1/import?replace=true", lines).json() == {"created": 0, "replaced": 1}
    assert lost_and_repeated(proxy, "POST", "/v1/sweep").status == 200
    assert stack(any_server, "a")["fencingToken"] == 7


def test_the_commands_repeat_what_a_claim_id_names(any_server, proxy, tmp_path):
    add_stacks(any_server, "a")
    made = claim(any_server)
    (tmp_path / "claim.txt").write_text(made["claimId"])
    for command in (["extend", "--lease", "1h"], ["hold", "--keep", "10m"], ["release"]):
        before = proxy.lost
        proxy.lose_next()
        done = run_cli(*command, "--claim-id-file", tmp_path / "claim.txt", server=proxy)
        assert (done.returncode, proxy.lost - before) == (0, 1), done.stderr
    assert kinds(any_server, "a")[2:] == ["held", "hold_ended"]


def test_claim_and_release_over_a_line_that_loses_a_third(any_server):
    """No stack is lost, none is lent twice, each grant is acknowledged exactly once."""
    add_stacks(any_server, *"abcd")
    chance = random.Random(4711)
    turns = 60
    with LossyProxy(any_server.port, lambda: "lose" if chance.random() < 0.33 else "pass") as proxy:
        tokens = {}
        for turn in range(turns):
            client = Repeating(proxy)
            [made] = granted(client.call("POST", claims_path(), {"requestId": f"turn-{turn}"}))
            assert tokens.setdefault(made["stackName"], 0) < made["fencingToken"]
            tokens[made["stackName"]] = made["fencingToken"]
            client = Repeating(proxy)
            assert client.call("POST", f"/v1/claims/{made['claimId']}/release", {}).status == 200
        assert proxy.lost > turns / 3
    assert sum(item["fencingToken"] for item in any_server.stacks().values()) == turns
    assert {item["state"] for item in any_server.stacks().values()} == {"available"}
    ended = [event for event in history(any_server) if event["kind"] != "created"]
    assert [event["kind"] for event in ended] == ["claimed", "released"] * turns
    wait_until(lambda: status(any_server, "turn-0") == "ended", 10, "noting its end")
