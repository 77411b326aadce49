"""Fencing tokens never go back and no two grants share one: over restarts, removal, export and import, back-ups."""

import json

from lending import add_stacks, claim, history, release, stack
from server import Server, run_cli


def next_token(server, name="a", **fields):
    made = claim(server, stackName=name, **fields)
    release(server, made)
    return made["fencingToken"]


def test_each_grant_has_the_next_number_whoever_is_granted(any_server):
    add_stacks(any_server, "a")
    assert [next_token(any_server), next_token(any_server)] == [1, 2]
    any_server.call("PUT", "/claim-stack/a")
    any_server.call("PUT", "/release-stack/a")
    assert next_token(any_server) == 4


def test_over_a_restart_and_a_kill(server):
    add_stacks(server, "a")
    assert next_token(server) == 1
    assert server.stop() == 0
    server.start()
    assert next_token(server) == 2
    server.kill()
    server.start()
    assert next_token(server) == 3


def test_over_removal_and_creation(any_server):
    add_stacks(any_server, "a")
    assert next_token(any_server) == 1
    any_server.call("DELETE", "/v1/stacks/a")
    add_stacks(any_server, "a", repo="other")
    assert claim(any_server, repo="other")["fencingToken"] == 2
    any_server.call("POST", "/v1/stacks/a/release", {"fencingToken": 2})
    any_server.call("DELETE", "/v1/stacks/a")
    assert claim(any_server, createIfNone=True, stackName="a")["fencingToken"] == 3


def test_over_export_and_import_the_larger_wins(server):
    with Server() as other:
        add_stacks(server, "a", labels={"size": "large"}, note="n")
        assert [next_token(server) for _ in range(5)] == [1, 2, 3, 4, 5]
        lines = server.call("GET", "/v1/export").body
        assert other.call("POST", "/v1/import", lines).status == 200
        assert stack(other, "a")["labels"] == {"size": "large"}
        assert next_token(other) == 6
        # Back over the original, which has gone on meanwhile; and over one that has not.
        assert [next_token(server) for _ in range(5)] == [6, 7, 8, 9, 10]
        back = other.call("GET", "/v1/export").body
        assert server.call("POST", "/v1/import?replace=true", back).status == 200
        assert next_token(server) == 11
        more = json.dumps({"stackName": "a", "repoName": "r", "isAvailable": "x", "fencingToken": 100})
        assert server.call("POST", "/v1/import?replace=true", more).status == 200
        assert next_token(server) == 101


def test_an_export_keeps_what_is_known_of_a_stack_but_no_claim(server):
    add_stacks(server, "a", "b", "c", labels={"size": "large"}, attributes={"url": "https://a"}, note="n")
    release(server, claim(server, stackName="a"), outcome="failed", deployed={"branch": "main", "commit": "1"}, note="x")
    made = claim(server, stackName="b")
    release(server, claim(server, stackName="c"), keepSeconds=6000)
    lines = server.call("GET", "/v1/export")
    assert made["claimId"].partition(".")[0] not in lines.text
    with Server(store="memory:") as other:
        assert other.call("POST", "/v1/import", lines.body).status == 200
        ours, theirs = server.stacks(), other.stacks()
        for name in "abc":
            for field in ("state", "fencingToken", "labels", "attributes", "note", "deployed", "lastEnd", "heldUntil"):
                assert theirs[name][field] == ours[name][field], (name, field)
        assert theirs["b"]["claim"] is None  # a seed claim, which the sweep ends


def test_over_a_back_up_and_its_restore(server, tmp_path):
    add_stacks(server, "a", "b")
    assert next_token(server) == 1
    kept = claim(server, stackName="b", leaseSeconds=86400)
    target = tmp_path / "backup.db"
    done = run_cli("backup", "--store", server.store, target)
    assert done.returncode == 0, done.stderr
    assert [next_token(server) for _ in range(3)] == [2, 3, 4]  # given out after the back-up
    assert server.stop() == 0
    done = run_cli("restore", "--store", server.store, target)
    assert done.returncode == 0, done.stderr
    server.start()
    assert next_token(server) == 1_000_002
    # The claim of the back-up is still its owner's, and its end is told of that claim.
    assert server.call("GET", f"/v1/claims/{kept['claimId']}").status == 200
    assert release(server, kept)["stackName"] == "b"
    tokens = [event["fencingToken"] for event in history(server, "a") if event["kind"] == "claimed"]
    assert tokens == [1, 1_000_002]
