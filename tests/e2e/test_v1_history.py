"""History of the API v1 and the explanation of a request that waits."""

import pytest
from lending import (Waiting, add_stacks, ask, claim, history, instant, kinds, on_stack, refused, release, request, stack,
                     status)
from server import Server, wait_until
from tables import query

DAY_US = 86_400_000_000

HOLDER = {"ci": "gitlab", "job": "4711", "branch": "main"}


def paged(server, path, limit):
    """All items of a list, page by page."""
    found, cursor = [], ""
    while True:
        page = server.call("GET", f"{path}limit={limit}{cursor}").json()
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["nextCursor"] is None:
            return found
        cursor = f"&cursor={page['nextCursor']}"


def test_each_change_is_an_event_and_the_event_says_what_happened(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server, requestId="q", holder=HOLDER)
    release(any_server, made, outcome="failed", note="login test", keepSeconds=600)
    any_server.call("PUT", "/release-stack/a")
    any_server.call("PUT", "/claim-stack/a")
    any_server.call("PUT", "/release-stack/a")
    any_server.call("DELETE", "/v1/stacks/a")
    seen = history(any_server, "a")
    assert [(event["kind"], event["by"], event["from"], event["to"], event["fencingToken"]) for event in seen] == [
        ("created", "admin", None, "available", 0), ("claimed", "owner", "available", "claimed", 1),
        ("held", "owner", "claimed", "held", 1), ("hold_ended", "seed", "held", "available", 1),
        ("claimed", "seed", "available", "claimed", 2), ("released", "seed", "claimed", "available", 2),
        ("removed", "admin", "available", None, 2)]
    claimed, held = seen[1:3]
    assert (claimed["requestId"], claimed["holder"]) == (held["requestId"], held["holder"]) == ("q", HOLDER)
    assert (held["outcome"], held["note"]) == ("failed", "login test")
    assert instant(held["heldUntil"]) - instant(held["at"]) == pytest.approx(600, abs=0.001)
    assert (seen[4]["requestId"], seen[4]["holder"]) == (None, {})
    ids = [event["id"] for event in seen]
    assert ids == sorted(set(ids))
    assert history(any_server) == seen


def test_history_is_by_stack_by_repo_and_by_time(any_server):
    add_stacks(any_server, "a", "b", repo="one")
    add_stacks(any_server, "c", repo="two")
    for repo, name in (("one", "a"), ("two", "c"), ("one", "b"), ("one", "a")):
        release(any_server, claim(any_server, repo=repo, stackName=name))
    everything = history(any_server)
    assert len(everything) == 11
    assert history(any_server, "a") == [event for event in everything if event["stackName"] == "a"]
    assert history(any_server, repoName="two") == [event for event in everything if event["repoName"] == "two"]
    assert history(any_server, repoName="nobody") == []
    for moment in {event["at"] for event in everything}:
        assert history(any_server, since=moment) == [event for event in everything if event["at"] >= moment]
        assert history(any_server, until=moment) == [event for event in everything if event["at"] < moment]
        assert history(any_server, "a", since=moment) \
            == [event for event in everything if event["at"] >= moment and event["stackName"] == "a"]
    times = sorted({event["at"] for event in everything})
    if len(times) > 2:
        assert history(any_server, since=times[1], until=times[-1], repoName="one") \
            == [event for event in everything if times[1] <= event["at"] < times[-1] and event["repoName"] == "one"]


@pytest.mark.parametrize("limit", [1, 2, 7, 1000])
def test_history_is_paged_newest_first_without_gaps(any_server, limit):
    add_stacks(any_server, "a", "b")
    for number in range(12):
        release(any_server, claim(any_server, stackName="ab"[number % 2]))
    everything = history(any_server)[::-1]
    assert paged(any_server, "/v1/history?", limit) == everything
    assert paged(any_server, "/v1/history?repoName=r&", limit) == everything
    assert paged(any_server, "/v1/stacks/b/history?", limit) \
        == [event for event in everything if event["stackName"] == "b"]


