"""Claims of the API v1: what a call may ask for, leases, extending, releasing, losing."""

import re
import time

import pytest
from lending import add_stacks, ask, claim, granted, history, instant, on_claim, refused, release, stack
from server import Server, wait_until

HOLDER = {"ci": "gitlab", "job": "4711", "jobUrl": "https://ci.example/jobs/4711", "repo": "shop", "branch": "main",
          "commit": "1f0e2d3", "actor": "ann"}


def test_a_claim_tells_all_that_its_job_needs(any_server):
    add_stacks(any_server, "a", labels={"size": "large"}, attributes={"url": "https://a.example"})
    answer = ask(any_server, requestId="build-1", leaseSeconds=600, labels={"size": "large"}, holder=HOLDER, priority=3,
                 count=1, waitSeconds=0, createIfNone=False, prefer={"branch": "main", "commit": "1f0e2d3"})
    assert answer.json()["requestId"] == "build-1"
    [made] = granted(answer)
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}\.YQ", made["claimId"])
    assert instant(made["expiresAt"]) - instant(made["claimedAt"]) == pytest.approx(600, abs=0.001)
    del made["claimId"], made["claimedAt"], made["expiresAt"]
    assert made == {
        "stackName": "a", "repoName": "r", "requestId": "build-1", "state": "claimed", "fencingToken": 1,
        "leaseSeconds": 600, "created": False,
        "stack": {"labels": {"size": "large"}, "attributes": {"url": "https://a.example"}, "deployed": None,
                  "lastEnd": None}}
    shown = stack(any_server, "a")
    assert (shown["state"], shown["claim"]["holder"], shown["claim"]["requestId"]) == ("claimed", HOLDER, "build-1")


def test_a_call_without_a_body_claims_any_stack_for_the_default_lease(any_server):
    add_stacks(any_server, "a")
    answer = any_server.call("POST", "/v1/repos/r/claims")
    [made] = granted(answer)
    assert made["leaseSeconds"] == 900
    assert re.fullmatch(r"[A-Za-z0-9_-]{30}", answer.json()["requestId"])


def test_what_a_release_says_is_told_to_the_next_claim(any_server):
    add_stacks(any_server, "a")
    release(any_server, claim(any_server), outcome="failed", note="login test", attributes={"url": "https://new"},
            deployed={"branch": "main", "commit": "1f0e2d3"})
    told = claim(any_server)["stack"]
    assert told["attributes"] == {"url": "https://new"}
    assert (told["deployed"]["branch"], told["deployed"]["commit"]) == ("main", "1f0e2d3")
    end = told["lastEnd"]
    assert (end["reason"], end["outcome"], end["note"], end["fencingToken"]) == ("released", "failed", "login test", 1)
    assert end["at"] == told["deployed"]["at"]


def test_labels_must_all_be_equal(any_server):
    add_stacks(any_server, "small", labels={"size": "small", "db": "pg"})
    add_stacks(any_server, "large", labels={"size": "large", "db": "pg"})
    assert claim(any_server, labels={"size": "large", "db": "pg"})["stackName"] == "large"
    refused(ask(any_server, labels={"size": "large"}), 409, "none_available")
    missing = refused(ask(any_server, labels={"size": "huge"}), 409, "never_satisfiable")
    assert missing["wanted"] == {"count": 1, "labels": {"size": "huge"}}
    assert missing["pool"] == {"stacks": 2, "suitable": 0}


def test_a_particular_stack_or_none(any_server):
    add_stacks(any_server, "a", "b")
    assert claim(any_server, stackName="b", requestId="q", holder={"job": "4711"})["stackName"] == "b"
    told = refused(ask(any_server, stackName="b"), 409, "stack_unavailable")
    assert (told["stackName"], told["state"], told["holder"]) == ("b", "claimed", {"job": "4711"})
    assert instant(told["expiresAt"]) > instant(told["claimedAt"])
    refused(ask(any_server, stackName="c"), 404, "stack_unknown")
    add_stacks(any_server, "theirs", repo="other")
    refused(ask(any_server, stackName="theirs"), 404, "stack_unknown")


