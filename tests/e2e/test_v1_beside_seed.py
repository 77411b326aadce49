"""Both APIs on one table: each sees what the other does, and neither takes a stack from the other's user."""

import pytest
from lending import (Waiting, add_stacks, ask, claim, history, kinds, on_claim, on_stack, queue, refused, release, stack)
from server import Server, wait_until


def seed_claim(server, name):
    return server.call("PUT", f"/claim-stack/{name}").status


def seed_release(server, name):
    return server.call("PUT", f"/release-stack/{name}").status


def seed_lists(server, repo="r"):
    return [entry["stackName"] for entry in server.call("GET", f"/get-available/{repo}").json().get("results", [])]


def test_a_seed_claim_shows_up_without_a_holder(any_server):
    any_server.create("a")
    assert seed_claim(any_server, "a") == 200
    shown = stack(any_server, "a")
    assert (shown["state"], shown["claim"], shown["fencingToken"]) == ("claimed", None, 1)
    told = refused(ask(any_server, stackName="a"), 409, "stack_unavailable")
    assert told["state"] == "claimed" and not {"holder", "expiresAt"} & told.keys()
    refused(ask(any_server), 409, "none_available")


def test_a_v1_claim_is_not_available_to_the_seeds_api(any_server):
    add_stacks(any_server, "a", "b")
    made = claim(any_server, stackName="a")
    assert seed_lists(any_server) == ["b"]
    assert seed_claim(any_server, "a") == 400
    assert on_claim(any_server, made, "extend").status == 200


def test_a_late_release_by_name_cannot_free_a_v1_claim(any_server):
    """The seed's client was swept away, and does not know that the stack is somebody else's by now."""
    any_server.create("a")
    assert seed_claim(any_server, "a") == 200
    assert on_stack(any_server, "a", "release", fencingToken=1).status == 200
    made = claim(any_server)
    before = (stack(any_server, "a"), history(any_server))
    answer = any_server.call("PUT", "/release-stack/a")
    assert (answer.status, answer.text) == (400, '{"error": "Transaction Cancelled"}')
    assert (stack(any_server, "a"), history(any_server)) == before
    assert on_claim(any_server, made, "extend").status == 200


def test_a_release_by_name_ends_a_hold(any_server):
    add_stacks(any_server, "a")
    release(any_server, claim(any_server), keepSeconds=600)
    assert (seed_lists(any_server), seed_claim(any_server, "a")) == ([], 400)
    assert seed_release(any_server, "a") == 200
    assert seed_claim(any_server, "a") == 200


def test_neither_api_lends_a_disabled_stack(any_server):
    add_stacks(any_server, "a")
    any_server.call("PATCH", "/v1/stacks/a", {"disabled": {"reason": "upgrade", "when": "now"}})
    assert (seed_lists(any_server), seed_claim(any_server, "a"), seed_release(any_server, "a")) == ([], 400, 400)
    assert stack(any_server, "a")["state"] == "disabled"


def test_the_seeds_api_counts_a_lease_that_is_over_as_free(any_server):
    add_stacks(any_server, "a")
    late = claim(any_server, leaseSeconds=1)
    wait_until(lambda: seed_claim(any_server, "a") == 200, 20, "the end of the lease")
    assert stack(any_server, "a")["fencingToken"] == 2
    assert refused(on_claim(any_server, late, "release"), 410, "claim_lost")["endReason"] == "expired"
    assert kinds(any_server, "a") == ["created", "claimed", "expired", "claimed"]


def test_a_seed_claim_waits_for_nobody_and_its_release_hands_the_stack_to_the_line(any_server):
    add_stacks(any_server, "a")
    made = claim(any_server)
    first, second = Waiting(any_server, "q1"), Waiting(any_server, "q2")
    assert on_stack(any_server, "a", "release", fencingToken=1).status == 200
    taken = first.claim()
    add_stacks(any_server, "b", repo="elsewhere")
    assert seed_claim(any_server, "b") == 200  # no line there
    assert on_claim(any_server, made, "extend").status == 410
    release(any_server, taken)
    assert second.claim()["fencingToken"] == 3
    assert queue(any_server) == []


def test_a_seed_client_in_the_queues_way_gives_its_stack_to_the_first_in_line(any_server):
    any_server.create("a")
    assert seed_claim(any_server, "a") == 200
    line = [Waiting(any_server, name) for name in ("q1", "q2")]
    assert seed_release(any_server, "a") == 200
    assert line[0].claim()["fencingToken"] == 2 and not line[1].is_over
    # It is q1's now: the seed's client sees it as anybody's.
    assert (seed_lists(any_server), seed_release(any_server, "a")) == ([], 400)


@pytest.mark.parametrize("ends", [False, True])
def test_a_release_by_name_ends_claims_where_that_is_set(ends):
    flags = ["--seed-release-ends-claims"] if ends else []
    with Server(*flags, store="memory:") as server:
        add_stacks(server, "a")
        made = claim(server)
        assert seed_release(server, "a") == (200 if ends else 400)
        if not ends:
            assert on_claim(server, made, "extend").status == 200
            return
        assert refused(on_claim(server, made, "extend"), 410, "claim_lost")["endReason"] == "seed_released"
        assert stack(server, "a")["lastEnd"]["reason"] == "seed_released"


def test_the_setting_has_a_variable():
    with Server(store="memory:", env={"BDD_LOCK_SEED_RELEASE_ENDS_CLAIMS": "true"}) as server:
        add_stacks(server, "a")
        claim(server)
        assert seed_release(server, "a") == 200


def test_the_scheduled_sweep_leaves_v1_claims_and_hands_what_it_frees_to_the_line():
    with Server("--expiry-seconds", "1") as server:
        add_stacks(server, "a")
        server.create("b", available=False)
        made = claim(server, stackName="a")
        waiting = Waiting(server, "q")
        counts = wait_until(lambda: (lambda swept: swept["released"] and swept)(
            server.call("POST", "/v1/sweep").json()), 20, "the sweep")
        assert counts == {"released": 1, "expired": 0, "holdsEnded": 0, "removed": 0}
        assert waiting.claim()["stackName"] == "b"
        assert on_claim(server, made, "extend").status == 200
        assert kinds(server, "b") == ["created", "swept", "claimed"]


def test_both_apis_at_once_never_share_a_stack(any_server):
    """The seed's loop and v1's queue take turns on three stacks, in threads."""
    import threading

    add_stacks(any_server, *"abc")
    holders, wrong, turns = {}, [], []

    def use(name, who):
        if holders.setdefault(name, who) != who:
            wrong.append((name, who, dict(holders)))
        turns.append(name)
        holders.pop(name, None)

    def seed_job(number):
        for _ in range(15):
            for name in "abc":
                if seed_claim(any_server, name) == 200:
                    use(name, ("seed", number))
                    if seed_release(any_server, name) != 200:
                        wrong.append((name, "not released"))
                    break

    def v1_job(number):
        for turn in range(15):
            answer = ask(any_server, requestId=f"job-{number}-{turn}", waitSeconds=30)
            [made] = answer.json()["claims"]
            use(made["stackName"], ("v1", number))
            if release(any_server, made)["held"]:
                wrong.append(made)

    jobs = [threading.Thread(target=job, args=(number,)) for job in (seed_job, v1_job) for number in range(4)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert wrong == []
    stacks = any_server.stacks().values()
    assert {item["state"] for item in stacks} == {"available"}
    assert sum(item["fencingToken"] for item in stacks) == len(turns) >= 60
