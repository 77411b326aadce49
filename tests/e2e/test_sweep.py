"""The scheduled release and removal, at once and by the clock."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

from server import Server, run_cli, wait_until
from tables import put_stack_back, query

HOUR_US = 3_600_000_000


def swept(**counts):
    """What a sweep answers that ended these, and nothing else."""
    return {"released": 0, "expired": 0, "holdsEnded": 0, "removed": 0, **counts}


def restart_later(server, hours, marked=True):
    """Stops the server, and starts it as if that had been hours ago: all times in its file are that much
    older. Without `marked` only the stacks' are, as if the last sweep had just been."""
    assert server.stop() == 0
    path = server.data_file
    for (name,) in query(path, "SELECT stack_name FROM stacks"):
        put_stack_back(path, name, hours * HOUR_US)
    if marked:
        moved = query(path, "UPDATE marks SET value = value - ? WHERE key = 'last_scheduled_sweep_us' RETURNING key",
                      hours * HOUR_US)
        assert moved, "the time of the last sweep is not in the file"
    server.start()


def hourly():
    """A cron expression that was due within the last hour and is so again in 23 hours: a test that runs at the
    full hour must not meet it."""
    return f"0 {datetime.now(timezone.utc).hour} * * *"


def noted(server):
    """Waits until the server has written down that it has started, from which missed sweeps are counted."""
    wait_until(lambda: query(server.data_file, "SELECT * FROM marks"), what="noting the first start")


def test_a_sweep_releases_what_was_claimed_for_too_long_and_nothing_else(server):
    server.create("old", available=False)
    server.create("free")
    assert server.call("POST", "/v1/sweep").json() == swept()
    restart_later(server, 3, marked=False)
    server.create("young", available=False)
    assert server.call("POST", "/v1/sweep").json() == swept(released=1)
    stacks = server.stacks()
    assert {name: stack["state"] for name, stack in stacks.items()} == {
        "old": "available", "free": "available", "young": "claimed"}
    assert server.call("POST", "/v1/sweep").json() == swept()
    assert server.call("PUT", "/claim-stack/old").status == 200


def test_the_sweep_command_does_the_same(server):
    server.create("old", available=False)
    restart_later(server, 3, marked=False)
    done = run_cli("sweep", server=server)
    assert (done.returncode, done.stdout) == (0, "released 1\nexpired 0\nholds ended 0\nremoved 0\n")


def test_without_a_sweep_an_old_claim_stays(server):
    server.create("old", available=False)
    restart_later(server, 3, marked=False)
    assert server.stacks()["old"]["state"] == "claimed"
    assert server.call("PUT", "/claim-stack/old").status == 400  # as by the original


def test_a_sweep_sees_the_whole_of_a_large_table():
    with Server("--expiry-seconds", "1") as server:
        for start in range(0, 3000, 500):
            lines = "".join(f'{{"stackName":"s{n:04}","repoName":"r","lastUsed":"2020-01-01T00:00:00"}}\n'
                            for n in range(start, start + 500))
            assert server.call("POST", "/v1/import", lines).status == 200
        assert server.call("POST", "/v1/sweep").json() == swept(released=3000)
        assert {stack["state"] for stack in server.stacks().values()} == {"available"}


def test_a_sweep_that_was_missed_is_made_up_for_at_the_next_start():
    with Server("--release-unused-at", hourly()) as server:
        server.create("old", available=False)
        server.create("free")
        noted(server)
        restart_later(server, 5)
        wait_until(lambda: server.stacks()["old"]["state"] == "available", what="the sweep")
        event = server.wait_for_event("sweep")
        assert (event["released"], event["removed"]) == (1, 0)


def test_a_sweep_that_was_not_missed_is_not_repeated_at_the_next_start():
    """29 February: it is due in years."""
    with Server("--release-unused-at", "0 0 29 2 *") as server:
        server.create("old", available=False)
        noted(server)
        restart_later(server, 5, marked=False)
        time.sleep(1.5)
        assert server.stacks()["old"]["state"] == "claimed"
        assert not server.events("sweep")