def test_several_stacks_all_or_none(any_server):
    add_stacks(any_server, *"abc")
    two = granted(ask(any_server, count=2))
    assert len({made["stackName"] for made in two}) == len({made["claimId"] for made in two}) == 2
    refused(ask(any_server, count=2), 409, "none_available")
    assert sorted(item["state"] for item in any_server.stacks().values()) == ["available", "claimed", "claimed"]
    told = refused(ask(any_server, count=4, waitSeconds=20), 409, "never_satisfiable")
    assert (told["wanted"]["count"], told["pool"]["stacks"]) == (4, 3)


def test_the_stack_with_the_same_commit_is_preferred_then_the_branch_then_the_last_used(any_server):
    add_stacks(any_server, *"abcd")
    deployed = {"a": ("main", "111"), "b": ("main", "222"), "c": ("next", "333"), "d": ("next", "444")}
    for name, (branch, commit) in deployed.items():
        release(any_server, claim(any_server, stackName=name), deployed={"branch": branch, "commit": commit})
    wishes = [{"branch": "main", "commit": "333"}, {"branch": "main"}, {}, {"commit": "999"}]
    got = [claim(any_server, prefer=wish)["stackName"] for wish in wishes]
    if any_server.store.startswith("dynamodb:"):
        # Servers would fight for the one that was used last, so it is any of the last eight.
        assert got[0] == "c" and got[1] in ("a", "b") and sorted(got) == ["a", "b", "c", "d"]
    else:
        assert got == ["c", "b", "d", "a"]


def test_stacks_are_created_where_none_is_free_until_a_release_names_what_is_deployed(any_server):
    made = claim(any_server, createIfNone=True, labels={"size": "large"}, requestId="q1")
    assert re.fullmatch(r"r-[a-z0-9]{8}", made["stackName"]) and made["created"] is True
    assert stack(any_server, made["stackName"])["labels"] == {"size": "large"}
    release(any_server, made, outcome="cancelled")
    again = claim(any_server, createIfNone=True)
    assert (again["stackName"], again["created"]) == (made["stackName"], True)
    release(any_server, again, deployed={"branch": "main", "commit": "1"})
    assert claim(any_server)["created"] is False
    named = claim(any_server, createIfNone=True, namePrefix="shop/".replace("/", "_"))
    assert re.fullmatch(r"shop_[a-z0-9]{8}", named["stackName"])
    particular = claim(any_server, createIfNone=True, stackName="mine")
    assert (particular["stackName"], particular["created"], particular["fencingToken"]) == ("mine", True, 1)


def test_creating_ends_at_the_repos_limit():
    with Server("--max-stacks-per-repo", "2", store="memory:") as server:
        add_stacks(server, "a")
        two = granted(ask(server, count=2, createIfNone=True))
        assert sorted(made["created"] for made in two) == [False, True]
        told = refused(ask(server, createIfNone=True), 409, "none_available")
        assert "2" in told["detail"]
        refused(ask(server, createIfNone=True, count=3), 409, "never_satisfiable")
        assert ask(server, createIfNone=True, waitSeconds=1).status == 202
        assert len(server.stacks()) == 2
        claim(server, repo="another", createIfNone=True)


def test_a_repo_that_nobody_has_heard_of_is_not_made_up(any_server):
    refused(ask(any_server, repo="typo"), 404, "repo_unknown")
    refused(ask(any_server, repo="typo", waitSeconds=20), 404, "repo_unknown")
    assert any_server.call("GET", "/v1/repos").json()["items"] == []