def test_a_page_is_not_moved_by_what_happens_meanwhile(any_server):
    add_stacks(any_server, "a")
    first = any_server.call("GET", "/v1/history?limit=1").json()
    release(any_server, claim(any_server))
    add_stacks(any_server, "b")
    page = any_server.call("GET", f"/v1/history?limit=1&cursor={first['nextCursor']}").json() \
        if first["nextCursor"] else {"items": []}
    assert page["items"] == []


def test_the_history_of_a_removed_stack_stays_and_that_of_nobody_is_unknown(any_server):
    add_stacks(any_server, "a")
    any_server.call("DELETE", "/v1/stacks/a")
    assert kinds(any_server, "a") == ["created", "removed"]
    refused(any_server.call("GET", "/v1/stacks/nobody/history"), 404, "stack_unknown")
    add_stacks(any_server, "a")
    assert kinds(any_server, "a") == ["created", "removed", "created"]


def test_history_survives_a_kill(server):
    add_stacks(server, "a")
    made = claim(server)
    release(server, made, outcome="failed")
    before = history(server)
    server.kill()
    server.start()
    assert history(server) == before
    claim(server)
    assert [event["id"] for event in history(server)] == sorted({event["id"] for event in history(server)})


def test_what_an_admin_does_is_told(any_server):
    add_stacks(any_server, "a")
    claim(any_server, holder=HOLDER)
    on_stack(any_server, "a", "extend", fencingToken=1, leaseSeconds=1000)
    any_server.call("PATCH", "/v1/stacks/a", {"note": "n", "disabled": {"reason": "on fire", "when": "now"}})
    any_server.call("PATCH", "/v1/stacks/a", {"disabled": None})
    told = [(event["kind"], event["by"], event["note"]) for event in history(any_server, "a")][2:]
    assert told == [("extended", "admin", ""), ("described", "admin", ""), ("disabled", "admin", "on fire"),
                    ("enabled", "admin", "")]


def put_history_back(server, days):
    """As if all that happened so far had been that long ago."""
    assert server.stop() == 0
    query(server.data_file, "UPDATE events SET at = at - ?", days * DAY_US)
    server.start()


@pytest.mark.parametrize("age, days, stays", [("90d", 91, False), ("90d", 89, True), ("8d", 9, False), ("7d", 6, True)])
def test_events_are_forgotten_by_their_age(age, days, stays):
    with Server("--history-age", age) as server:
        add_stacks(server, "a")
        release(server, claim(server))
        old = history(server, "a")
        put_history_back(server, days)
        release(server, claim(server))
        young = ["claimed", "released"]
        if stays:
            wait_until(lambda: kinds(server, "a")[-2:] == young, 10, "the new events")
            assert [event["id"] for event in history(server, "a")][:3] == [event["id"] for event in old]
        else:
            wait_until(lambda: kinds(server, "a") == young, 20, "forgetting the old events")
        assert min(event["id"] for event in history(server)[-2:]) > max(event["id"] for event in old)


def test_events_past_their_number_are_forgotten_but_none_of_the_last_seven_days():
    with Server("--history-events", "1000", "--access-log", "off") as server:
        lines = "".join(f'{{"stackName":"s{n:04}","repoName":"r","isAvailable":"x"}}\n' for n in range(1200))
        for start in range(0, len(lines), 60_000):
            part = lines[lines.rfind("\n", 0, start) + 1:lines.rfind("\n", 0, start + 60_000) + 1]
            assert server.call("POST", "/v1/import", part).status == 200
        assert len(paged(server, "/v1/history?", 1000)) == 1200  # they are young
        put_history_back(server, 8)
        wait_until(lambda: len(paged(server, "/v1/history?", 1000)) == 1000, 20, "forgetting the oldest 200")
        assert paged(server, "/v1/history?", 1000)[-1]["stackName"] == "s0200"
        assert kinds(server, "s0000") == []


