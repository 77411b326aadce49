"""This server and the original on one table: every use that this server makes of a stack, met by every write that
the original makes, and the other way round. What both promise is in the design's section on DynamoDB."""

from contextlib import contextmanager

import pytest
from dynamodb_calls import DynamoDbCalls
from lending import add_stacks, ask, claim, history, kinds, on_claim, refused, release, stack
from original import EXPIRY_SECONDS, Original, parse
from server import Server

LEASE = 600  # seconds
LATER = EXPIRY_SECONDS + 60
SERVER_EXPIRY = "1s"


@contextmanager
def on_one_table(dynamodb, *arguments):
    table = dynamodb.new_table()
    with Server(*arguments, store=f"dynamodb:{table}", env=dynamodb.env) as server, \
            Original(dynamodb.port, table) as original:
        yield server, original


@pytest.fixture(scope="module")
def both(dynamodb):
    """For tests that use a stack and a repo of their own."""
    with on_one_table(dynamodb) as pair:
        yield pair


@pytest.fixture
def name(request):
    """Of the test's stack and repo."""
    return "".join(c if c.isalnum() else "-" for c in request.node.name)


def v1_claim(server, name):
    return claim(server, name, leaseSeconds=LEASE, requestId="mine")


def seed_claim(server, name):
    assert server.call("PUT", f"/claim-stack/{name}").status == 200


def hold(server, name):
    made = v1_claim(server, name)
    release(server, made, keepSeconds=LEASE)
    return made


def disabled(server, name):
    answer = server.call("PATCH", f"/v1/stacks/{name}", {"disabled": {"reason": "broken", "when": "now"}})
    assert answer.status == 200, answer


USES = {"v1 claim": v1_claim, "seed claim": seed_claim, "hold": hold, "disabled": disabled}
each_use = pytest.mark.parametrize("use", USES)


@each_use
def test_the_original_cannot_claim_or_create_what_is_in_use(both, name, use):
    server, original = both
    add_stacks(server, name, repo=name)
    USES[use](server, name)
    before = stack(server, name), history(server, name)
    assert original.available(name) == []
    assert not original.claim(name)
    assert not original.create(name, name)
    assert (stack(server, name), history(server, name)) == before


@each_use
def test_the_originals_sweep_leaves_alone_what_is_not_its_own(both, name, use):
    """Until long after the end of a claim, which this server sees to; it ends seed claims as it always did."""
    server, original = both
    add_stacks(server, name, repo=name)
    USES[use](server, name)
    assert name not in original.stale(ahead=EXPIRY_SECONDS - 60)
    is_due = name in original.stale(ahead=LATER)
    assert is_due == (use == "seed claim"), "the lease and the hold last for another while"
    if is_due:
        assert original.release(name), "what its sweep does"
        assert stack(server, name)["state"] == "available"
    assert (name in original.stale(ahead=LATER + LEASE)) == (use in ("v1 claim", "hold"))


def test_a_release_by_the_original_ends_a_claim_whose_owner_learns_of_it(both, name):
    server, original = both
    add_stacks(server, name, repo=name)
    made = v1_claim(server, name)
    assert original.release(name)
    assert stack(server, name)["state"] == "available"
    for verb, fields in (("extend", {}), ("release", {"outcome": "passed"})):
        lost = refused(on_claim(server, made, verb, **fields), 410, "claim_lost")
        assert lost["endReason"] == "seed_released"
    assert claim(server, name, requestId="next")["fencingToken"] == made["fencingToken"] + 1


@pytest.mark.parametrize("use", ["seed claim", "hold"])
def test_a_release_by_the_original_ends_what_a_release_by_name_ends(both, name, use):
    server, original = both
    add_stacks(server, name, repo=name)
    USES[use](server, name)
    assert original.release(name)
    assert not original.release(name), "once"
    after = stack(server, name)
    assert (after["state"], after["claim"], after["heldUntil"]) == ("available", None, None)
    assert claim(server, name)["stackName"] == name