def test_a_repeat_is_the_same_request(any_server):
    add_stacks(any_server, "a", "b")
    first = ask(any_server, requestId="q", labels={}, holder={"job": "1"})
    again = ask(any_server, requestId="q", labels={}, holder={"job": "2"}, waitSeconds=7, prefer={"branch": "x"})
    assert again.json() == first.json()
    for other in ({"count": 2}, {"leaseSeconds": 901}, {"labels": {"a": "b"}}, {"stackName": "a"}, {"priority": 1},
                  {"createIfNone": True}):
        refused(ask(any_server, requestId="q", **other), 409, "request_conflict")
    add_stacks(any_server, "c", repo="other")
    assert claim(any_server, repo="other", requestId="q")["stackName"] == "c"  # an id is a repo's own
    release(any_server, granted(first)[0])
    refused(ask(any_server, requestId="q"), 410, "request_ended")


# Leases

def test_a_lease_is_over_for_every_decision_at_its_end(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server, leaseSeconds=1)
    wait_until(lambda: stack(any_server, "a")["state"] == "available", 10, "the end of the lease")
    told = refused(on_claim(any_server, made, "extend"), 410, "claim_lost")
    assert told["endReason"] == "expired" and instant(told["endedAt"]) >= instant(made["expiresAt"])
    assert claim(any_server)["fencingToken"] == 2


def test_a_running_server_sweeps_a_lease_that_is_over(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server, leaseSeconds=1, requestId="q", holder=HOLDER)
    ended = wait_until(lambda: [e for e in history(any_server, "a") if e["kind"] == "expired"], 20, "the sweep")[0]
    assert (ended["by"], ended["from"], ended["to"]) == ("time", "claimed", "available")
    assert (ended["requestId"], ended["holder"], ended["fencingToken"]) == ("q", HOLDER, 1)
    assert instant(ended["at"]) >= instant(made["expiresAt"])


def test_extending_keeps_a_claim_alive(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server, leaseSeconds=2)
    until = time.monotonic() + 3
    while time.monotonic() < until:
        assert on_claim(any_server, made, "extend").status == 200
        time.sleep(0.2)
    kept = any_server.call("GET", f"/v1/claims/{made['claimId']}").json()
    assert kept["fencingToken"] == made["fencingToken"] and kept["claimedAt"] == made["claimedAt"]
    assert instant(kept["expiresAt"]) > instant(made["expiresAt"]) + 1


def test_extending_never_shortens(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server, leaseSeconds=600)
    assert on_claim(any_server, made, "extend", leaseSeconds=1).json()["expiresAt"] == made["expiresAt"]
    longer = on_claim(any_server, made, "extend", leaseSeconds=1200).json()
    assert instant(longer["expiresAt"]) >= instant(made["expiresAt"]) + 600
    assert longer["leaseSeconds"] == 600  # the claim's own, for an extension that names none


def test_no_claim_outlives_the_longest_life():
    with Server("--max-claim", "100s", store="memory:") as server:
        add_stacks(server, "a")
        made = claim(server, leaseSeconds=86400)
        assert instant(made["expiresAt"]) - instant(made["claimedAt"]) == pytest.approx(100, abs=0.001)
        assert on_claim(server, made, "extend", leaseSeconds=86400).json()["expiresAt"] == made["expiresAt"]
        as_admin = server.call("POST", "/v1/stacks/a/extend", {"fencingToken": 1, "leaseSeconds": 86400})
        assert as_admin.json()["claim"]["expiresAt"] == made["expiresAt"]


def test_a_claim_whose_longest_life_is_over_is_lost_however_often_it_is_extended():
    with Server("--max-claim", "2s", store="memory:") as server:
        add_stacks(server, "a")
        made = claim(server)

        def lost():
            answer = on_claim(server, made, "extend")
            return answer if answer.status != 200 else None

        told = refused(wait_until(lost, 20, "its end"), 410, "claim_lost")
        assert told["endReason"] == "expired"
        assert instant(told["endedAt"]) - instant(made["claimedAt"]) >= 2


# Releases

