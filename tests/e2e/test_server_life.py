"""Starting, stopping, starting again, and what the log says of it."""

import json
import os
import re
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest
from raw import RawConnection
from server import (PATIENCE_SECONDS, TOKEN, Connection, Server, binary, clean_environment, free_port,
                    wait_until)


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_under_load_loses_nothing_and_leaves_one_file(by):
    with Server() as server:
        for number in range(8):
            server.create(f"s{number}")
        acknowledged = {f"s{number}": 0 for number in range(8)}

        def claim_and_release(name):
            with Connection(server.port) as connection:
                try:
                    while True:
                        if connection.call("PUT", f"/claim-stack/{name}").status == 200:
                            acknowledged[name] += 1
                        connection.call("PUT", f"/release-stack/{name}")
                except (OSError, AttributeError):
                    return
                except Exception as error:  # http.client's: the connection ended between two answers
                    assert "Remote" in type(error).__name__ or "BadStatus" in type(error).__name__, error

        threads = [threading.Thread(target=claim_and_release, args=(name,)) for name in acknowledged]
        for thread in threads:
            thread.start()
        wait_until(lambda: all(acknowledged.values()), what="a claim by each")
        assert server.stop(by=by) == 0
        for thread in threads:
            thread.join()
        wal = server.folder / "bdd-lock.db-wal"
        assert not wal.exists() or wal.stat().st_size == 0
        assert [event["event"] for event in server.events() if event["event"] != "access"][-2:] \
            == ["stopping", "stopped"]
        server.start()
        stacks = server.stacks()
        for name, count in acknowledged.items():
            # The last claim may have been made though its answer did not go out any more.
            assert stacks[name]["fencingToken"] in (count, count + 1)


HEALTH = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"


def test_a_stop_does_not_wait_for_an_idle_connection():
    with Server("--drain-timeout", "10m", "--idle-timeout", "1h") as server, RawConnection(server.port) as connection:
        connection.send(HEALTH)
        assert connection.read_answer().status == 200
        assert server.stop() == 0


@pytest.mark.parametrize("held", ["half a request", "a deaf client"])
def test_a_stop_does_not_wait_for_ever_for_a_client(held):
    limits = ("--drain-timeout", "1s", "--request-timeout", "1h", "--idle-timeout", "1h")
    with Server(*limits) as server, RawConnection(server.port, receive_buffer=4096) as connection:
        connection.send(HEALTH)
        assert connection.read_answer().status == 200
        if held == "half a request":
            connection.send(b"PUT /claim-stack/a HTTP/1.1\r\nHo")
        else:
            connection.send(b"GET /openapi.json HTTP/1.1\r\nHost: h\r\n\r\n" * 60)
            assert connection.socket.recv(1) == b"H"
        assert server.stop() == 0


def test_a_stop_is_no_trouble():
    """What the server does by the clock, ten times a second, may have begun just before."""
    with Server(store="memory:") as server:
        for _ in range(15):
            assert server.stop() == 0
            assert [event for event in server.events() if event["level"] == "error"] == []
            server.start()


def test_a_second_signal_does_no_harm(server):
    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGINT)
    assert server.wait_end() == 0


def test_while_it_stops_it_takes_no_new_connection(server):
    assert server.stop() == 0
    with pytest.raises(ConnectionRefusedError):
        server.call("GET", "/healthz")


def test_a_restart_keeps_everything(server):
    for number in range(50):
        server.create(f"s{number:02}", repo=f"r{number % 3}", available=number % 4 > 0)
    server.call("DELETE", "/v1/stacks/s01")
    for _ in range(3):
        server.call("PUT", "/claim-stack/s02")
        server.call("PUT", "/release-stack/s02")
    before = (server.export(), server.stacks())
    assert server.stop() == 0
    server.start()
    assert (server.export(), server.stacks()) == before
    server.kill()
    server.start()
    assert (server.export(), server.stacks()) == before


def test_memory_keeps_nothing():
    with Server(store="memory:") as server:
        server.create("a")
        assert server.stop() == 0
        server.start()
        assert server.stacks() == {}


def test_the_log_is_a_json_object_a_line_for_each_request_and_event(server):
    server.create('quo"te')
    server.call("PUT", "/claim-stack/quo%22te?x=%0Ainjected")
    server.call("PUT", "/claim-stack/nope")
    server.call("GET", "/nope", token=None)
    server.call("GET", "/get-available/r", token="wrong")
    assert server.stop() == 0
    server.check_log()
    access = [event for event in server.events("access") if event["target"] != "/readyz"]
    assert [(entry["method"], entry["status"], entry.get("code")) for entry in access] == [
        ("POST", 200, None), ("PUT", 200, None), ("PUT", 400, "stack_unknown"), ("GET", 404, "path_unknown"),
        ("GET", 403, "forbidden")]
    assert all(isinstance(entry["us"], int) and entry["bytes"] > 0 and entry["peer"] for entry in access)
    started = server.events("started")[0]
    assert started["endpoint"] == server.endpoint and started["store"].startswith("sqlite:")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", started["at"])