def test_a_disabled_stack_that_the_original_releases_stays_disabled_and_is_repaired(both, name):
    server, original = both
    add_stacks(server, name, repo=name)
    disabled(server, name)
    assert original.release(name)
    after = stack(server, name)
    assert (after["state"], after["disabled"]["reason"]) == ("disabled", "broken")
    assert server.call("GET", f"/get-available/{name}").json()["results"] == []
    refused(ask(server, name), 409, "none_available")
    assert original.available(name) == [], "the look of a claim has put it right"
    assert not original.claim(name)
    assert stack(server, name)["disabled"]["reason"] == "broken"


@each_use
def test_a_claim_by_the_original_after_its_release_is_nobody_elses(both, name, use):
    """Release, claim, all without a version: whoever had the stack before must not end that claim."""
    server, original = both
    add_stacks(server, name, repo=name)
    made = USES[use](server, name)
    assert original.release(name)
    assert original.claim(name)
    after = stack(server, name)
    assert (after["state"], after["claim"]) == ("claimed", None)
    if made is not None:
        refused(on_claim(server, made, "extend"), 410, "claim_lost")
        if use == "v1 claim":
            refused(on_claim(server, made, "release", outcome="passed"), 410, "claim_lost")
    refused(ask(server, name), 409, "none_available")
    assert server.call("PUT", f"/claim-stack/{name}").status == 400
    assert stack(server, name) == after
    assert not original.claim(name)
    assert original.release(name)
    assert stack(server, name)["state"] == ("disabled" if use == "disabled" else "available")


def test_a_claim_of_the_original_is_released_by_either(both, name):
    server, original = both
    assert original.create(name, name)
    assert original.claim(name)
    refused(ask(server, name), 409, "none_available")
    assert server.call("PUT", f"/release-stack/{name}").status == 200
    assert original.available(name) == [name]
    assert original.claim(name)
    assert original.release(name)
    assert claim(server, name)["fencingToken"] == 1, "grants of the original have none"


def test_a_stack_that_the_original_creates_in_use_is_in_use(both, name):
    server, original = both
    assert original.create(name, name, available=False)
    assert stack(server, name)["state"] == "claimed"
    refused(ask(server, name), 409, "none_available")
    assert server.call("POST", "/v1/stacks", {"stackName": name, "repoName": name}).json()["code"] == "stack_exists"


def test_this_servers_sweep_ends_claims_of_the_original_and_leaves_those_that_came_after(dynamodb):
    with on_one_table(dynamodb, "--expiry-seconds", SERVER_EXPIRY) as (server, original):
        assert original.create("old", "r")
        assert original.claim("old")
        seconds_ago = parse(DynamoDbCalls(dynamodb.port).get(original.table, "old")["lastUsed"]["S"])
        swept = 0
        while not swept:
            swept = server.call("POST", "/v1/sweep").json()["released"]
        assert stack(server, "old")["state"] == "available"
        assert original.claim("old")
        assert server.call("POST", "/v1/sweep").json()["released"] == 0
        assert stack(server, "old")["state"] == "claimed"
        assert parse(DynamoDbCalls(dynamodb.port).get(original.table, "old")["lastUsed"]["S"]) > seconds_ago


@each_use
def test_the_original_can_parse_whatever_this_server_wrote(both, name, use):
    server, original = both
    add_stacks(server, name, repo=name)
    USES[use](server, name)
    parse(DynamoDbCalls(original.calls.http.port).get(original.table, name)["lastUsed"]["S"])


def test_a_waiting_job_gets_what_the_original_released(both, name):
    server, original = both
    assert original.create(name, name)
    assert original.claim(name)
    assert ask(server, name, requestId="waits").status == 409
    assert server.call("POST", f"/v1/repos/{name}/claims", {"requestId": "w", "waitSeconds": 1}).status == 202
    assert original.release(name)
    made = claim(server, name, requestId="w", waitSeconds=40)
    assert made["stackName"] == name
    assert kinds(server, name)[-1] in ("claimed", "collected")