def test_releasing_again_gets_the_first_answer_and_changes_nothing(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server)
    first = release(any_server, made, outcome="failed", note="first")
    taken = claim(any_server, holder={"job": "next"})
    before = (stack(any_server, "a"), history(any_server))
    for fields in ({"outcome": "failed", "note": "first"}, {}, {"outcome": "passed", "attributes": {"x": "y"}},
                   {"keepSeconds": 60}):
        assert release(any_server, made, **fields) == first
    assert (stack(any_server, "a"), history(any_server)) == before
    assert on_claim(any_server, taken, "extend").status == 200


def test_whoever_lost_a_claim_learns_who_has_the_stack_and_changes_nothing(any_server):
    add_stacks(any_server, "a")
    late = claim(any_server, leaseSeconds=1)
    taken = wait_until(lambda: next(iter(ask(any_server, requestId="next", holder={"job": "next"}).json()
                                         .get("claims", [])), None), 20, "the next claim")
    before = (stack(any_server, "a"), history(any_server))
    for method, verb in (("POST", "/release"), ("POST", "/extend"), ("GET", "")):
        told = refused(any_server.call(method, f"/v1/claims/{late['claimId']}{verb}"), 410, "claim_lost")
        assert (told["endReason"], told["state"], told["holder"]) == ("expired", "claimed", {"job": "next"})
        assert (told["fencingToken"], told["expiresAt"]) == (2, taken["expiresAt"])
        assert "next" in told["detail"]
    assert (stack(any_server, "a"), history(any_server)) == before


def test_a_claim_of_a_removed_stack_is_lost_too(any_server):
    add_stacks(any_server, "a")
    late = claim(any_server, leaseSeconds=1)
    wait_until(lambda: any_server.call("DELETE", "/v1/stacks/a").status == 204, 20, "the removal")
    told = refused(on_claim(any_server, late, "extend"), 410, "claim_lost")
    assert told["endReason"] == "expired" and told["stackName"] == "a" and "state" not in told


def test_a_claim_id_that_never_was_is_unknown(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server)
    forged = ("A" if made["claimId"][0] != "A" else "B") + made["claimId"][1:]
    for claim_id in (forged, "x", "a.b", made["claimId"][:-1], made["claimId"] + "Q", "A" * 22 + ".", "%00"):
        for method, verb in (("GET", ""), ("POST", "/extend"), ("POST", "/release")):
            answer = any_server.call(method, f"/v1/claims/{claim_id}{verb}")
            assert answer.status == (400 if claim_id == "%00" else 404), (claim_id, answer)
    assert on_claim(any_server, made, "extend").status == 200


def test_nobody_owns_a_hold_that_an_admin_made(any_server):
    """It has no claimId, and none that consists of zeros either."""
    any_server.create("a", available=False)
    assert any_server.call("POST", "/v1/stacks/a/hold", {"fencingToken": 1, "keepSeconds": 600}).status == 200
    for claim_id in ("A" * 22 + ".YQ", "." + "YQ", "A" * 21 + "B.YQ"):
        for method, verb in (("GET", ""), ("POST", "/extend"), ("POST", "/release")):
            refused(any_server.call(method, f"/v1/claims/{claim_id}{verb}"), 404, "claim_unknown")
    assert stack(any_server, "a")["state"] == "held"


def test_a_claim_id_is_shown_to_nobody_else():
    with Server() as server:
        add_stacks(server, "a", "b")
        made = claim(server, requestId="q", holder={"job": "x"})
        key = made["claimId"].partition(".")[0]
        on_claim(server, made, "extend")
        server.call("GET", f"/v1/claims/{made['claimId']}")
        lists = [server.call("GET", path).text for path in (
            "/v1/stacks", "/v1/stacks/a", "/v1/stacks/b", "/v1/history", "/v1/repos/r/requests",
            "/v1/repos/r/requests/q", "/v1/repos", "/v1/export")]
        lists.append(ask(server, stackName=made["stackName"]).text)
        release(server, made)
        on_claim(server, made, "extend")
        lists.append(server.call("GET", "/v1/history").text)
        assert server.stop() == 0
        assert key not in "".join(lists)
        assert key not in server.log()
        assert "/v1/claims/" in server.log()
