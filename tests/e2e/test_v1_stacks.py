"""Stacks of the API v1: labels, notes, holds, disabling, removing, and what admins do to a stack in use."""

import pytest
from lending import (Waiting, add_stacks, ask, claim, instant, kinds, on_claim, on_stack, refused, release, stack)
from server import Server, wait_until


def patch(server, name, **fields):
    answer = server.call("PATCH", f"/v1/stacks/{name}", fields)
    assert answer.status == 200, answer
    return answer.json()


def test_a_new_stack_is_shown_whole(any_server):
    body = {"stackName": "a", "repoName": "r", "labels": {"size": "large"}, "attributes": {"url": "https://a"},
            "note": "two\nlines"}
    made = any_server.call("POST", "/v1/stacks", body)
    assert made.status == 201 and made.json() == stack(any_server, "a")
    shown = made.json()
    assert instant(shown.pop("usedAt")) > 1_500_000_000
    assert shown == {**body, "state": "available", "fencingToken": 0, "claim": None, "heldUntil": None, "disabled": None,
                     "deployed": None, "lastEnd": None}


def test_a_patch_changes_what_it_names_and_nothing_else(any_server):
    add_stacks(any_server, "a", labels={"size": "large"}, attributes={"url": "https://a"}, note="n")
    assert patch(any_server, "a", labels={"db": "pg"})["labels"] == {"db": "pg"}
    changed = patch(any_server, "a", note="", attributes={})
    assert (changed["labels"], changed["attributes"], changed["note"]) == ({"db": "pg"}, {}, "")
    assert kinds(any_server, "a") == ["created", "described", "described"]
    patch(any_server, "a", note="")  # nothing new: no event
    assert kinds(any_server, "a") == ["created", "described", "described"]


def test_a_stack_in_use_can_be_described(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server)
    patch(any_server, "a", note="ask Ann", labels={"size": "large"})
    assert on_claim(any_server, made, "extend").json()["stack"]["labels"] == {"size": "large"}


# Disabling

def test_a_disabled_stack_is_lent_to_nobody_until_it_is_enabled(any_server):
    add_stacks(any_server, "a", "b")
    assert patch(any_server, "a", disabled={"reason": "upgrade"})["disabled"] == {"reason": "upgrade", "when": "now"}
    assert claim(any_server)["stackName"] == "b"
    refused(ask(any_server), 409, "none_available")
    told = refused(ask(any_server, stackName="a"), 409, "stack_unavailable")
    assert (told["state"], told["disabledReason"]) == ("disabled", "upgrade")
    assert any_server.call("PUT", "/claim-stack/a").status == 400
    assert patch(any_server, "a", disabled=None)["state"] == "available"
    assert claim(any_server)["stackName"] == "a"
    assert kinds(any_server, "a") == ["created", "disabled", "enabled", "claimed"]


@pytest.mark.parametrize("when", [{}, {"when": "afterClaim"}], ids=["by default", "afterClaim"])
def test_a_claim_in_use_may_finish_first(any_server, when):
    add_stacks(any_server, "a")
    made = claim(any_server)
    waiting = Waiting(any_server, "q", wait=2)
    shown = patch(any_server, "a", disabled={"reason": "upgrade", **when})
    assert (shown["state"], shown["disabled"]) == ("claimed", {"reason": "upgrade", "when": "afterClaim"})
    assert on_claim(any_server, made, "extend").status == 200
    release(any_server, made)
    assert stack(any_server, "a")["state"] == "disabled"
    assert waiting.answer().status == 202
    assert kinds(any_server, "a") == ["created", "claimed", "disable_requested", "released"]


def test_a_disable_that_waits_can_be_taken_back(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server)
    patch(any_server, "a", disabled={"reason": "upgrade"})
    assert patch(any_server, "a", disabled=None)["disabled"] is None
    release(any_server, made)
    assert stack(any_server, "a")["state"] == "available"


def test_a_disable_waits_for_a_hold_too(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server)
    release(any_server, made, keepSeconds=600)
    assert patch(any_server, "a", disabled={"reason": "upgrade"})["state"] == "held"
    release(any_server, made)
    assert stack(any_server, "a")["state"] == "disabled"