def test_a_claim_that_ended_is_remembered_for_seven_days(server):
    add_stacks(server, "a", "b")
    made, lost = claim(server, stackName="a"), claim(server, stackName="b")
    first = release(server, made)
    on_stack(server, "b", "release", fencingToken=1)
    path = f"/v1/claims/{lost['claimId']}/extend"
    put_history_back(server, 6)
    assert release(server, made) == first
    assert refused(server.call("POST", path), 410, "claim_lost")["endReason"] == "admin_released"
    put_history_back(server, 2)
    refused(server.call("POST", f"/v1/claims/{made['claimId']}/release"), 404, "claim_unknown")
    refused(server.call("POST", path), 404, "claim_unknown")


# Explaining

def test_a_request_that_waits_says_what_it_waits_for(any_server):
    add_stacks(any_server, *"abcd", labels={"size": "large"})
    add_stacks(any_server, "small")
    claim(any_server, stackName="a", holder={"job": "4711"}, leaseSeconds=600)
    claim(any_server, stackName="b", leaseSeconds=300)
    release(any_server, claim(any_server, stackName="c"), keepSeconds=6000)
    any_server.call("PATCH", "/v1/stacks/d", {"disabled": {"reason": "upgrade", "when": "now"}})
    waiting = Waiting(any_server, "q", labels={"size": "large"}, holder=HOLDER)
    told = request(any_server, "q")
    assert (told["status"], told["position"], told["ready"], told["holder"]) == ("waiting", 1, True, HOLDER)
    explained = told["explain"]
    assert (explained["open"], explained["never"], explained["suitableInAll"]) == (True, None, 4)
    assert [(entry["stackName"], entry["why"]) for entry in explained["suitable"]] \
        == [("b", "claimed"), ("a", "claimed"), ("c", "held"), ("d", "disabled")]
    assert explained["suitable"][1]["holder"] == {"job": "4711"}
    assert len(explained["first"]) == 1 and "b" in explained["first"][0]
    second = Waiting(any_server, "q2", labels={"size": "large"}, wait=1)
    assert any("before it" in sentence for sentence in request(any_server, "q2")["explain"]["first"])
    second.answer()
    assert not waiting.is_over


def test_one_whose_client_is_silent_is_told_from_one_who_listens(any_server):
    add_stacks(any_server, "a")
    claim(any_server)
    assert Waiting(any_server, "q", wait=1).answer().status == 202
    assert request(any_server, "q")["ready"] is True
    wait_until(lambda: not request(any_server, "q")["ready"], 20, "that it is not ready")
    told = request(any_server, "q")["explain"]
    assert told["open"] is False and any("call again" in sentence for sentence in told["first"])


def test_a_request_is_followed_to_its_end(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server, requestId="q", leaseSeconds=700, holder=HOLDER)
    told = request(any_server, "q")
    assert (told["status"], told["claims"], told["explain"]) \
        == ("granted", [{"stackName": "a", "fencingToken": 1}], None)
    assert (told["leaseSeconds"], told["count"], told["holder"]) == (700, 1, HOLDER)
    release(any_server, made)
    assert status(any_server, "q") == "ended"
    assert wait_until(lambda: request(any_server, "q")["endedAt"], 20, "noting its end") \
        == stack(any_server, "a")["lastEnd"]["at"]
    assert request(any_server, "never-was") is None


def test_every_suitable_stack_may_be_disabled(any_server):
    add_stacks(any_server, "a")
    any_server.call("PATCH", "/v1/stacks/a", {"disabled": {"reason": "upgrade", "when": "now"}})
    waiting = Waiting(any_server, "q", wait=2)
    assert "disabled" in " ".join(request(any_server, "q")["explain"]["first"])
    assert waiting.answer().status == 202
    refused(ask(any_server), 409, "none_available")
