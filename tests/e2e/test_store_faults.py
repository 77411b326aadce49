"""A disk that is full, broken or slow under a running server: 503, nothing acknowledged is lost, nothing that
was reported as not done is there, and the server goes on by itself when the disk does."""

import contextlib
import signal
import threading
import time

import pytest
from faults import HELD, WITHOUT_SIGXFSZ, FileSizeLimit, SmallDisk, may_mount, meddle
from raw import RawConnection
from server import Connection, Server, binary, wait_until


@contextlib.contextmanager
def server_on_a_small_disk(tmp_path):
    """(server, disk): the disk can be filled and emptied."""
    if may_mount():
        with SmallDisk(tmp_path / "disk") as disk, Server(store=f"sqlite:{disk.folder}/bdd-lock.db") as server:
            yield server, disk
    else:
        with Server(program=[*WITHOUT_SIGXFSZ, binary()]) as server:
            yield server, FileSizeLimit(server)


def create_until_503(server, prefix):
    """(names that were acknowledged, names that got 503)"""
    done, failed = [], []
    with Connection(server.port) as connection:
        for number in range(20_000):
            name = f"{prefix}-{number:05}-{'x' * 200}"
            answer = connection.call("POST", "/create-stack",
                                     {"stackName": name, "repoName": "r", "isAvailable": True})
            if answer.status == 200:
                done.append(name)
                continue
            assert answer.status == 503, answer
            assert "Retry-After" in answer.headers
            failed.append((name, answer.json()["error"]))
            if len(failed) == 5:
                return done, failed
    raise AssertionError("the disk did not get full")


def test_a_full_disk_is_503_and_it_goes_on_when_there_is_room(tmp_path):
    with server_on_a_small_disk(tmp_path) as (server, disk):
        server.create("before")
        disk.fill()
        done, failed = create_until_503(server, "full")
        assert server.process.poll() is None
        assert server.call("GET", "/healthz").status == 200
        assert server.call("GET", "/v1/stacks/before").status == 200  # reading needs no room
        disk.make_room()
        wait_until(lambda: server.call("PUT", "/claim-stack/before").status == 200, what="going on")
        assert server.call("GET", "/readyz").status == 200
        check_table(server, done, failed)
        server.kill()
        server.start()
        check_table(server, done, failed)
        assert server.stacks()["before"]["state"] == "claimed"
        assert server.stop() == 0


def check_table(server, done, failed):
    names = server.stacks().keys()
    assert set(done) <= names
    not_done = {name for name, sentence in failed if "nothing was changed" in sentence}
    assert not not_done & names


@pytest.mark.parametrize("inject", ["fdatasync,fsync:error=EIO:when=1", "pwrite64:error=EIO:when=1",
                                    "pwrite64:error=ENOSPC:when=1"])
def test_a_write_that_fails_is_503_and_the_truth_is_the_same_after_a_crash(server, inject):
    for number in range(4):
        server.create(f"s{number}")
    before = server.stacks()
    with meddle(server, inject):
        answer = server.call("PUT", "/claim-stack/s0")
        assert answer.status == 503, answer
        sentence = answer.json()["error"]
        wait_until(lambda: server.call("PUT", "/claim-stack/s1").status == 200, what="recovery")
    assert server.call("GET", "/readyz").status == 200
    after = server.stacks()
    if "nothing was changed" in sentence:
        assert after["s0"] == before["s0"]
    assert after["s1"]["state"] == "claimed"
    server.kill()
    server.start()
    assert server.stacks() == after  # what was said to be unknown is settled, one way or the other
    assert server.call("PUT", "/claim-stack/s2").status == 200


def test_while_every_sync_fails_nothing_is_acknowledged(server):
    for number in range(8):
        server.create(f"s{number}")
    with meddle(server, "fdatasync,fsync:error=EIO"):
        for number in range(8):
            assert server.call("PUT", f"/claim-stack/s{number}").status == 503
        assert server.call("GET", "/readyz").status == 503
        assert server.call("GET", "/healthz").status == 200
        assert server.call("GET", "/v1/stacks/s0").status == 200
    wait_until(lambda: server.call("GET", "/readyz").status == 200, what="recovery")
    settled = server.stacks()
    # The first batch's outcome was unknown; what came after it was not even tried.
    assert sum(stack["state"] == "claimed" for stack in settled.values()) <= 1
    assert server.wait_for_event("trouble")["level"] == "error"
    server.kill()
    server.start()
    assert server.stacks() == settled


def test_an_unknown_outcome_is_told_from_a_failure_in_v1_too(server):
    with meddle(server, "fdatasync,fsync:error=EIO"):
        codes = [server.call("POST", "/v1/stacks", {"stackName": f"s{n}", "repoName": "r"}).json()["code"]
                 for n in range(3)]
    assert codes == ["outcome_unknown", "store_unavailable", "store_unavailable"]


def test_it_is_not_ready_while_its_file_is_away_and_ready_when_it_is_back(server):
    server.create("a")
    away = server.data_file.with_name("away.db")
    server.data_file.rename(away)
    assert server.call("PUT", "/claim-stack/a").status == 503
    until = time.monotonic() + 1.5  # several times the interval of recovery
    while time.monotonic() < until:
        assert server.call("GET", "/readyz").status == 503
        time.sleep(0.02)
    away.rename(server.data_file)
    wait_until(lambda: server.call("GET", "/readyz").status == 200, what="being ready again")
    assert server.call("PUT", "/claim-stack/a").status == 200


def in_thread(work):
    """Starts work() in a thread; gives the thread and a list for what it returns."""
    results = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    return thread, results


def test_a_slow_disk_delays_changes_and_nothing_else(server):
    server.create("a")
    with meddle(server, HELD) as begun:
        claim, answers = in_thread(lambda: server.call("PUT", "/claim-stack/a").status)
        wait_until(begun, what="the sync")
        assert server.call("GET", "/v1/stacks/a").json()["state"] == "available"  # not durable: not shown
        assert server.call("GET", "/get-available/r").status == 200
        assert answers == []
    claim.join()
    assert answers == [200]


def refuses_connections(server):
    try:
        RawConnection(server.port).close()
    except ConnectionRefusedError:
        return True
    return False


def test_a_stop_waits_for_what_is_in_flight():
    with Server("--drain-timeout", "10m") as server:
        server.create("a")
        with meddle(server, HELD) as begun:
            claim, answers = in_thread(lambda: server.call("PUT", "/claim-stack/a").status)
            wait_until(begun, what="the sync")
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: refuses_connections(server), what="the beginning of the stop")
            assert answers == []
        assert server.wait_end() == 0
        claim.join()
        assert answers == [200]
        server.start()
        assert server.stacks()["a"]["state"] == "claimed"


def test_many_changes_share_a_sync(server):
    """Group commit: while one sync is under way the changes of others queue up, and the next takes them all."""
    for number in range(32):
        server.create(f"s{number}")
    with meddle(server, "fdatasync,fsync:delay_enter=300000") as begun:
        claims = [in_thread(lambda n=n: server.call("PUT", f"/claim-stack/s{n}").status) for n in range(32)]
        for thread, _ in claims:
            thread.join()
        assert 0 < begun() < 16
    assert [answers for _, answers in claims] == [[200]] * 32