def test_disabling_at_once_loses_the_claim(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server, requestId="q", holder={"job": "4711"})
    assert patch(any_server, "a", disabled={"reason": "on fire", "when": "now"})["state"] == "disabled"
    for verb in ("extend", "release"):
        told = refused(on_claim(any_server, made, verb), 410, "claim_lost")
        assert (told["endReason"], told["state"], told["disabledReason"]) == ("stack_disabled", "disabled", "on fire")
    refused(ask(any_server, requestId="q"), 410, "request_ended")
    assert stack(any_server, "a")["lastEnd"]["reason"] == "stack_disabled"


# Holds

def test_a_hold_keeps_the_stack_aside_until_its_claim_id_ends_it(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server, holder={"job": "4711"})
    answer = release(any_server, made, outcome="failed", keepSeconds=600, note="login test")
    assert answer["held"] is True and "reason" not in answer
    shown = stack(any_server, "a")
    assert (shown["state"], shown["heldUntil"], shown["claim"]["holder"]) \
        == ("held", answer["heldUntil"], {"job": "4711"})
    assert (shown["lastEnd"]["outcome"], shown["lastEnd"]["note"]) == ("failed", "login test")
    refused(ask(any_server), 409, "none_available")
    assert any_server.call("GET", f"/v1/claims/{made['claimId']}").json()["state"] == "held"
    longer = on_claim(any_server, made, "extend", leaseSeconds=3600).json()
    assert instant(longer["expiresAt"]) > instant(answer["heldUntil"]) + 2000
    assert release(any_server, made)["held"] is False
    assert stack(any_server, "a")["state"] == "available"
    assert kinds(any_server, "a") == ["created", "claimed", "held", "hold_ended"]


def test_a_hold_ends_by_its_time(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server)
    release(any_server, made, keepSeconds=1)
    wait_until(lambda: kinds(any_server, "a")[-1] == "hold_ended", 20, "the end of the hold")
    told = refused(on_claim(any_server, made, "extend"), 410, "claim_lost")
    assert told["endReason"] == "hold_ended"
    assert claim(any_server)["fencingToken"] == 2


def test_half_of_a_repos_stacks_may_be_held_and_at_least_one(any_server):
    for repo, names, holds in (("one", "a", 1), ("three", "bcd", 1), ("four", "efgh", 2)):
        add_stacks(any_server, *names, repo=repo)
        made = [claim(any_server, repo=repo) for _ in names]
        answers = [release(any_server, each, keepSeconds=600) for each in made]
        assert [answer["held"] for answer in answers] == [True] * holds + [False] * (len(names) - holds)
        assert {answer.get("reason") for answer in answers[holds:]} <= {"hold_limit"}
        # One that was refused is free for the next, and its repeat is told the same.
        if len(names) > holds:
            assert release(any_server, made[-1], keepSeconds=600) == answers[-1]
            claim(any_server, repo=repo)


@pytest.mark.parametrize("limit, held", [("0", [False, False]), ("2", [True, True]), ("half", [True, False])])
def test_the_limit_of_holds_is_a_setting(limit, held):
    with Server("--max-holds-per-repo", limit, store="memory:") as server:
        add_stacks(server, "a", "b")
        made = [claim(server), claim(server)]
        assert [release(server, each, keepSeconds=600)["held"] for each in made] == held


# Removing

def test_a_stack_in_use_is_not_removed(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server, holder={"job": "4711"})
    told = refused(any_server.call("DELETE", "/v1/stacks/a"), 409, "stack_in_use")
    assert (told["state"], told["holder"], told["fencingToken"]) == ("claimed", {"job": "4711"}, 1)
    release(any_server, made, keepSeconds=600)
    assert refused(any_server.call("DELETE", "/v1/stacks/a"), 409, "stack_in_use")["state"] == "held"
    release(any_server, made)
    assert any_server.call("DELETE", "/v1/stacks/a").status == 204
    refused(any_server.call("DELETE", "/v1/stacks/a"), 404, "stack_unknown")
    refused(any_server.call("PATCH", "/v1/stacks/a", {"note": "x"}), 404, "stack_unknown")


def test_a_disabled_stack_can_be_removed(any_server):
    add_stacks(any_server, "a")
    patch(any_server, "a", disabled={"reason": "gone", "when": "now"})
    assert any_server.call("DELETE", "/v1/stacks/a").status == 204


# Admins