def test_no_request_can_forge_a_line_of_the_log(server):
    """Control characters, quotes and bytes that are no UTF-8, raw in the target."""
    for target in (b"/a\xff\xfe", b"/\"},{\"event\":\"forged\"", b"/\xc2\x85", b"/\xe2\x80\xa8x"):
        with RawConnection(server.port) as connection:
            connection.send(b"GET " + target + b" HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            connection.read_answer()
    assert server.stop() == 0
    for line in server.log_path.read_bytes().splitlines():
        json.loads(line.decode("utf-8"))
    assert not server.events("forged")


def test_the_log_is_readable_text_when_asked():
    with Server("--log-format", "text") as server:
        server.create("a")
        assert server.stop() == 0
        lines = server.log().splitlines()
        assert all(re.match(r"\d{4}-\d\d-\d\dT\S+Z (info|warning|error) ", line) for line in lines), lines
        assert any(" access " in line and "status=200" in line for line in lines)


def test_the_access_log_can_be_turned_off():
    with Server("--access-log", "off") as server:
        server.create("a")
        assert server.stop() == 0
        assert not server.events("access") and server.events("started")


def test_a_log_that_nobody_reads_stops_nothing():
    """Its pipe is full after 64 KiB; requests must go on."""
    port = free_port()
    process = subprocess.Popen([binary(), "serve", "--listen", f"127.0.0.1:{port}", "--store", "memory:"],
                               env=clean_environment(BDD_LOCK_TABLE_AUTH_TOKEN=TOKEN), stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    try:
        def answers():
            try:
                with Connection(port) as connection:
                    return connection.call("GET", "/healthz").status == 200
            except OSError:
                return False

        wait_until(answers, what="the start")
        with Connection(port) as connection:
            for _ in range(2000):
                assert connection.call("GET", "/get-available/" + "r" * 100).status == 200
        process.stdout.close()  # a reader that goes away is no reason to end either
        with Connection(port) as connection:
            for _ in range(500):
                assert connection.call("GET", "/get-available/r").status == 200
        assert answers()
    finally:
        process.kill()
        process.wait()


def test_a_log_that_nobody_reads_does_not_hold_up_the_end():
    with tempfile.TemporaryDirectory() as folder:
        fifo = Path(folder) / "log"
        os.mkfifo(fifo)
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        port = free_port()
        with open(fifo, "wb") as log:
            process = subprocess.Popen(
                [binary(), "serve", "--listen", f"127.0.0.1:{port}", "--store", "memory:"],
                env=clean_environment(BDD_LOCK_TABLE_AUTH_TOKEN=TOKEN), stdout=log, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: serves(port), what="the start")
            with Connection(port) as connection:
                for _ in range(2000):
                    connection.call("GET", "/get-available/" + "r" * 100)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_SECONDS) == 0
        finally:
            process.kill()
            process.wait()
            os.close(reader)


def serves(port):
    try:
        with Connection(port) as connection:
            return connection.call("GET", "/healthz").status == 200
    except OSError:
        return False


def test_a_terminal_that_goes_away_ends_it_properly(server):
    server.process.send_signal(signal.SIGHUP)
    assert server.wait_end() == 0
    assert server.events("stopped")


def test_a_token_file_that_becomes_a_pipe_without_a_writer_stops_nothing(tmp_path):
    tokens = tmp_path / "tokens"
    tokens.write_text(TOKEN)
    tokens.chmod(0o600)
    with Server("--auth-token-file", tokens, token=None) as server:
        os.mkfifo(tmp_path / "pipe")
        os.replace(tmp_path / "pipe", tokens)
        wait_until(lambda: server.events("tokens_not_read"), what="the look at the file")
        assert server.call("GET", "/get-available/r").status == 200


def test_port_0_takes_a_free_port_and_the_log_says_which():
    process = subprocess.Popen([binary(), "serve", "--listen", "127.0.0.1:0", "--store", "memory:"],
                               env=clean_environment(BDD_LOCK_TABLE_AUTH_TOKEN=TOKEN), stdout=subprocess.PIPE)
    try:
        started = json.loads(process.stdout.readline())
        assert started["event"] == "started"
        with Connection(int(started["endpoint"].rpartition(":")[2])) as connection:
            assert connection.call("GET", "/healthz").status == 200
    finally:
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0
        process.stdout.close()