def test_a_young_claim_outlives_a_missed_sweep():
    with Server("--release-unused-at", hourly()) as server:
        server.create("young", available=False)
        noted(server)
        server.stop()
        query(server.data_file, "UPDATE marks SET value = value - ?", 5 * HOUR_US)
        server.start()
        assert server.wait_for_event("sweep")["released"] == 0
        assert server.stacks()["young"]["state"] == "claimed"


def test_unused_stacks_are_removed_only_when_that_is_on():
    with Server() as server:
        server.create("unused")
        server.stop()
        put_stack_back(server.data_file, "unused", 24 * 3650 * HOUR_US)
        server.start()
        assert server.call("POST", "/v1/sweep").json() == swept()


def test_a_stack_that_was_unused_for_too_long_is_removed_but_never_one_in_use():
    with Server("--remove-unused-after", "1h", "--expiry-seconds", "30d", "--release-unused-at", hourly()) as server:
        for name, available in (("unused", True), ("recent", True), ("in-use", False)):
            server.create(name, available=available)
        server.call("PUT", "/claim-stack/unused")
        server.call("PUT", "/release-stack/unused")
        noted(server)
        server.stop()
        put_stack_back(server.data_file, "unused", 2 * HOUR_US)
        put_stack_back(server.data_file, "in-use", 2 * HOUR_US)
        query(server.data_file, "UPDATE marks SET value = value - ?", 2 * HOUR_US)
        server.start()
        assert server.wait_for_event("sweep")["removed"] == 1
        event = server.wait_for_event("stack_removed_unused")
        assert event["stack"] == "unused" and "real stack" in event["detail"]
        assert server.stacks().keys() == {"recent", "in-use"}
        server.create("unused")
        assert server.stacks()["unused"]["fencingToken"] == 1  # it goes on counting


def test_a_sweep_and_claims_at_once_take_nothing_from_a_new_owner():
    """While the sweep goes over the table others release and claim: each claim that was acknowledged stays."""
    with Server("--expiry-seconds", "1d", store="memory:") as server:
        for first in range(0, 6000, 500):
            lines = "".join(f'{{"stackName":"s{n:04}","repoName":"r","lastUsed":"2020-01-01T00:00:00"}}\n'
                            for n in range(first, first + 500))
            assert server.call("POST", "/v1/import", lines).status == 200

        def claim_again(worker):
            kept = []
            with server.connect() as connection:
                for n in range(worker, 6000, 40):
                    connection.call("PUT", f"/release-stack/s{n:04}")
                    if connection.call("PUT", f"/claim-stack/s{n:04}").status == 200:
                        kept.append(f"s{n:04}")
            return kept

        with ThreadPoolExecutor(5) as pool:
            workers = [pool.submit(claim_again, worker) for worker in range(4)]
            sweeps = [pool.submit(server.call, "POST", "/v1/sweep") for _ in range(3)]
            kept = [name for worker in workers for name in worker.result()]
            assert sum(sweep.result().json()["released"] for sweep in sweeps) > 0
        assert len(kept) == 600
        stacks = server.stacks()
        assert [name for name in kept if stacks[name]["state"] != "claimed"] == []
        assert sum(stack["state"] == "claimed" for stack in stacks.values()) == 600


def test_a_sweep_leaves_what_was_claimed_again():
    """The sweep re-checks each record: one that was claimed again meanwhile stays with its new holder."""
    with Server("--expiry-seconds", "1d") as server:
        lines = "".join(f'{{"stackName":"s{n:04}","repoName":"r","lastUsed":"2020-01-01T00:00:00"}}\n'
                        for n in range(500))
        assert server.call("POST", "/v1/import", lines).status == 200
        with server.connect() as connection:
            for n in range(400, 500):  # released and claimed again: young now
                connection.call("PUT", f"/release-stack/s{n:04}")
                connection.call("PUT", f"/claim-stack/s{n:04}")
        assert server.call("POST", "/v1/sweep").json() == swept(released=400)
        states = [stack["state"] for _, stack in sorted(server.stacks().items())]
        assert states == ["available"] * 400 + ["claimed"] * 100