def test_an_admin_releases_extends_and_holds_the_claim_that_is_named(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server, leaseSeconds=60)
    for verb, fields in (("release", {}), ("extend", {"leaseSeconds": 600}), ("hold", {"keepSeconds": 600})):
        told = refused(on_stack(any_server, "a", verb, fencingToken=2, **fields), 409, "fencing_token_moved")
        assert (told["fencingToken"], told["state"]) == (1, "claimed")
    longer = on_stack(any_server, "a", "extend", fencingToken=1, leaseSeconds=600).json()
    assert instant(longer["claim"]["expiresAt"]) > instant(made["expiresAt"]) + 500
    held = on_stack(any_server, "a", "hold", fencingToken=1, keepSeconds=600).json()
    assert held["state"] == "held"
    told = refused(on_claim(any_server, made, "extend"), 410, "claim_lost")
    assert (told["endReason"], told["state"]) == ("admin_released", "held")
    assert on_stack(any_server, "a", "release", fencingToken=1).json()["state"] == "available"
    for verb, fields in (("release", {}), ("extend", {"leaseSeconds": 600}), ("hold", {"keepSeconds": 600})):
        refused(on_stack(any_server, "a", verb, fencingToken=1, **fields), 409, "nothing_to_end")
        refused(on_stack(any_server, "nope", verb, fencingToken=1, **fields), 404, "stack_unknown")
    assert kinds(any_server, "a") == ["created", "claimed", "extended", "held", "hold_ended"]


def test_the_limit_of_holds_does_not_bind_admins(any_server):
    add_stacks(any_server, "a", "b")
    for name in "ab":
        claim(any_server, stackName=name)
        assert on_stack(any_server, name, "hold", fencingToken=1, keepSeconds=600).json()["state"] == "held"


def test_a_seed_claim_has_no_lease_to_extend_but_can_be_held_and_released(any_server):
    any_server.create("a", available=False)
    refused(on_stack(any_server, "a", "extend", fencingToken=1, leaseSeconds=60), 409, "nothing_to_end")
    held = on_stack(any_server, "a", "hold", fencingToken=1, keepSeconds=600).json()
    assert (held["state"], held["claim"]) == ("held", None) and held["heldUntil"]
    assert on_stack(any_server, "a", "release", fencingToken=1).json()["state"] == "available"


def test_lists_show_what_time_has_ended_at_once(any_server):
    add_stacks(any_server, "a", "b")
    claim(any_server, leaseSeconds=1)
    claim(any_server)

    def free():
        return [item["stackName"] for item in any_server.call("GET", "/v1/stacks?state=available").json()["items"]]

    wait_until(free, 20, "the end of the lease")
    counted = any_server.call("GET", "/v1/repos/r").json()
    assert (counted["stacks"], counted["available"], counted["claimed"]) == (2, 1, 1)
    listed = any_server.call("GET", "/v1/repos").json()["items"][0]
    assert (listed["available"], listed["claimed"], listed["waiting"]) == (1, 1, 0)
    assert len(any_server.call("GET", "/get-available/r").json()["results"]) == 1


def test_a_repo_is_known_while_it_has_stacks_or_somebody_waits(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server, requestId="over")
    waiting = Waiting(any_server, "q", wait=1)
    release(any_server, made)
    granted = waiting.answer()
    any_server.call("POST", "/v1/stacks/a/release", {"fencingToken": 2})
    assert granted.status == 200 and any_server.call("DELETE", "/v1/stacks/a").status == 204
    assert any_server.call("GET", "/v1/repos").json()["items"] == []
    refused(any_server.call("GET", "/v1/repos/r"), 404, "repo_unknown")
    # What is over can still be looked up.
    items = any_server.call("GET", "/v1/repos/r/requests").json()["items"]
    assert [(item["requestId"], item["status"]) for item in items] == [("over", "ended"), ("q", "ended")]


def test_requests_of_many_repos_are_listed_each_with_its_own(any_server):
    for repo in ("a", "b", "c"):
        for number in range(4):
            add_stacks(any_server, f"{repo}{number}", repo=repo)
            claim(any_server, repo=repo, requestId=f"q{number}")
        Waiting(any_server, "waits", repo=repo, wait=1).answer()
    for repo in ("a", "b", "c"):
        found, cursor = [], ""
        while True:
            page = any_server.call("GET", f"/v1/repos/{repo}/requests?limit=2{cursor}").json()
            found += [(item["repoName"], item["requestId"]) for item in page["items"]]
            if page["nextCursor"] is None:
                break
            cursor = f"&cursor={page['nextCursor']}"
        assert found == [(repo, name) for name in ("waits", "q0", "q1", "q2", "q3")]
    refused(any_server.call("GET", "/v1/repos/nope/requests"), 404, "repo_unknown")
    refused(any_server.call("GET", "/v1/repos/nope"), 404, "repo_unknown")
